"""Seeds of trials, and the trials that they go on from."""

import pytest

from nas.driver.seeds import parent_of, trial_seed
from nas.errors import UsageError
from nas.evaluate.evaluator import Evaluator
from nas.space import Space
from nas.trial import Proposal, Trial
from tests.driver.searches import EVALUATOR, SPACE


@pytest.fixture
def space() -> Space:
    return SPACE


@pytest.fixture
def evaluator() -> Evaluator:
    """Fails one time in three."""
    return EVALUATOR


def test_a_parent_of_another_architecture(space: Space) -> None:
    first, second, *_ = space
    parent = Trial(0, Proposal(first, 1), 5, {}, (0.5,), 1.0, None, 0)
    assert parent_of(Proposal(first, 2, parent=0), {0: parent}) is parent
    assert parent_of(Proposal(first, 2), {0: parent}) is None
    with pytest.raises(UsageError, match=r"^a proposal goes on with trial 0, which is one of another architecture$"):
        parent_of(Proposal(second, 2, parent=0), {0: parent})


def test_seeds_of_trials_differ() -> None:
    seeds = [trial_seed(seed, number) for seed in range(30) for number in range(30)]
    # 900 of 2^32: two fall together by luck with a chance of 1 in 10,000; the seeds are fixed.
    assert len(set(seeds)) == len(seeds)
    assert all(0 <= seed < 2**32 for seed in seeds)


# How to update: this seed stands in stored studies, and whatever follows from it would come out differently. Change it
# only together with a note in the changelog.
def test_golden_seed() -> None:
    assert trial_seed(0, 0) == 3_831_201_730
