"""A small space, and jobs in it."""

from collections.abc import Callable

import pytest

from nas.driver.executors.executor import Job
from nas.space import Space, parse_space
from nas.trial import Metrics, Proposal


@pytest.fixture(scope="session")
def small() -> Space:
    return parse_space("{input: [4], layers: [{linear: {units: {choice: [1, 2, 3, 4, 5, 6, 7, 8]}}}]}")


@pytest.fixture(scope="session")
def job(small: Space) -> Callable[..., Job]:
    """`job(number, arch=, epochs=, parent=, answer=)`: of the network with `arch + 1` units; None: `number + 1`."""
    archs = list(small)

    def make(
        number: int,
        *,
        arch: int | None = None,
        epochs: int | None = None,
        parent: int | None = None,
        answer: Metrics | None = None,
    ) -> Job:
        proposal = Proposal(archs[number if arch is None else arch], epochs, parent)
        return Job(number, proposal, seed=number, answer=answer)

    return make
