"""The key figures of a run."""

from collections.abc import Callable

from nas.pages.run import RunSummary
from nas.pages.run.key_figures import key_figures
from nas.trial import Trial

MakeRun = Callable[..., RunSummary]
MakeTrial = Callable[..., Trial]


def test_size_and_effort(make_run: MakeRun, trials: list[Trial]) -> None:
    found = {name: (number, note) for name, number, note in key_figures(make_run(trials=trials, budget=50))}
    networks = len({trial.architecture.id for trial in trials})
    assert found["Trials"] == ("40 of 50", f"{networks} networks, 2 failed")
    assert found["Training time"][1] == "summed over trials"
    assert {"Parameters", "MACs"} <= set(found)


def test_without_trials_there_is_no_size(make_run: MakeRun) -> None:
    assert [name for name, _, _ in key_figures(make_run())] == ["Trials", "Training time"]
