"""What is said of the network that is handed over, and of the data that its figures were measured on."""

from dataclasses import replace

import pytest

from nas.final.figures import Figure
from nas.pages.run import FinalRow
from nas.pages.run.final_network import aim, caution, finalists, headline, quality, show_figures, whence
from nas.trial import Objective, Trial
from tests.pages.run.conftest import MakeRun, MakeTrial

CHOSEN_ON = Figure("val_acc", 0.9833, "validation", chosen_on=True)
TEST = Figure("test_acc", 0.95, "test", chosen_on=False)
SIZE = Figure("params", 12.0, None, chosen_on=False)


def test_a_figure_says_its_data_and_whether_the_network_was_chosen_by_them() -> None:
    assert whence(CHOSEN_ON) == "on the validation data, on which the network was selected"
    assert whence(TEST) == "on the test data"
    assert whence(SIZE) == ""
    lines = [line.replace("\u00a0", " ") for line in show_figures([CHOSEN_ON, TEST, SIZE])]
    assert lines == [
        "val_acc 98.33 % on the validation data, on which the network was selected",
        "test_acc 95.00 % on the test data",
    ]


def test_means_over_several_trainings_have_their_spread(
    make_run: MakeRun, trials: list[Trial], finalists_: list[FinalRow]
) -> None:
    figure = replace(CHOSEN_ON, spread=0.0042)
    (line,) = show_figures([figure])
    assert line.replace("\u00a0", " ").startswith("val_acc 98.33 ± 0.42 % on the validation data")
    assert figure.to_dict() == {**CHOSEN_ON.to_dict(), "spread": 0.0042}
    several = make_run(trials=trials, finalists=[replace(row, spread={"val_acc_sd": 0.01}) for row in finalists_])
    table = finalists(several)
    assert table is not None
    assert ["±" in cell for cell in table["rows"][1]["cells"]] == [False, True, False, False, False]
    assert "means over several trainings" in table["text"]
    assert [note for _, value, note in quality(several) if "±" in value] == [
        "mean over several final trainings, on the data used for selection"
    ]


def test_headline_and_caution_before_and_after_the_end(
    make_run: MakeRun, make_trial: MakeTrial, trials: list[Trial], finalists: list[FinalRow]
) -> None:
    assert headline(make_run()) == "No trial has finished yet."
    assert headline(make_run(trials=[make_trial(0, error="CRASH")])) == "The only trial failed."
    assert headline(make_run(trials=trials[:3])).startswith("The best network so far reaches val_acc ")
    assert caution(make_run(trials=trials[:3])).endswith(
        "on which it was selected among 3 networks, so it is optimistic."
    )
    done = make_run(trials=trials, finalists=finalists)
    assert "of 360 test samples correctly" in headline(done).replace("\u00a0", " ")
    assert caution(done) == "The test data were used once, for this network only, after it had been selected."
    untested = make_run(trials=trials, finalists=[replace(row, test=None) for row in finalists], test_size=None)
    assert headline(untested).startswith("The selected network reaches val_acc ")
    assert "on which this network was selected among" in caution(untested)
    assert "There are no test data" in caution(untested)


def test_the_table_of_finalists_follows_the_objectives(
    make_run: MakeRun, trials: list[Trial], finalists_: list[FinalRow]
) -> None:
    assert finalists(make_run(trials=trials)) is None
    table = finalists(make_run(trials=trials, finalists=finalists_))
    assert table is not None
    assert table["columns"] == ["val_acc in search", "val_acc", "val_loss", "test_acc", "test_loss"]
    assert [row["chosen"] for row in table["rows"]] == [False, True, False]
    by_loss = make_run(trials=trials, finalists=finalists_, objectives=(Objective("val_loss", "minimize"),))
    table = finalists(by_loss)
    assert table is not None
    assert table["columns"][:3] == ["val_loss in search", "val_loss", "val_acc"]


@pytest.fixture
def finalists_(finalists: list[FinalRow]) -> list[FinalRow]:
    """Those of the run, by another name than that of the function."""
    return finalists


def test_key_figures_and_aims(make_run: MakeRun, trials: list[Trial], finalists_: list[FinalRow]) -> None:
    names = [name for name, _, _ in quality(make_run(trials=trials, finalists=finalists_))]
    assert names == ["Test accuracy", "Validation accuracy"]
    assert [name for name, _, _ in quality(make_run(trials=trials))] == ["Best val_acc"]
    assert aim(Objective("params", "minimize", 5)) == "minimize, limit 5"
    assert aim(Objective("val_acc")) == "maximize"
