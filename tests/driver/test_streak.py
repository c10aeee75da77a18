"""Trials in a row that end their worker processes."""

from collections.abc import Sequence

import pytest

from nas.driver.executors.executor import Finished, Job
from nas.driver.streak import Streak
from nas.errors import WorkersFailed
from nas.space import parse_space
from nas.trial import Proposal

ARCH = next(iter(parse_space("{input: [4], layers: [{linear: {units: 1}}]}")))


def tell(streak: Streak, deaths: Sequence[str]) -> None:
    for number, death in enumerate(deaths):
        streak.tell(Finished(Job(number, Proposal(ARCH), seed=0), {}, 0.0, 0.0, death), f"CRASH: {death}")


@pytest.mark.parametrize("deaths", [("a", "a", "", "a", "a"), ("a", "a", "b", "a", "a"), ("", "", "", "")])
def test_other_trials_between_them(deaths: Sequence[str]) -> None:
    tell(Streak(), deaths)


@pytest.mark.parametrize("deaths", [("a", "a", "a"), ("", "b", "a", "a", "a")])
def test_three_of_one_cause(deaths: Sequence[str]) -> None:
    streak = Streak()
    tell(streak, deaths[:-1])
    with pytest.raises(WorkersFailed, match="CRASH: a"):
        tell(streak, deaths[-1:])
