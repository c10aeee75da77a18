"""The checks of `nas.testing` pass what is right, and find what is wrong."""

import random
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pytest
import torch

from nas.controllers import Controller, RandomSearch, RegularizedEvolution
from nas.errors import EvaluationFailed, FailureKind, ShapeError
from nas.ops import Conv, Cost, Identity, Linear, ReLU, Shape
from nas.space import Architecture, Space, parse_space
from nas.testing import FailingEvaluator, MatchEvaluator, check_controller, check_evaluator, check_op
from nas.trial import Metrics, Proposal, Trial

if TYPE_CHECKING:
    from torch import nn

TEXT = """
input: [4]
layers: [{repeat: {choice: [1, 2]}, of: [{linear: {units: {choice: [1, 2, 3]}}}]}, {choice: [relu, gelu]}]
"""


@pytest.fixture(scope="module")
def space() -> Space:
    return parse_space(TEXT)


@pytest.fixture(scope="module")
def arch(space: Space) -> Architecture:
    return space.sample(np.random.default_rng(0))


def test_importing_it_needs_no_torch() -> None:
    code = "import sys, nas.testing; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_match_counts_the_decisions_that_agree(space: Space) -> None:
    target = space.rebuild({"0.repeat": 2, "0.0.0.linear.units": 1, "0.1.0.linear.units": 2, "1": "relu"})
    evaluator = MatchEvaluator(target)

    def score(**decisions: Any) -> Any:
        return evaluator(space.rebuild(decisions), epochs=None, seed=0)["val_acc"]

    assert evaluator(target, epochs=None, seed=0)["val_acc"] == 1
    assert score(**{"0.repeat": 1, "0.0.0.linear.units": 1, "1": "relu"}) == 0.5
    assert score(**{"0.repeat": 1, "0.0.0.linear.units": 3, "1": "gelu"}) == 0
    assert max(evaluator(arch, epochs=None, seed=0)["val_acc"] for arch in space) == 1


def test_match_of_no_decisions() -> None:
    (only,) = parse_space("input: [4]\nlayers: [relu]")
    assert MatchEvaluator(only)(only, epochs=None, seed=0)["val_acc"] == 1


def test_failing_follows_from_the_seed(arch: Architecture) -> None:
    evaluator = FailingEvaluator(MatchEvaluator(arch), every=4, kind=FailureKind.OOM_HOST)
    for seed in range(20):
        if seed % 4:
            assert evaluator(arch, epochs=None, seed=seed)["val_acc"] == 1
        else:
            with pytest.raises(EvaluationFailed, match=r"^OOM_HOST: "):
                evaluator(arch, epochs=None, seed=seed)


def test_right_ops_pass() -> None:
    check_op(Conv(8), (3, 8, 8), (3, 8), (5,))
    check_op(Linear(3), (7,))
    check_op(ReLU())


@dataclass(frozen=True)
class Wrong(Linear):
    """A linear layer, for the ops below to spoil."""

    name: ClassVar[str] = "wrong"


class WrongShape(Wrong):
    def shape(self, input: Shape) -> Shape:
        super().shape(input)
        return (self.units + 1,)


class WrongParams(Wrong):
    def cost(self, input: Shape) -> Cost:
        return super().cost(input)._replace(params=1)


class WrongMacs(Wrong):
    def cost(self, input: Shape) -> Cost:
        return super().cost(input)._replace(macs=1)


class WrongError(Wrong):
    def shape(self, input: Shape) -> Shape:
        if len(input) != 1:
            raise ValueError("not flat")
        return (self.units,)


class AcceptsTooMuch(Wrong):
    def shape(self, input: Shape) -> Shape:
        return (self.units,)

    def module(self, input: Shape) -> "nn.Module":
        return torch.nn.Linear(input[0], self.units)


class Silent(Wrong):
    def shape(self, input: Shape) -> Shape:
        if len(input) != 1:
            raise ShapeError
        return (self.units,)


class WrongIdentity(Wrong):
    def is_identity(self, input: Shape) -> bool:
        return True


@dataclass(frozen=True)
class Negative(Identity):
    """Says that it is the identity, and is not."""

    name: ClassVar[str] = "negative"

    def module(self, input: Shape) -> "nn.Module":
        return torch.nn.Hardtanh(-0.5, 0.5)


class Opened(Wrong):
    def __setattr__(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)


@dataclass(frozen=True, eq=False)
class Unequal(Linear):
    name: ClassVar[str] = "unequal"

    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        return self is other


@dataclass(frozen=True)
class Tupled(Linear):
    name: ClassVar[str] = "tupled"
    sizes: tuple[int, ...] = ()


@dataclass(frozen=True)
class Misnamed(Linear):
    name: ClassVar[str] = "misnamed"

    @property
    def text(self) -> str:
        return "linear(units=3)"


class TwoOutputs(Wrong):
    def module(self, input: Shape) -> "nn.Module":
        return torch.nn.GRU(input[0], self.units)


@pytest.mark.parametrize(
    ("op", "message"),
    [
        (WrongShape(3), r"wrong\(units=3\) on \(7,\): shape says \(4,\), got \(3,\)"),
        (WrongParams(3), r"wrong\(units=3\) on \(7,\): cost says 1 parameters, the module has 24"),
        (WrongMacs(3), r"wrong\(units=3\) on \(7,\): cost says 1 MACs, the module has 21"),
        (WrongError(3), r"refuses \(4, 9\) with ValueError\('not flat'\), expected a ShapeError"),
        (AcceptsTooMuch(3), r"wrong\(units=3\) accepts \(4, 9\), and its module fails on it"),
        (Silent(3), r"wrong\(units=3\) refuses \(4, 9\) without saying why"),
        (WrongIdentity(7), r"says it is the identity on \(7,\), and costs Cost\(params=56, macs=49\)"),
        (Negative(), r"negative says it is the identity on \(7,\), and its module changes what it is given"),
        (Opened(3), r"Opened is not frozen: its units can be set"),
        (Unequal(3), r"unequal\(units=3\) is not equal to an op with the same arguments"),
        (Tupled(3, sizes=(1, 2)), r"'tupled\(units=3, sizes=\(1, 2\)\)' cannot be read back: "),
        (Misnamed(3), r"the text of misnamed begins with 'linear'"),
        (TwoOutputs(3), r"wrong\(units=3\)"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_wrong_ops_are_found(op: Linear, message: str) -> None:
    with pytest.raises(AssertionError, match=message):
        check_op(op, (7,))


def test_an_op_must_fit_one_of_the_inputs_that_are_given() -> None:
    with pytest.raises(AssertionError, match=r"^linear\(units=3\) fits none of \(2, 3\), \(2, 3, 4\)$"):
        check_op(Linear(3), (2, 3), (2, 3, 4))


def test_right_controllers_pass(space: Space) -> None:
    check_controller(lambda: RandomSearch(space), space)
    check_controller(lambda: RegularizedEvolution(space, population=5, tournament=2), space, trials=15)


class _Spoilt(RegularizedEvolution):
    """A controller that is right, for those below to spoil."""

    def __init__(self, space: Space) -> None:
        super().__init__(space, population=5, tournament=2)
        self.asked = 0


class CountsAsks(_Spoilt):
    def ask(self, rng: np.random.Generator, pending: Sequence[Proposal] = ()) -> Proposal:
        self.asked += 1
        return super().ask(np.random.default_rng(self.asked), pending)


class RemembersPending(_Spoilt):
    def ask(self, rng: np.random.Generator, pending: Sequence[Proposal] = ()) -> Proposal:
        self.asked += len(pending)
        return super().ask(np.random.default_rng(self.asked) if self.asked else rng)


class LearnsFromAsks(_Spoilt):
    """What it was asked is kept until it is told: asking twice shows nothing, telling a new one does."""

    known: tuple[Proposal, ...] = ()

    def ask(self, rng: np.random.Generator, pending: Sequence[Proposal] = ()) -> Proposal:
        if self._told >= 5 and self.known and not pending:
            return self.known[-1]
        proposal = super().ask(rng, pending)
        if not pending:
            self.known = (proposal,)
        return proposal


class SeedsPython(_Spoilt):
    def ask(self, rng: np.random.Generator, pending: Sequence[Proposal] = ()) -> Proposal:
        random.seed(0)
        return super().ask(rng, pending)


class DrawsFromNumpy(_Spoilt):
    def tell(self, trial: Trial) -> None:
        np.random.random_sample()
        super().tell(trial)


class DrawsFromTorch(_Spoilt):
    def tell(self, trial: Trial) -> None:
        torch.rand(1)
        super().tell(trial)


class NeedsScores(_Spoilt):
    def tell(self, trial: Trial) -> None:
        assert trial.score is not None, "a failed trial"
        super().tell(trial)


class NeedsAnyScore(_Spoilt):
    def ask(self, rng: np.random.Generator, pending: Sequence[Proposal] = ()) -> Proposal:
        if self._told > 5 and not self._alive:
            raise AssertionError("nobody is alive")
        return super().ask(rng, pending)


class Outsider(_Spoilt):
    def ask(self, rng: np.random.Generator, pending: Sequence[Proposal] = ()) -> Proposal:
        return Proposal(parse_space("input: [4]\nlayers: [{name: a, choice: [relu, gelu]}]").sample(rng))


class Forger(_Spoilt):
    def ask(self, rng: np.random.Generator, pending: Sequence[Proposal] = ()) -> Proposal:
        arch = super().ask(rng, pending).architecture
        return Proposal(Architecture(arch.choices, arch.layers[:1], arch.input))


class UnbornParent(_Spoilt):
    def ask(self, rng: np.random.Generator, pending: Sequence[Proposal] = ()) -> Proposal:
        return Proposal(super().ask(rng, pending).architecture, parent=self._told)


@pytest.mark.parametrize(
    ("cls", "message"),
    [
        (CountsAsks, "asked twice, and the proposals differ: ask has changed the state"),
        (RemembersPending, "asked twice, and the proposals differ: ask has changed the state"),
        (LearnsFromAsks, "its state does not follow from the trials alone"),
        (SeedsPython, "the controller reads or seeds the global generator of random$"),
        (DrawsFromNumpy, r"the controller reads or seeds the global generator of numpy\.random$"),
        (DrawsFromTorch, "the controller reads or seeds the global generator of torch$"),
        (NeedsScores, "a failed trial"),
        (NeedsAnyScore, "nobody is alive"),
        (Outsider, "proposal 0: the proposal is no member of the space: 0.repeat: "),
        (Forger, "the proposal's layers are not those that its decisions stand for"),
        (UnbornParent, "proposal 0: parent is 0, and 0 trials were told"),
    ],
)
def test_wrong_controllers_are_found(cls: Callable[[Space], Controller], message: str, space: Space) -> None:
    with pytest.raises(AssertionError, match=message):
        check_controller(lambda: cls(space), space, trials=20)


def test_right_evaluators_pass(arch: Architecture) -> None:
    check_evaluator(MatchEvaluator(arch), arch)

    def curves(arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        rng = np.random.default_rng(seed)
        return {"val_acc": rng.random(), "val_loss_curve": (1.0, 0.5), "seconds": random.SystemRandom().random()}

    check_evaluator(curves, arch, epochs=None, seed=3)


def _peeked() -> Metrics:
    """Reads a global generator and leaves it as it was."""
    copy = random.Random()
    copy.setstate(random.getstate())
    return {"val_acc": copy.random()}


def _numpy_seeded() -> Metrics:
    np.random.seed(0)
    return {"val_acc": np.random.random_sample()}


def _torch_seeded() -> Metrics:
    torch.manual_seed(0)
    return {"val_acc": torch.rand(1).item()}


@pytest.mark.parametrize(
    ("metrics", "message"),
    [
        (lambda: {"val_acc": random.SystemRandom().random()}, "val_acc is .* and then .* for the same architecture"),
        (lambda: {"val_acc": random.random()}, "the evaluator reads or seeds the global generator of random$"),
        (_numpy_seeded, r"the evaluator reads or seeds the global generator of numpy\.random$"),
        (_torch_seeded, "the evaluator reads or seeds the global generator of torch$"),
        (_peeked, "val_acc is .* and then .* for the same architecture, epochs and seed"),
        (lambda: [0.5], r"an evaluator reports metrics by name, .*; this one reports \[0\.5\]"),
        (lambda: {"val_acc": "0.5"}, r"the metric 'val_acc' is '0\.5', expected a number"),
        (lambda: {"val_loss": float("nan")}, "val_loss is nan; raise EvaluationFailed instead"),
        (lambda: {"loss_curve": (0.5, float("inf"))}, "loss_curve is inf; raise EvaluationFailed instead"),
        (lambda: {"val_acc": 93.5}, r"val_acc is 93\.5; accuracies are fractions in \[0, 1\]"),
        (lambda: {f"metric{random.SystemRandom().random()}": 0.5}, "metrics differ between two calls"),
    ],
)
def test_wrong_evaluators_are_found(metrics: Callable[[], Any], message: str, arch: Architecture) -> None:
    def evaluate(arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        found: Metrics = metrics()
        return found

    with pytest.raises(AssertionError, match=message):
        check_evaluator(evaluate, arch)


def test_the_checks_leave_the_global_generators_alone(space: Space, arch: Architecture) -> None:
    before = random.getstate(), repr(np.random.get_state()), torch.get_rng_state().tolist()
    check_op(Conv(4), (3, 8))
    check_controller(lambda: RandomSearch(space), space, trials=5)
    check_evaluator(MatchEvaluator(arch), arch)
    assert (random.getstate(), repr(np.random.get_state()), torch.get_rng_state().tolist()) == before
