"""What is handed over on the page of a run, beside the selected network."""

from dataclasses import replace

from nas.final.on_test import OnTest
from nas.final.replacement import Replacement
from nas.pages.run import FinalRow, report_html
from nas.pages.run.replacement_section import replacement_section
from nas.trial import Trial
from tests.pages.page import check
from tests.pages.run.conftest import MakeRun


def test_gain_and_cost(make_run: MakeRun, trials: list[Trial], finalists: list[FinalRow]) -> None:
    tested = OnTest({"test_acc": 0.95, "test_loss": 0.2}, {}, {"test_acc": (0.9, 0.92), "test_loss": (0.3, 0.25)})
    rows = [replace(row, tested=tested if row.chosen else None) for row in finalists]
    assert replacement_section(make_run(trials=trials, finalists=rows)) is None
    single = {"val_loss": 0.1, "val_acc": 0.97}
    replacement = Replacement("seeds", 2, 4000, 90_000, 12.0, {"val_loss": 0.05, "val_acc": 0.98}, single)
    run = make_run(trials=trials, finalists=rows, replacement=replacement)
    found = replacement_section(run)
    assert found is not None
    assert found["metrics"] == ["test_acc", "test_loss", "val_acc", "val_loss"]
    shown = [[cell.replace("\u00a0", " ") for cell in row["cells"]] for row in found["rows"]]
    assert shown == [["90.00 %", "0.3000", "97.00 %", "0.1000"], ["95.00 %", "0.2000", "98.00 %", "0.0500"]]
    assert [row["params"] for row in found["rows"]][1] == "4,000"
    page = check(report_html(run))
    assert "What is handed over" in page.text
    assert "With 4,000 parameters, the ensemble of 2 trainings classifies 95.00 % of" in page.text


def test_a_joined_network_has_no_validation_metrics(
    make_run: MakeRun, trials: list[Trial], finalists: list[FinalRow]
) -> None:
    replacement = Replacement("joined", 1, 4000, 90_000, 12.0, {}, {"val_acc": 0.97})
    found = replacement_section(make_run(trials=trials, finalists=finalists, replacement=replacement))
    assert found is not None
    assert [row["cells"][-1].replace("\u00a0", " ") for row in found["rows"]] == ["97.00 %", "–"]
    assert found["rows"][1]["title"] == "The network trained on all samples"
