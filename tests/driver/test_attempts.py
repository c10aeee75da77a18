"""Evaluations in which the process dies, for searches that are made again from the beginning."""

from dataclasses import replace
from pathlib import Path

import pytest

from nas.driver.attempts import Attempts
from nas.driver.deaths import LIVES
from nas.driver.executors.executor import Job
from nas.errors import EvaluationFailed
from nas.space import Space
from nas.trial import Proposal

REPORT = 'Fatal Python error: Segmentation fault\n\n  File "/somewhere/conv.py", line 12 in forward\n'


@pytest.fixture
def jobs(space: Space) -> list[Job]:
    return [Job(number, Proposal(arch), seed=0) for number, arch in enumerate(list(space)[:3])]


def die(path: Path, job: Job, report: str = "") -> None:
    """A process that dies in the evaluation of a network, as far as the files can tell."""
    with Attempts.opened(path) as notes, notes.around(job):
        left = path.read_bytes()
    path.write_bytes(left)
    path.with_suffix(".fault").write_text(report)


def passes(path: Path, *jobs: Job) -> list[bool]:
    """Which of them are evaluated."""
    found = []
    with Attempts.opened(path) as notes:
        for job in jobs:
            try:
                with notes.around(job):
                    found.append(True)
            except EvaluationFailed:
                found.append(False)
    return found


def test_a_fatal_signal_shows_that_the_network_was_the_cause(tmp_path: Path, jobs: list[Job]) -> None:
    first, second, third = jobs
    path = tmp_path / "notes.json"
    die(path, second, REPORT)
    assert passes(path, first, second, third) == [True, False, True]
    die(path, third, REPORT)
    assert passes(path, first, second, third) == [True, False, False], "both are remembered"
    with (
        Attempts.opened(path) as notes,
        pytest.raises(EvaluationFailed, match=r"^CRASH: the process died in it: Segmentation fault \(conv.py:12\)$"),
        notes.around(second),
    ):
        raise AssertionError("it was evaluated")


def test_what_leaves_no_trace_is_tried_again_but_not_for_ever(tmp_path: Path, jobs: list[Job]) -> None:
    first, second, _ = jobs
    path = tmp_path / "notes.json"
    for _ in range(LIVES):
        die(path, second)
        assert passes(path, first) == [True]
    assert passes(path, second) == [False]


def test_a_signal_outside_of_an_evaluation_blames_none(tmp_path: Path, jobs: list[Job]) -> None:
    path = tmp_path / "notes.json"
    assert passes(path, *jobs) == [True] * 3
    path.with_suffix(".fault").write_text(REPORT)
    assert passes(path, *jobs) == [True] * 3


def test_what_ends_in_good_order_does_not_count(tmp_path: Path, jobs: list[Job]) -> None:
    path = tmp_path / "notes.json"

    def interrupted() -> None:
        with Attempts.opened(path) as notes, notes.around(jobs[0]):
            raise KeyboardInterrupt

    for _ in range(LIVES + 2):
        with pytest.raises(KeyboardInterrupt):
            interrupted()
    assert passes(path, jobs[0]) == [True]


def test_a_known_answer_is_given(tmp_path: Path, jobs: list[Job]) -> None:
    path = tmp_path / "notes.json"
    die(path, jobs[0], REPORT)
    assert passes(path, jobs[0], replace(jobs[0], answer={"val_acc": 0.5})) == [False, True]


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff", b'{"begun": "x", "notes": [], "checksum": "0"}'])
def test_damaged_notes_are_none(content: bytes, tmp_path: Path, jobs: list[Job]) -> None:
    path = tmp_path / "notes.json"
    path.write_bytes(content)
    assert passes(path, *jobs) == [True] * 3
