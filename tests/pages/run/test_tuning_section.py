"""The hyper-parameters that were tried, as the report shows them."""

from dataclasses import replace

from nas.final.tuning import Attempt, Tuning
from nas.pages.run.report import report_html
from nas.pages.run.tuning_section import tuning_section
from tests.pages.run.conftest import MakeRun

TUNING = Tuning(
    "abc123",
    "val_acc",
    True,
    (
        Attempt({"lr": 0.01, "warmup": 0.2}, 0.9125),
        Attempt({"lr": 0.0012345, "warmup": 0.5}, 0.95),
        Attempt({"lr": 0.1, "warmup": 0.0}, None, "NONFINITE: train_loss is nan after epoch 1"),
    ),
)


def test_a_row_for_each_attempt(make_run: MakeRun) -> None:
    found = tuning_section(make_run(tuning=TUNING))
    assert found is not None
    assert found["text"].startswith("3 trainings of network abc123, the first with the values of the recipe, ")
    assert found["names"] == ["lr", "warmup"]
    rows = [(row["number"], row["cells"], row["best"], bool(row["failure"])) for row in found["rows"]]
    assert rows == [
        (1, ["0.01", "0.2"], False, False),
        (2, ["0.00123", "0.5"], True, False),
        (3, ["0.1", "0.0"], False, True),
    ]
    assert "NONFINITE" in report_html(make_run(tuning=TUNING))


def test_a_recipe_that_was_not_tuned(make_run: MakeRun) -> None:
    assert tuning_section(make_run()) is None
    assert tuning_section(make_run(tuning=replace(TUNING, attempts=()))) is None
    assert "Tuning of the recipe" not in report_html(make_run())
