"""How many workers there are."""

import pytest

from nas.driver.executors import resources
from nas.driver.executors.resources import EvaluationLimits, Resources, WorkerCount
from nas.errors import ArgumentError


@pytest.mark.parametrize(
    ("workers", "window", "threads", "expected"),
    [("in_process", 4, 1, 0), (3, 4, 1, 3), (3, 2, 1, 2), ("auto", 32, 1, 8), ("auto", 32, 4, 2), ("auto", 2, 16, 1)],
)
def test_the_number_of_workers(
    workers: WorkerCount, window: int, threads: int, expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resources, "_cores", lambda: 8)
    assert Resources(workers, window, threads=threads).processes == expected


@pytest.mark.parametrize("wrong", [{"seconds": 0}, {"seconds": float("inf")}, {"memory_gib": -1}])
def test_limits_are_positive(wrong: dict[str, float]) -> None:
    with pytest.raises(ArgumentError):
        EvaluationLimits(**wrong)
