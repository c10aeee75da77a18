"""What is said of the network that is handed over, and of the data that its figures were measured on."""

from dataclasses import replace

from nas.final.figures import Figure
from nas.final.on_test import OnTest
from nas.final.replacement import Replacement
from nas.pages.run import FinalRow
from nas.pages.run.final_network import aim, caution, headline, quality, show_figures, whence
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
    make_run: MakeRun, trials: list[Trial], finalists: list[FinalRow]
) -> None:
    figure = replace(CHOSEN_ON, spread=0.0042)
    (line,) = show_figures([figure])
    assert line.replace("\u00a0", " ").startswith("val_acc 98.33 ± 0.42 % on the validation data")
    assert figure.to_dict() == {**CHOSEN_ON.to_dict(), "spread": 0.0042}
    several = make_run(trials=trials, finalists=[replace(row, spread={"val_acc_sd": 0.01}) for row in finalists])
    assert [note for _, value, note in quality(several) if "±" in value] == [
        "mean over several final trainings, on the data used for selection"
    ]


def test_intervals_say_what_they_are_over(make_run: MakeRun, trials: list[Trial], finalists: list[FinalRow]) -> None:
    tested = OnTest({"test_acc": 0.95}, {"test_acc": (0.92, 0.97)}, {"test_acc": (0.95, 0.94)})
    seeds = {"val_acc": (0.96, 0.98)}
    several = [replace(row, spread={"val_acc_sd": 0.0141}, seeds=seeds, tested=tested) for row in finalists[1:2]]
    notes = [(value, note) for _, value, note in quality(make_run(trials=trials, finalists=several))]
    shown = [(value.replace("\u00a0", " "), note.replace("\u00a0", " ")) for value, note in notes[:3]]
    # Student's t with one degree of freedom is 12.706: 94.5 ± 12.706 · 0.5.
    assert shown == [
        ("95.00 %", "the network handed over; 95 % interval 92.00 to 97.00 % over samples (n = 360)"),
        (
            "94.50 ± 0.71 %",
            "mean over the networks of 2 final trainings; 95 % interval 88.15 to 100.00 % over trainings",
        ),
        (
            "97.00 ± 1.41 %",
            "mean over 2 final trainings, on the data used for selection; 95 % interval 84.29 to 100.00 % over "
            "trainings",
        ),
    ]
    (line,) = show_figures([replace(TEST, low=0.92, high=0.97, over="samples")])
    assert line.replace("\u00a0", " ") == (
        "test_acc 95.00 % (95 % interval 92.00 to 97.00 % over samples) on the test data"
    )


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
    untested = make_run(trials=trials, finalists=[replace(row, tested=None) for row in finalists], test_size=None)
    assert headline(untested).startswith("The selected network reaches val_acc ")
    assert "on which this network was selected among" in caution(untested)
    assert "There are no test data" in caution(untested)


def test_headline_of_what_is_handed_over(make_run: MakeRun, trials: list[Trial], finalists: list[FinalRow]) -> None:
    single = {"val_acc": 0.97}
    joined = Replacement("joined", 1, 500, 5, 1.0, {}, single)
    ensemble = Replacement("seeds", 2, 1000, 5, 1.0, {"val_acc": 0.98}, single)
    seeds = [row.tested and replace(row.tested, seeds={"test_acc": (0.95,)}) for row in finalists]
    tested = [replace(row, tested=one) for row, one in zip(finalists, seeds, strict=True)]
    assert caution(make_run(trials=trials, finalists=tested, replacement=joined)) == (
        "The test data were used once, after the selection, for all trainings of the selected network and for the "
        "network trained on all samples."
    )
    untested = [replace(row, tested=None) for row in finalists]
    found = [
        headline(make_run(trials=trials, finalists=rows, replacement=other, test_size=size)).replace("\u00a0", " ")
        for rows, size in ((finalists, 360), (untested, None))
        for other in (joined, ensemble)
    ]
    assert found == [
        "With 500 parameters, the network trained on all samples classifies 98.61 % of 360 test samples correctly.",
        "With 1,000 parameters, the ensemble of 2 trainings classifies 98.61 % of 360 test samples correctly.",
        "The selected network reaches val_acc 97.00 % with 500 parameters.",
        "The ensemble of 2 trainings reaches val_acc 98.00 % with 1,000 parameters.",
    ]


def test_key_figures_and_aims(make_run: MakeRun, trials: list[Trial], finalists: list[FinalRow]) -> None:
    names = [name for name, _, _ in quality(make_run(trials=trials, finalists=finalists))]
    assert names == ["Test accuracy", "Validation accuracy"]
    assert [name for name, _, _ in quality(make_run(trials=trials))] == ["Best val_acc"]
    assert aim(Objective("params", "minimize", 5)) == "minimize, limit 5"
    assert aim(Objective("val_acc")) == "maximize"
