"""The network beside baselines."""

from collections.abc import Callable

from nas.baselines import Baseline, Baselines
from nas.pages.run import FinalRow, RunSummary, report_html
from nas.pages.run.baselines_section import baselines_section
from nas.trial import Trial
from tests.pages.page import check

MakeRun = Callable[..., RunSummary]

TRIVIAL = Baseline("always 3", {"val_acc": 0.1, "test_acc": 0.1028}, 1078, 1078, 0.0)
REFERENCE = Baseline("SVC with RBF kernel", {"val_acc": 0.95, "test_acc": 0.9861}, 800, 1078, 1.5)


def test_a_row_for_each(make_run: MakeRun, trials: list[Trial], finalists: list[FinalRow]) -> None:
    run = make_run(trials=trials, finalists=finalists, baselines=Baselines(TRIVIAL, REFERENCE))
    found = baselines_section(run)
    assert found is not None
    assert found["metrics"] == ["test_acc", "val_acc"]
    assert [row["title"] for row in found["rows"]] == ["The selected network", "SVC with RBF kernel", "always 3"]
    assert [row["samples"] for row in found["rows"]] == ["1,078", "800 of 1,078", "1,078"]
    page = check(report_html(run))
    text = page.text.replace("\u00a0", " ")
    assert "Baselines: test_acc 98.61 % (SVC with RBF kernel), 10.28 % (always 3)." in text
    assert "Baselines" in page.headings


def test_before_a_network_is_selected(make_run: MakeRun, trials: list[Trial]) -> None:
    run = make_run(trials=trials, baselines=Baselines(TRIVIAL, None, "ValueError: one class"))
    page = check(report_html(run))
    assert "Baselines: val_acc 10.00 % (always 3)." in page.text.replace("\u00a0", " ")
    assert "The reference line could not be measured: ValueError: one class" in page.text


def test_they_were_not_measured(make_run: MakeRun) -> None:
    assert baselines_section(make_run()) is None
