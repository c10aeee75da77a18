from collections.abc import Callable, Mapping

import pytest

from nas.space import Space, Value, parse_space
from nas.trial import Proposal, Trial

SPACE = """
name: small
input: [4]
outputs: 2
limits: {params: 40}
layers:
  - name: kind
    choice:
      plain: {linear: {units: {choice: [2, 4, 8]}}}
      deep: [{linear: {units: {choice: [2, 4, 8]}}}, {name: act, choice: [relu, gelu]}]
  - linear: {units: outputs}
"""
"""Six members: 8 units are over the limit."""

MakeTrial = Callable[..., Trial]


@pytest.fixture(scope="session")
def space() -> Space:
    return parse_space(SPACE)


@pytest.fixture
def make_trial(space: Space) -> MakeTrial:
    """A trial of an architecture given by its decisions; a score of None makes it a failed one."""

    def make(number: int, score: float | None, choices: Mapping[str, Value]) -> Trial:
        return Trial(
            number=number,
            proposal=Proposal(space.rebuild(choices)),
            seed=number,
            metrics={} if score is None else {"val_acc": score},
            scores=None if score is None else (score,),
            seconds=1.0,
            error="CRASH: made up" if score is None else None,
            asked_after=number,
        )

    return make
