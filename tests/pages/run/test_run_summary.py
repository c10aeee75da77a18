"""What follows from the record of a run."""

from dataclasses import replace

from nas.final.replacement import Replacement
from nas.final.tuning import Attempt, Tuning
from nas.formatting import show_duration
from nas.pages.run import FinalRow
from nas.pages.run.card import card
from nas.pages.run.key_figures import key_figures
from nas.trial import Trial
from tests.pages.run.conftest import MakeRun, MakeTrial


def test_before_anything_is_there(make_run: MakeRun) -> None:
    run = make_run()
    assert (run.best, run.chosen, run.network) == (None, None, None)
    assert not run.cut_off


def test_the_network_is_that_of_the_best_trial_until_one_is_chosen(
    make_run: MakeRun, trials: list[Trial], finalists: list[FinalRow]
) -> None:
    run = make_run(trials=trials)
    assert len(run.scored) == 38
    assert [trial.number for trial in run.failed] == [38, 39]
    assert run.best is not None
    assert run.best.score == max(trial.score or 0 for trial in trials)
    assert run.network == run.best.architecture
    ended = make_run(trials=trials, finalists=finalists)
    assert ended.chosen is finalists[1]
    assert ended.network == finalists[1].architecture


def test_a_truncated_training(make_run: MakeRun, make_trial: MakeTrial) -> None:
    assert make_run(trials=[make_trial(0), make_trial(1, epochs=2)]).cut_off
    assert not make_run(trials=[make_trial(0)]).cut_off


def test_the_cost_is_that_of_every_stage(make_run: MakeRun, trials: list[Trial], finalists: list[FinalRow]) -> None:
    arch = finalists[0].architecture
    search, final = sum(trial.seconds for trial in trials), sum(row.seconds for row in finalists)
    assert make_run().seconds == {"search": 0}
    assert make_run(trials=trials, finalists=finalists).seconds == {"search": search, "finalists": final}
    tuning = Tuning(arch.id, "val_acc", True, [Attempt({}, 0.5, seconds=3.0), Attempt({}, None, "CRASH", seconds=4.0)])
    joined = Replacement("joined", 1, arch.params, arch.macs, 5.0)
    ensemble = replace(joined, what="seeds", seconds=final / 2)  # of trainings of finalists
    for other, extra in ((joined, {"training on all samples": 5.0}), (ensemble, {})):
        run = make_run(trials=trials, finalists=finalists, tuning=tuning, replacement=other)
        assert run.seconds == {"search": search, "tuning": 7.0, "finalists": final, **extra}
        whole = search + final + 7 + sum(extra.values())
        assert f"took {show_duration(whole)} on" in card(run).replace("\n", " ")
        ((shown, note),) = [(shown, note) for name, shown, note in key_figures(run) if name == "Training time"]
        assert shown == show_duration(whole)
        assert f"tuning {show_duration(7)}, finalists {show_duration(final)}" in note
