"""Runs that end by time, epochs, patience or a target, are stopped, resumed and extended."""

import json
from pathlib import Path
from typing import Any

import pytest

from nas.controllers import QLearning
from nas.driver.executors.serial import Serial
from nas.errors import SpecError
from nas.evaluate.evaluation import make_data
from nas.events import Event, Notice, StageBegan
from nas.runs.prepare import load_run, make_controller, make_space, prepare
from nas.runs.summary import explain, read_run
from tests.tiny_run import Crash, outcome, rows, start, stop_after

QUICK = ("controller=random", "final.top=1", "final.epochs=1")


@pytest.fixture
def a_minute_each(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each evaluation takes a minute."""
    evaluated: dict[int, int] = {}
    usual = Serial.next

    def next_(self: Serial) -> Any:
        evaluated[id(self)] = evaluated.get(id(self), 0) + 1
        return usual(self)

    monkeypatch.setattr(Serial, "next", next_)
    monkeypatch.setattr(Serial, "clock", property(lambda self: 60.0 * evaluated.setdefault(id(self), 0)))
    usual_begin = Serial.__init__

    def begin(self: Serial, *args: Any, **kwargs: Any) -> None:
        usual_begin(self, *args, **kwargs)
        evaluated[id(self)] = 0

    monkeypatch.setattr(Serial, "__init__", begin)


@pytest.fixture(scope="module")
def unlimited(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run of 9 trials without other limits."""
    from tests.tiny_run import write_run

    folder = tmp_path_factory.mktemp("unlimited")
    start(write_run(folder), *QUICK, "budget.trials=9", out=folder / "run")
    return folder / "run"


def notices(events: list[Event]) -> list[str]:
    return [event.text for event in events if isinstance(event, Notice)]


def test_a_run_of_some_minutes(
    config: Path, tmp_path: Path, unlimited: Path, a_minute_each: None, no_drawing: None
) -> None:
    """It makes the first trials of an unlimited run; what is in flight is finished; stops and extensions change
    nothing."""
    folder, events = tmp_path / "run", list[Event]()
    with pytest.raises(Crash):
        start(config, *QUICK, "budget={minutes: 3}", out=folder, on_event=stop_after(2))
    assert [trial.clock for trial in read_run(folder).trials] == [60, 120]
    assert read_run(folder).goes_on
    result = start(config, *QUICK, "budget={minutes: 3}", out=folder, resume=True, on_event=events.append)
    assert rows(folder) == rows(unlimited)[:4]
    assert [trial.clock for trial in read_run(folder).trials] == [60, 120, 180, 240]
    assert notices(events)[-2:] == [
        f"{folder} holds 2 trials already",
        "the search ends after 4 trials: the budget is 3 minutes",
    ]
    assert next(event for event in events if isinstance(event, StageBegan)).total is None
    assert (result.end.by, result.to_dict()["ended_by"]) == ("minutes", "minutes")
    summary = read_run(folder)
    assert (summary.budget, summary.limits, summary.goes_on) == (None, {"minutes": 3}, False)

    before = outcome(folder)
    start(config, *QUICK, "budget={minutes: 3}", out=folder, resume=True)
    assert outcome(folder) == before, "without more time, nothing is trained"
    start(config, *QUICK, "budget={minutes: 5, trials: 9}", out=folder, resume=True)
    assert rows(folder) == rows(unlimited)[:6], "the minute of the trial in flight is spent as well"
    start(config, *QUICK, "budget={trials: 9}", out=folder, resume=True)
    assert rows(folder) == rows(unlimited)


@pytest.mark.parametrize("by", ["patience", "target"])
def test_a_run_that_has_enough(by: str, config: Path, tmp_path: Path, unlimited: Path, no_drawing: None) -> None:
    found = rows(unlimited)
    scores = [float(row["val_acc"]) for row in found]
    best = [max(scores[: n + 1]) for n in range(len(scores))]
    if by == "patience":
        budget = "{patience: 2}"
        last = next(n for n in range(2, len(scores)) if best[n] == best[n - 2])
    else:
        budget = f"{{target: {sorted(scores)[-3]}}}"
        last = next(n for n, score in enumerate(scores) if score >= sorted(scores)[-3])
    assert last < 7
    folder, events = tmp_path / "run", list[Event]()
    result = start(config, *QUICK, f"budget={budget}", out=folder, on_event=events.append)
    assert rows(folder) == found[: last + 2], "the next one was in flight"
    assert result.end.by == by
    assert notices(events)[-1] == result.end.after(last + 2)
    events.clear()
    start(config, *QUICK, f"budget={budget}", out=folder, resume=True, on_event=events.append)
    assert notices(events)[-1] == result.end.after(last + 2)
    assert rows(folder) == found[: last + 2]
    start(config, *QUICK, "budget={trials: 9}", out=folder, resume=True)
    assert rows(folder) == rows(unlimited)


@pytest.mark.parametrize(("budget", "by"), [("{epochs: 6}", "epochs"), ("{patience: 1, trials: 20}", "patience")])
def test_a_run_that_repeats_its_best_is_the_same_wherever_it_was_stopped(
    budget: str,
    by: str,
    config: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    no_drawing: None,
) -> None:
    """Half of the epochs are for repeats; where patience ends the proposals, there are as many repeats as proposals."""
    monkeypatch.setattr("nas.final.winner.REPEAT_SHARE", 0.5)
    overrides = (*QUICK, f"budget={budget}", "winner=repeat")
    whole = tmp_path / "whole"
    assert start(config, *overrides, out=whole).end.by == by
    found = rows(whole, without=())
    proposals = json.loads((whole / "search.json").read_text())["proposals"]
    assert proposals == explain(whole).trials
    trained = [float(row["seconds"]) > 0 for row in found]
    if by == "epochs":
        assert (sum(trained[:proposals]), sum(trained[proposals:])) == (3, 3)
    else:
        assert len(found) == 2 * proposals
    assert all(trained[proposals:])
    assert {row["id"] for row in found[proposals:]} <= {row["id"] for row in found[:proposals]}
    for stop in (proposals - 1, proposals + 1):
        folder = tmp_path / f"stopped{stop}"
        with pytest.raises(Crash):
            start(config, *overrides, out=folder, on_event=stop_after(stop))
        assert start(config, *overrides, out=folder, resume=True).end.by == by
        assert outcome(folder) == outcome(whole)
        assert explain(folder).trials == proposals


@pytest.mark.parametrize(
    ("budget", "message"),
    [
        (
            "{minutes: 5}",
            "controller.q_learning: q_learning has a schedule over the trials of a search, and the budget does not say "
            "how many these are: give budget.trials as well",
        ),
        ("{target: {val_ac: 0.9}, trials: 5}", "budget: the target 'val_ac' is no objective; did you mean 'val_acc'?"),
    ],
)
def test_budgets_that_do_not_fit_the_run(budget: str, message: str, config: Path) -> None:
    run = load_run(config, [f"budget={budget}"])
    with pytest.raises(SpecError) as caught:
        prepare(run)
    assert message in str(caught.value)


def test_epochs_make_a_schedule(config: Path) -> None:
    """An epoch each: six epochs are six trials, with the same ε, and with fewer where some are for repeats."""
    for budget, winner, trials in (("{epochs: 6}", "observed", 6), ("{epochs: 20}", "repeat", 18)):
        read = load_run(config, [f"budget={budget}", f"winner={winner}"])
        made = make_controller(read, make_space(read, make_data(read)), full_epochs=1)
        whole = make_controller(load_run(config, [f"budget.trials={trials}"]), make_space(read), full_epochs=1)
        assert isinstance(made, QLearning)
        assert isinstance(whole, QLearning)
        assert [made.epsilon(number) for number in range(20)] == [whole.epsilon(number) for number in range(20)]
