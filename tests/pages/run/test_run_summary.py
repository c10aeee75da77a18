"""What follows from the record of a run."""

from nas.pages.run import FinalRow
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
