"""What is known of a run, read from its folder."""

from pathlib import Path

import pytest

from nas.errors import UsageError
from nas.runs.report import write_report
from nas.runs.summary import explain, read_run


def test_a_finished_run(finished: Path) -> None:
    found = read_run(finished, explained=True)
    assert (found.name, found.controller, found.budget, len(found.trials)) == ("tiny", "q_learning", 6, 6)
    assert found.controller_settings["replay"] == 5
    assert [row.chosen for row in found.finalists].count(True) == 1
    assert found.explanation is not None
    assert found.explanation.greedy is not None
    assert read_run(finished).explanation is None, "only if it is asked for"


def test_an_unfinished_run(unfinished: Path) -> None:
    found = read_run(unfinished)
    assert (len(found.trials), len(found.finalists), dict(found.final_failures)) == (6, 0, {})
    assert explain(unfinished).trials == 6


def test_a_controller_that_needs_a_package_that_is_missing(
    finished: Path, copied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sampler of OptunaHub, say: what the trials tell is told all the same."""

    def fail(*_: object, **__: object) -> None:
        raise UsageError("samplers of OptunaHub need the package optunahub")

    monkeypatch.setattr("nas.runs.summary.make_controller", fail)
    found = explain(finished)
    assert (found.trials, found.greedy) == (6, None)
    assert write_report(copied).exists()
