"""Contract checks and fakes for people who write their own op, controller or evaluator.

A check raises AssertionError with what was expected and what came; call it from a test of your own:

    def test_my_controller() -> None:
        check_controller(lambda: MyController(space), space)

The fakes are evaluators that cost nothing: `MatchEvaluator` is a problem whose answer is known, `FailingEvaluator`
makes another evaluator fail now and then.
"""

import dataclasses
import math
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from nas.controllers import Controller
from nas.document import parse_document
from nas.errors import EvaluationFailed, FailureKind, MetricsError, ShapeError, SpecError, UsageError
from nas.evaluate.evaluator import Evaluator
from nas.ops import Op, Shape
from nas.ops.op import FREE
from nas.reported import read_metrics
from nas.space import Architecture, Space
from nas.trial import Metrics, Proposal, Trial

PROBES: tuple[Shape, ...] = ((1,), (7,), (4, 9), (4, 7, 6), (8, 1), (8, 1, 1))
"""Shapes that `check_op` tries besides those it is given; an op takes each or refuses it with a ShapeError."""


@dataclasses.dataclass(frozen=True)
class MatchEvaluator:
    """`val_acc` is the share of the target's decisions that an architecture makes the same: 1 for the target itself."""

    target: Architecture

    def __call__(self, arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        wanted, made = dict(self.target.choices), dict(arch.choices)
        same = sum(name in made and made[name] == value for name, value in wanted.items())
        accuracy = same / len(wanted) if wanted else 1.0
        return {"val_acc": accuracy, "params": float(arch.params), "macs": float(arch.macs)}


@dataclasses.dataclass(frozen=True)
class FailingEvaluator:
    """Another evaluator that fails with `kind` for every seed that `every` divides: about one trial in `every`."""

    evaluator: Evaluator
    every: int = 3
    kind: FailureKind = FailureKind.CRASH

    def __call__(self, arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        if seed % self.every == 0:
            raise EvaluationFailed(self.kind, f"seed {seed} is divided by {self.every}")
        return self.evaluator(arch, epochs=epochs, seed=seed)


def check_op(op: Op, *inputs: Shape) -> None:
    """Holds the arithmetic of an op against its module, on torch's meta device, where no memory is used.

    For each of `inputs` (one of which at least must fit) and of PROBES: the shape for a batch of 2, the number of
    parameters, and the MACs per sample, which are half of what `torch.utils.flop_counter` counts. Then: one sample is
    too few to train with if and only if `needs_batch` says so; an op that says it is the identity is; an input that
    does not fit raises ShapeError and nothing else; the op is frozen and hashable; its text says all that makes it what
    it is.
    """
    _check_record(op)
    fitting = 0
    for input in (*inputs, *PROBES):
        try:
            output = op.shape(input)
        except ShapeError as error:
            _require(str(error) != "", f"{op.text} refuses {input} without saying why")
            continue
        except Exception as error:
            raise AssertionError(f"{op.text} refuses {input} with {error!r}, expected a ShapeError") from error
        fitting += input in inputs
        _check_arithmetic(op, input, output)
    _require(fitting > 0 or not inputs, f"{op.text} fits none of {', '.join(map(str, inputs))}")


def _check_arithmetic(op: Op, input: Shape, output: Shape) -> None:
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    batch = 2
    cost = op.cost(input)
    with torch.device("meta"):
        module = op.module(input)
        x = torch.zeros((batch, *input))
    params = sum(parameter.numel() for parameter in module.parameters() if parameter.requires_grad)
    _require(
        cost.params == params, f"{op.text} on {input}: cost says {cost.params} parameters, the module has {params}"
    )
    for training in (True, False):
        module.train(training)
        try:
            with FlopCounterMode(display=False) as counter:
                y = module(x)
        except Exception as error:
            raise AssertionError(f"{op.text} accepts {input}, and its module fails on it: {error!r}") from error
        _require(isinstance(y, torch.Tensor), f"{op.text}: the module gives {type(y).__name__}, expected a tensor")
        _require(
            tuple(y.shape) == (batch, *output), f"{op.text} on {input}: shape says {output}, got {tuple(y.shape)[1:]}"
        )
        macs = counter.get_total_flops() / 2 / batch
        _require(cost.macs == macs, f"{op.text} on {input}: cost says {cost.macs} MACs, the module has {macs:g}")
    needs = op.needs_batch(input)
    try:
        module.train()(x[:1])
    except Exception as error:
        if not needs:
            text = f"{op.text} on {input} cannot be trained with one sample, and needs_batch does not say so"
            raise AssertionError(f"{text}: {error!r}") from error
    else:
        _require(not needs, f"{op.text} on {input} can be trained with one sample, and needs_batch says that it cannot")
    if op.is_identity(input):
        _require(cost == FREE, f"{op.text} says it is the identity on {input}, and costs {cost}")
        x = torch.linspace(-1, 1, batch * math.prod(input)).reshape(batch, *input)
        for training in (True, False):
            same = torch.equal(op.module(input).train(training)(x), x)
            _require(same, f"{op.text} says it is the identity on {input}, and its module changes what it is given")


def _check_record(op: Op) -> None:
    """Frozen, hashable, equal to a copy of itself, and told apart by its text."""
    cls = type(op)
    _require(dataclasses.is_dataclass(op), f"{cls.__name__} is no dataclass")
    names = [field.name for field in dataclasses.fields(op)]
    for name in names:
        try:
            setattr(op, name, getattr(op, name))
        except dataclasses.FrozenInstanceError:
            continue
        raise AssertionError(f"{cls.__name__} is not frozen: its {name} can be set")
    copy = cls(**{name: getattr(op, name) for name in names})
    try:
        same = hash(copy) == hash(op)
    except TypeError as error:
        raise AssertionError(f"{op.text} cannot be hashed: {error}") from error
    _require(copy == op and same, f"{op.text} is not equal to an op with the same arguments")
    read = _read_text(op)
    _require(read == op, f"{op.text!r} reads as {read!r}, expected {op!r}")


def _read_text(op: Op) -> Op:
    """The op that `op.text` stands for: `name`, or `name(key=value, ...)` with values as in YAML."""
    name, _, rest = op.text.partition("(")
    _require(name == op.name, f"the text of {op.name} begins with {name!r}")
    _require(not rest or rest.endswith(")"), f"{op.text!r} has no closing bracket")
    arguments: dict[str, Any] = {}
    try:
        for part in filter(None, rest.removesuffix(")").split(", ")):
            key, _, value = part.partition("=")
            arguments[key] = None if value == "None" else parse_document(value).plain()
        return type(op)(**arguments)
    except (TypeError, SpecError) as error:
        raise AssertionError(f"{op.text!r} cannot be read back: {error}") from error


def check_controller(
    make: Callable[[], Controller],
    space: Space,
    *,
    trials: int = 40,
    seed: int = 0,
    scores: Callable[[Architecture], tuple[float, ...]] | None = None,
) -> None:
    """Holds a controller to its protocol, in three searches of `trials` trials: none, a third, or all of them fail.

    `ask` changes no state, with or without `pending`; what is in flight is not proposed again, if there is something
    else; every proposal is a member of the space; a new controller that is told the same trials proposes the same; no
    global random generator is read or seeded.

    Args:
        make: gives a new controller that has been told nothing.
        space: what the controller searches.
        trials: length of each search. Let it be longer than the controller's initial phase.
        seed: where the randomness of the check comes from.
        scores: the scores of an architecture, one for each objective, higher is better; None: one in [0, 1), which
            follows from its id.
    """
    scored = scores or (lambda arch: (int(arch.id, 16) / 16**16,))
    for failing in ("none", "a third", "all"):
        with _global_random_untouched("the controller"):
            _check_search(make, space, trials=trials, seed=seed, failing=failing, scores=scored)


def _check_search(
    make: Callable[[], Controller],
    space: Space,
    *,
    trials: int,
    seed: int,
    failing: str,
    scores: Callable[[Architecture], tuple[float, ...]],
) -> None:
    controller = make()
    told: list[Trial] = []
    rng = np.random.default_rng(seed)
    several = len({space.sample(rng).id for _ in range(20)}) > 1
    where = f"where {failing} of the trials fail"
    for number in range(trials):
        at = f"{where}, proposal {number}"
        proposal = controller.ask(np.random.default_rng([seed, number]))
        _check_proposal(proposal, space, told, at)
        for pending in ((), (proposal,), (proposal, proposal)):
            other = controller.ask(np.random.default_rng([seed, number, 1]), pending)
            _check_proposal(other, space, told, f"{at}, asked with {len(pending)} pending")
            new = not several or other.architecture.id not in {one.architecture.id for one in pending}
            _require(new, f"{at}: asked with {len(pending)} pending, it proposes what is in flight")
        again = controller.ask(np.random.default_rng([seed, number]))
        _require(proposal == again, f"{at}: asked twice, and the proposals differ: ask has changed the state")
        fails = failing == "all" or (failing == "a third" and number % 3 == 1)
        told.append(_trial(number, proposal, None if fails else scores(proposal.architecture)))
        controller.tell(told[-1])
    # A controller that was told the trials and never asked stands where the other one does.
    for length in sorted({0, 1, trials // 2, trials}):
        fresh = make()
        for trial in told[:length]:
            fresh.tell(trial)
        proposal = fresh.ask(np.random.default_rng([seed, length]))
        expected = told[length].proposal if length < trials else controller.ask(np.random.default_rng([seed, length]))
        _require(
            proposal == expected,
            f"{where}: a new controller that was told the first {length} trials proposes something else than the one "
            "that was there: its state does not follow from the trials alone",
        )


def _check_proposal(proposal: Proposal, space: Space, told: Sequence[Trial], at: str) -> None:
    arch = proposal.architecture
    try:
        rebuilt = space.rebuild(dict(arch.choices))
    except UsageError as error:
        raise AssertionError(f"{at}: the proposal is no member of the space: {error}") from error
    _require(rebuilt.id == arch.id, f"{at}: the proposal's layers are not those that its decisions stand for")
    parent = proposal.parent
    _require(parent is None or 0 <= parent < len(told), f"{at}: parent is {parent}, and {len(told)} trials were told")


def _trial(number: int, proposal: Proposal, scores: tuple[float, ...] | None) -> Trial:
    """A made-up result; None: it failed."""
    return Trial(
        number=number,
        proposal=proposal,
        seed=number,
        metrics={} if scores is None else {"val_acc": scores[0]},
        scores=scores,
        seconds=1.0,
        error="CRASH: made up" if scores is None else None,
        asked_after=number,
    )


def check_evaluator(evaluator: Evaluator, arch: Architecture, *, epochs: int | None = 1, seed: int = 0) -> None:
    """Holds an evaluator to its protocol on one architecture, which it must be able to evaluate.

    The same arguments give the same metrics (but for `seconds`), which `nas.reported.read_metrics` takes and which are
    finite; accuracies (`..._acc`) are fractions; the global random states are as they were.
    """
    with _global_random_untouched("the evaluator"):
        reported = evaluator(arch, epochs=epochs, seed=seed)
    # The second call begins from other global states, so that one that reads them is found out.
    with _other_global_random():
        reported_again = evaluator(arch, epochs=epochs, seed=seed)
    try:
        metrics, again = read_metrics(reported), read_metrics(reported_again)
    except MetricsError as error:
        raise AssertionError(str(error)) from error
    for name, value in (*metrics.items(), *again.items()):
        for number in value if isinstance(value, tuple) else (value,):
            _require(math.isfinite(number), f"{name} is {number}; raise EvaluationFailed instead")
            fraction = not name.removesuffix("_curve").endswith("_acc") or 0 <= number <= 1
            _require(fraction, f"{name} is {number}; accuracies are fractions in [0, 1]")
    _require(list(metrics) == list(again), f"metrics differ between two calls: {list(metrics)} and {list(again)}")
    for name, value in metrics.items():
        _require(
            name == "seconds" or value == again[name],
            f"{name} is {value} and then {again[name]} for the same architecture, epochs and seed",
        )


def _global_random_states() -> dict[str, str]:
    """The states of the generators that a whole process shares; torch's only where torch is in use."""
    states = {"random": repr(random.getstate()), "numpy.random": repr(_numpy_state())}
    if "torch" in sys.modules:
        import torch

        states["torch"] = repr(torch.get_rng_state().tolist())
    return states


def _numpy_state() -> tuple[Any, ...]:
    name, keys, *rest = np.random.get_state(legacy=True)
    return name, np.asarray(keys).tolist(), *rest


@contextmanager
def _global_random_untouched(who: str) -> Iterator[None]:
    before = _global_random_states()
    yield
    after = _global_random_states()
    for name, state in before.items():
        _require(after[name] == state, f"{who} reads or seeds the global generator of {name}")


@contextmanager
def _other_global_random() -> Iterator[None]:
    """Global generators in other states than before, and back again afterwards."""
    python, legacy = random.getstate(), np.random.get_state(legacy=True)
    torch_state = None
    if "torch" in sys.modules:
        import torch

        torch_state = torch.get_rng_state()
    try:
        random.random()
        np.random.random_sample()
        if torch_state is not None:
            torch.rand(1)
        yield
    finally:
        random.setstate(python)
        np.random.set_state(legacy)
        if torch_state is not None:
            torch.set_rng_state(torch_state)


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise AssertionError(message)
