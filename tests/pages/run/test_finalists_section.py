"""The finalists on the page of a run: their values, their order, and how sure the choice is."""

from dataclasses import replace

from nas.final.order import Stage
from nas.pages.run import FinalRow
from nas.pages.run.finalists_section import finalists_section
from nas.trial import Objective, Trial
from tests.pages.run.conftest import MakeRun


def test_the_table_follows_the_objectives(make_run: MakeRun, trials: list[Trial], finalists: list[FinalRow]) -> None:
    assert finalists_section(make_run(trials=trials)) is None
    table = finalists_section(make_run(trials=trials, finalists=finalists))
    assert table is not None
    assert table["columns"] == ["val_acc in search", "val_acc", "val_loss", "test_acc", "test_loss"]
    assert [row["chosen"] for row in table["rows"]] == [False, True, False]
    assert not table["intervals"]
    by_loss = make_run(trials=trials, finalists=finalists, objectives=(Objective("val_loss", "minimize"),))
    table = finalists_section(by_loss)
    assert table is not None
    assert table["columns"][:3] == ["val_loss in search", "val_loss", "val_acc"]


def test_what_an_earlier_version_left(make_run: MakeRun, trials: list[Trial], finalists: list[FinalRow]) -> None:
    """Without the order, and with standard deviations but not the metrics of each training."""
    several = [replace(row, spread={"val_acc_sd": 0.01}) for row in finalists]
    table = finalists_section(make_run(trials=trials, finalists=several))
    assert table is not None
    assert ["±" in cell for cell in table["rows"][1]["cells"]] == [False, True, False, False, False]
    assert "means over several trainings" in table["text"]
    assert (table["stages"], table["likely"]) == ("", False)
    assert table["sure"] == (
        "The probability that this is the best of 3 finalists is not known: it takes several trainings of each "
        "(final.seeds)."
    )


def test_the_order_and_how_sure_the_choice_is(
    make_run: MakeRun, trials: list[Trial], finalists: list[FinalRow]
) -> None:
    ids = [row.architecture.id for row in finalists]
    seeds = {"val_acc": (0.96, 0.97, 0.98)}
    order = (Stage("search", {ids[0]: 1, ids[1]: 4, ids[2]: 9}), Stage("full training", {ids[1]: 1, ids[0]: 2}))
    run = make_run(
        trials=trials,
        finalists=[replace(row, seeds=seeds) for row in finalists],
        final_failures={ids[2]: "OVER_LIMIT: too large"},
        probabilities={ids[0]: 0.184, ids[1]: 0.816},
        order=order,
    )
    table = finalists_section(run)
    assert table is not None
    assert table["stages"] == "in the search and after the full training"
    assert [row["ranks"] for row in table["rows"]] == ["1 → 2", "4 → 1", "9 → –"]
    assert [row["probability"].replace("\u00a0", " ") for row in table["rows"]] == ["18 %", "82 %", "–"]
    assert table["sure"].replace("\u00a0", " ") == (
        "The best of 2 finalists with a probability of 82 % (bootstrap over 3 trainings of each, on the validation "
        "data). The selected network has rank 4 in the search and 1 after the full training."
    )
    assert table["plot"].startswith("<svg")
    assert table["intervals"]
    alone = finalists_section(make_run(trials=trials, finalists=finalists[1:2]))
    assert alone is not None
    assert (alone["sure"], alone["plot"]) == ("", "")
