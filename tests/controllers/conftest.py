"""A space whose members are told apart by one number, and a script for controllers that wrap another one."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from nas.controllers import Controller
from nas.space import Architecture, Space, parse_space
from nas.trial import Proposal, Trial


class InTurn:
    """Proposes the members of a space in turn, the next one that was not told and is not in flight."""

    def __init__(self, archs: Sequence[Architecture]) -> None:
        self.archs = archs
        self.told: list[Trial] = []

    def ask(self, rng: np.random.Generator, pending: Sequence[Proposal] = ()) -> Proposal:
        taken = len(self.told)
        flying = {proposal.architecture.id for proposal in pending}
        return Proposal(next(arch for arch in self.archs[taken:] if arch.id not in flying))

    def tell(self, trial: Trial) -> None:
        self.told.append(trial)


class Driver:
    """Asks a controller and tells it scores, and notes `(network, epochs, parent)` of each proposal."""

    def __init__(self, controller: Controller, archs: Sequence[Architecture]) -> None:
        self.controller, self.archs = controller, archs
        self.trials: list[Trial] = []
        self.flying: list[Proposal] = []

    def ask(self) -> tuple[int, int | None, int | None]:
        proposal = self.controller.ask(np.random.default_rng(len(self.trials)), self.flying)
        self.flying.append(proposal)
        return self.archs.index(proposal.architecture), proposal.epochs, proposal.parent

    def tell(self, score: float | None, place: int = 0) -> None:
        """Ends the proposal at a place among those in flight."""
        number, scores = len(self.trials), None if score is None else (score,)
        error = "CRASH: no" if score is None else None
        asked = number
        trial = Trial(number, self.flying.pop(place), 1000 + number, {}, scores, 1.0, error, asked)
        self.trials.append(trial)
        self.controller.tell(trial)

    def run(self, scores: Sequence[float | None]) -> list[tuple[int, int | None, int | None]]:
        """One proposal after the other."""
        asked = []
        for score in scores:
            asked.append(self.ask())
            self.tell(score)
        return asked


@pytest.fixture(scope="session")
def hundred() -> Sequence[Architecture]:
    """100 networks; a space of its own, in order."""
    space: Space = parse_space(f"input: [4]\nlayers: [{{linear: {{units: {{choice: {list(range(1, 101))}}}}}}}]")
    return tuple(space)


@pytest.fixture
def drive(hundred: Sequence[Architecture]) -> Callable[[Callable[[Controller], Controller]], Driver]:
    """`drive(wrap)`: a driver of the controller that `wrap` makes of one that proposes the 100 networks in turn."""
    return lambda wrap: Driver(wrap(InTurn(hundred)), hundred)
