"""Evaluations in which the process dies, for searches that are made again from the beginning."""

from pathlib import Path

import pytest

from nas.driver.attempts import Attempts
from nas.driver.deaths import LIVES
from nas.errors import EvaluationFailed
from nas.space import Space
from nas.trial import Proposal

REPORT = 'Fatal Python error: Segmentation fault\n\n  File "/somewhere/conv.py", line 12 in forward\n'


@pytest.fixture
def proposals(space: Space) -> list[Proposal]:
    return [Proposal(arch) for arch in list(space)[:3]]


def die(path: Path, proposal: Proposal, report: str = "") -> None:
    """A process that dies in the evaluation of a network, as far as the files can tell."""
    with Attempts.opened(path) as notes, notes.around(proposal):
        left = path.read_bytes()
    path.write_bytes(left)
    path.with_suffix(".fault").write_text(report)


def passes(path: Path, *proposals: Proposal) -> list[bool]:
    """Which of them are evaluated."""
    found = []
    with Attempts.opened(path) as notes:
        for proposal in proposals:
            try:
                with notes.around(proposal):
                    found.append(True)
            except EvaluationFailed:
                found.append(False)
    return found


def test_a_fatal_signal_shows_that_the_network_was_the_cause(tmp_path: Path, proposals: list[Proposal]) -> None:
    first, second, third = proposals
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


def test_what_leaves_no_trace_is_tried_again_but_not_for_ever(tmp_path: Path, proposals: list[Proposal]) -> None:
    first, second, _ = proposals
    path = tmp_path / "notes.json"
    for _ in range(LIVES):
        die(path, second)
        assert passes(path, first) == [True]
    assert passes(path, second) == [False]


def test_a_signal_outside_of_an_evaluation_blames_none(tmp_path: Path, proposals: list[Proposal]) -> None:
    path = tmp_path / "notes.json"
    assert passes(path, *proposals) == [True] * 3
    path.with_suffix(".fault").write_text(REPORT)
    assert passes(path, *proposals) == [True] * 3


def test_what_ends_in_good_order_does_not_count(tmp_path: Path, proposals: list[Proposal]) -> None:
    path = tmp_path / "notes.json"

    def interrupted() -> None:
        with Attempts.opened(path) as notes, notes.around(proposals[0]):
            raise KeyboardInterrupt

    for _ in range(LIVES + 2):
        with pytest.raises(KeyboardInterrupt):
            interrupted()
    assert passes(path, proposals[0]) == [True]


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff", b'{"begun": "x", "notes": [], "checksum": "0"}'])
def test_damaged_notes_are_none(content: bytes, tmp_path: Path, proposals: list[Proposal]) -> None:
    path = tmp_path / "notes.json"
    path.write_bytes(content)
    assert passes(path, *proposals) == [True] * 3
