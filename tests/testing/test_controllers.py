"""The check of controllers passes controllers that are right, and finds what is wrong with others."""

import random
from collections.abc import Callable, Sequence

import numpy as np
import pytest
import torch

from nas.controllers import Controller, RandomSearch, RegularizedEvolution
from nas.space import Architecture, Space, parse_space
from nas.testing import check_controller
from nas.trial import Proposal, Trial


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
        (CountsAsks, "two equal calls of ask return different proposals: ask changes the state"),
        (RemembersPending, "two equal calls of ask return different proposals: ask changes the state"),
        (LearnsFromAsks, "its state does not follow from the trials alone"),
        (SeedsPython, "the controller reads or seeds the global generator of random$"),
        (DrawsFromNumpy, r"the controller reads or seeds the global generator of numpy\.random$"),
        (DrawsFromTorch, "the controller reads or seeds the global generator of torch$"),
        (NeedsScores, "a failed trial"),
        (NeedsAnyScore, "nobody is alive"),
        (Outsider, "proposal 0: the proposal is not a member of the space: 0.repeat: "),
        (Forger, "the proposal's layers differ from those that its decisions define"),
        (UnbornParent, "proposal 0: parent is 0, and 0 trials were told"),
    ],
)
def test_wrong_controllers_are_found(cls: Callable[[Space], Controller], message: str, space: Space) -> None:
    with pytest.raises(AssertionError, match=message):
        check_controller(lambda: cls(space), space, trials=20)
