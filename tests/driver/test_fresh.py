"""A controller that was told the trials of a search is refused by the next one."""

import gc
import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest

from nas.controllers import Controller, Distinct, Portfolio, RandomSearch, RegularizedEvolution
from nas.driver.search import search
from nas.errors import UsageError
from nas.space import Space, parse_space
from nas.testing import MatchEvaluator
from nas.trial import Proposal, Trial

SPACE = parse_space("{input: [4], layers: [{linear: {units: {choice: [1, 2, 3]}}}]}")
EVALUATOR = MatchEvaluator(next(iter(SPACE)))


@dataclass
class Mine:
    """A user's, which has no hash."""

    space: Space
    told: list[Trial] = field(default_factory=list)

    def ask(self, rng: np.random.Generator, pending: Sequence[Proposal] = ()) -> Proposal:
        return Proposal(self.space.sample(rng))

    def tell(self, trial: Trial) -> None:
        self.told.append(trial)


@pytest.mark.parametrize("make", [RandomSearch, RegularizedEvolution, Mine])
def test_a_controller_takes_part_in_one_search(make: Callable[[Space], Controller]) -> None:
    controller = make(SPACE)
    search(controller, EVALUATOR, trials=0)
    study = search(controller, EVALUATOR, trials=2)
    for again in (None, study):
        with pytest.raises(UsageError) as caught:
            search(controller, EVALUATOR, again, trials=4)
        assert str(caught.value) == (
            f"the controller {make.__name__} was told the trials of another search, which it would take for trials of "
            "this one: each search needs a new controller"
        )
    assert len(study) == 2
    assert len(search(make(SPACE), EVALUATOR, study, trials=4)) == 4


def test_wrapped_controllers_are_told_too() -> None:
    inner, other = RandomSearch(SPACE), Mine(SPACE)
    search(Distinct(SPACE, Portfolio([inner, other])), EVALUATOR, trials=1)
    for used in (inner, Distinct(SPACE, other)):
        with pytest.raises(UsageError, match="was told the trials of another search"):
            search(used, EVALUATOR, trials=1)


def test_what_was_told_is_forgotten_with_the_controller() -> None:
    """A new controller may be where an old one was in memory."""
    addresses = set()
    gc.collect()
    gc.freeze()  # collections look through what is made from here on alone
    for _ in range(20):
        controller = RandomSearch(SPACE)
        addresses.add(id(controller))
        search(controller, EVALUATOR, trials=1)
        kept = weakref.ref(controller)
        del controller
        gc.collect()
        assert kept() is None
    assert len(addresses) < 20
