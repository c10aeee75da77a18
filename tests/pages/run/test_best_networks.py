"""The tables of the best networks, and of the causes of failure."""

import re
from collections.abc import Callable

import pytest

from nas.pages.run import RunSummary, report_html
from nas.trial import Trial
from tests.pages.page import check

MakeRun = Callable[..., RunSummary]
MakeTrial = Callable[..., Trial]


def test_causes_are_counted(make_run: MakeRun, make_trial: MakeTrial) -> None:
    errors = ["CRASH: one", "NONFINITE: two", "NONFINITE: three"]
    page = check(report_html(make_run(trials=[make_trial(n, error=error) for n, error in enumerate(errors)])))
    assert "NONFINITE 2 1, 2 two CRASH 1 0 one" in page.text


@pytest.mark.parametrize("count", [1, 30])
def test_all_failed(make_run: MakeRun, make_trial: MakeTrial, count: int) -> None:
    page = check(report_html(make_run(trials=[make_trial(n, error="CRASH: " + "x" * 999) for n in range(count)])))
    assert ("The only trial failed." if count == 1 else "All 30 trials failed.") in page.text
    assert page.headings == ["The search", "Causes of failure", "Configuration", "Reproducing the search"]
    assert "x" * 999 not in page.text
    assert ("11, …" in page.text) == (count == 30)


def test_trainings_that_were_cut_off(make_run: MakeRun, make_trial: MakeTrial) -> None:
    cut = [make_trial(number, score=0.99 - number / 100, epochs=1) for number in range(12)]
    trials = [*cut, make_trial(12, score=0.7, architecture=cut[0].architecture, epochs=3, parent=0)]
    page = report_html(make_run(trials=trials))
    assert run_best(page) == ["3 epochs", *["1 epoch"] * 9]
    assert "val_acc 70.00" in page.replace("\u00a0", " ")
    assert "among the trials with the most epochs" in page
    assert "Trained for" not in report_html(make_run(trials=[make_trial(0)]))


def run_best(page: str) -> list[str]:
    """The column of epochs."""
    return re.findall(r"<td>(\d+ epochs?|all epochs)</td>", page)
