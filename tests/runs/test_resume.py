"""A run that is continued: after a stop, with more trials, or with something that has changed since it began."""

import random
import shutil
import time
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

import pytest

from nas.data import load_data
from nas.errors import IntegrityError
from nas.evaluate import Train
from nas.events import Event, Notice
from nas.runs.config import load_config
from nas.runs.summary import explain, read_run
from tests.run_files import recipe
from tests.tiny_run import (
    CONFIG,
    HANDED_OVER,
    SPACE,
    Crash,
    archive,
    contents,
    outcome,
    quit_before,
    rows,
    start,
    stop_after,
    write_run,
)


def test_resume_after_the_end_changes_nothing(copied: Path, config: Path) -> None:
    before = contents(copied)
    start(config, out=copied, resume=True)
    after = contents(copied)
    assert {name for name in {**before, **after} if before.get(name) != after.get(name)} <= {"report.html"}


def test_a_run_goes_on_to_more_trials(config: Path, tmp_path: Path, no_drawing: None) -> None:
    overrides = ("controller=random", "final.top=3")
    start(config, *overrides, "budget.trials=3", out=tmp_path / "a")
    start(config, *overrides, out=tmp_path / "a", resume=True)
    start(config, *overrides, out=tmp_path / "b")
    assert rows(tmp_path / "a") == rows(tmp_path / "b")
    for name in HANDED_OVER:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


@pytest.mark.parametrize("winner", ["observed", "repeat"])
def test_a_run_with_a_schedule_goes_on_to_more_trials(
    winner: str, copied: Path, finished: Path, config: Path, tmp_path: Path, no_drawing: None
) -> None:
    """ε falls over the budget: from here on over the new one, and the same wherever the longer run is stopped."""
    usual = (f"winner={winner}", "final.epochs=1")
    start(config, *usual, "budget.trials=10", out=copied, resume=True)
    assert (len(rows(copied)), rows(copied)[:6]) == (10, rows(finished))
    stopped = Path(shutil.copytree(finished, tmp_path / "stopped"))
    with pytest.raises(Crash):
        start(config, *usual, "budget.trials=10", out=stopped, resume=True, on_event=stop_after(2))
    start(config, *usual, "budget.trials=10", out=stopped, resume=True)
    assert outcome(stopped) == outcome(copied)
    assert explain(copied).trials == (10 if winner == "observed" else 9), "what the controller was told"
    # The number that the file has takes nothing away.
    events: list[Event] = []
    assert start(config, *usual, out=copied, resume=True, on_event=events.append).trials == 10
    notices = [event.text for event in events if isinstance(event, Notice)]
    assert notices[-1] == f"{copied} holds 10 of 10 trials already; a budget of 6 removes none"
    assert read_run(copied).budget == 10


def test_a_run_that_repeats_its_best_is_the_same_wherever_it_was_stopped(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_drawing: None
) -> None:
    monkeypatch.setattr("nas.final.winner.REPEAT_SHARE", 0.5)
    overrides = ("winner=repeat", "final.epochs=1")
    start(config, *overrides, out=tmp_path / "whole")
    found = rows(tmp_path / "whole", without=())
    first, again = found[:3], found[3:]
    assert {row["id"] for row in again} <= {row["id"] for row in first}
    assert len({row["seed"] for row in again} - {row["seed"] for row in first}) == 3, "each has a seed of its own"
    assert all(float(row["seconds"]) > 0 for row in again), "trained again, not remembered"
    for trials in (2, 3, 4):  # among the first, between, and among the repeats
        folder = tmp_path / f"stopped{trials}"
        with pytest.raises(Crash):
            start(config, *overrides, out=folder, on_event=stop_after(trials))
        start(config, *overrides, out=folder, resume=True)
        assert outcome(folder) == outcome(tmp_path / "whole")
    assert explain(tmp_path / "whole").trials == 3, "what the controller was told"


def test_a_run_that_tried_everything_ends(config: Path, tmp_path: Path, no_drawing: None) -> None:
    """In the whole of a space of 14 networks; what is left of the budget goes into repeats where these are wanted."""
    folder = tmp_path / "run"
    events: list[Event] = []
    usual = ("controller=grid", "final.epochs=1")
    result = start(config, *usual, "budget.trials=40", out=folder, on_event=events.append)
    found = rows(folder)
    assert result.trials == len(found) == len({row["id"] for row in found}) == 14
    assert [event.text for event in events if isinstance(event, Notice)][1:] == [
        "digits: 1,149 training, 288 validation, 360 test samples; classification, "
        "10 classes: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9",
        "the search ends after 14 trials: every network of the space has been evaluated",
    ]
    assert read_run(folder).all_tried
    assert start(config, *usual, "budget.trials=50", out=folder, resume=True).trials == 14
    assert rows(folder) == found, "it stays ended"
    more = (*usual, "budget.trials=16", "winner=repeat")
    assert start(config, *more, out=folder, resume=True).trials == 16
    assert rows(folder)[:14] == found
    assert explain(folder).trials == 14, "what the controller was told"


PAUSING = ("controller={asha: {controller: random, eta: 2}}", "evaluator.train.epochs=4", "budget.trials=9")


@pytest.fixture(scope="module")
def promoted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a finished run of ASHA, of whose 9 trials some go on with others."""
    folder = tmp_path_factory.mktemp("promoted")
    start(write_run(folder), *PAUSING, out=folder / "run")
    return folder / "run"


def test_trials_that_go_on_have_the_metrics_of_one_training(promoted: Path) -> None:
    trials = read_run(promoted).trials
    assert {trial.proposal.epochs for trial in trials} == {1, 2, None}
    train = Train(load_data("digits"), recipe(load_config(promoted / "config.yaml")), device="cpu")
    for trial in trials:
        alone = train(trial.architecture, epochs=trial.proposal.epochs, seed=trial.seed)
        repeated = trial.metrics["seconds"] == 0
        assert repeated or {**alone, "seconds": 0.0} == {**trial.metrics, "seconds": 0.0}
    assert not (promoted / "checkpoints").exists()


@pytest.mark.parametrize("cut", [4, 7])
def test_a_run_with_pauses_goes_on(cut: int, promoted: Path, config: Path, tmp_path: Path, no_drawing: None) -> None:
    """With its checkpoints after an odd number of trials, and without them after an even one."""
    folder = tmp_path / "run"
    with pytest.raises(Crash):
        start(config, *PAUSING, out=folder, on_event=stop_after(cut))
    assert len(read_run(folder).trials) == cut
    assert (folder / "checkpoints").is_dir()
    if cut % 2 == 0:
        shutil.rmtree(folder / "checkpoints")
    start(config, *PAUSING, out=folder, resume=True)
    assert outcome(folder) == outcome(promoted)


CHANGES = {
    "controller": ("controller.q_learning.replay=7", "controller.q_learning.replay: 5 -> 7"),
    "another controller": ("controller=random", r"controller.q_learning.alpha: 0.01 -> \(none\)"),
    "evaluator": ("evaluator.train.epochs=2", "evaluator.train.epochs: 1 -> 2"),
    "seed": ("seed=1", "seed: 0 -> 1"),
    "data": ("data.digits.val_share=0.3", "data: .* -> "),
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_config_has_changed(change: str, copied: Path, config: Path, no_drawing: None) -> None:
    override, difference = CHANGES[change]
    before = contents(copied)
    with pytest.raises(IntegrityError, match=rf"(?s)study 'tiny' was begun with something else:\n.*{difference}"):
        start(config, override, out=copied, resume=True)
    assert contents(copied) == before
    assert start(config, override, out=copied, resume=True, accept_changes=True).trials >= 6


def test_the_space_has_changed(copied: Path, config: Path, tmp_path: Path, no_drawing: None) -> None:
    before = contents(copied)
    (tmp_path / "space.yaml").write_text(SPACE.replace("name: tiny\n", "name: tiny\nlimits: {params: 90000}\n"))
    with pytest.raises(IntegrityError, match=r"space: .* -> "):
        start(config, out=copied, resume=True)
    assert contents(copied) == before
    start(config, out=copied, resume=True, accept_changes=True)
    assert (copied / "space.yaml").read_text() == (tmp_path / "space.yaml").read_text()
    start(config, out=copied, resume=True)


def test_a_comment_is_no_change(copied: Path, config: Path, tmp_path: Path, no_drawing: None) -> None:
    (tmp_path / "space.yaml").write_text("# a remark\n" + SPACE)
    config.write_text(CONFIG + "# another\n")
    before = outcome(copied)
    start(config, out=copied, resume=True)
    assert outcome(copied) == before


def test_options_that_changed_need_a_new_study(copied: Path, config: Path, tmp_path: Path) -> None:
    before = contents(copied)
    (tmp_path / "space.yaml").write_text(SPACE.replace("[8, 16]", "[8, 12, 16]"))
    with pytest.raises(IntegrityError, match=r"the options of hidden.some.0.linear.units were \[8, 16\], and are "):
        start(config, out=copied, resume=True, accept_changes=True)
    assert {name for name, content in contents(copied).items() if content != before[name]} <= {"study.db"}


def test_a_run_of_another_name(copied: Path, config: Path) -> None:
    """Its study would not be found in the database, and a second one begun beside it."""
    before = contents(copied)
    with pytest.raises(IntegrityError, match=r"study\.db holds the study 'tiny', and this one is 'other'"):
        start(config, "name=other", out=copied, resume=True)
    assert contents(copied) == before


def test_finalists_of_other_data_are_trained_again(config: Path, tmp_path: Path, no_drawing: None) -> None:
    data = "data={npz: {path: data.npz}}"
    archive(tmp_path / "data.npz", seed=0)
    first = start(config, data, out=tmp_path / "run")
    archive(tmp_path / "data.npz", seed=1)
    with pytest.raises(IntegrityError, match="data: "):
        start(config, data, out=tmp_path / "run", resume=True)
    second = start(config, data, out=tmp_path / "run", resume=True, accept_changes=True)
    assert [finalist.trial for finalist in second.final.finalists] == [
        finalist.trial for finalist in first.final.finalists
    ]
    for one, other in zip(first.final.finalists, second.final.finalists, strict=True):
        assert one.curves != other.curves


def test_the_clock_has_no_effect(
    config: Path, tmp_path: Path, finished: Path, monkeypatch: pytest.MonkeyPatch, no_drawing: None
) -> None:
    jumps = random.Random(0)
    true_time = time.time

    class Jumping(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> "Jumping":
            return cls.fromtimestamp(true_time(), tz) + timedelta(days=jumps.uniform(-9000, 9000))

    monkeypatch.setattr("nas.driver.stored_trial.datetime", Jumping)
    monkeypatch.setattr("nas.driver.lock.datetime", Jumping)
    monkeypatch.setattr(time, "time", lambda: true_time() + jumps.uniform(-1e9, 1e9))
    with pytest.raises(Crash):
        start(config, out=tmp_path / "run", on_event=quit_before("final"))
    start(config, out=tmp_path / "run", resume=True)
    assert outcome(tmp_path / "run") == outcome(finished)


def test_other_preparation_is_refused_with_the_difference(tmp_path: Path, no_drawing: None) -> None:
    rows_ = [f"{'one two three four'[: 7 + 3 * (place % 3)]},{place % 2}" for place in range(40)]
    (tmp_path / "texts.csv").write_text("\n".join(["text,y", *rows_]), encoding="utf-8")
    layers = "[{embedding: {vocabulary: tokens, width: {choice: [2, 3]}}}, flatten, {linear: {units: outputs}}]"
    (tmp_path / "space.yaml").write_text(f"input: from data\nlayers: {layers}\n", encoding="utf-8")
    text = CONFIG.replace("data: digits", "data: {texts: {path: texts.csv, length: 3}}").replace(
        "trials: 6", "trials: 1"
    )
    (tmp_path / "r.yaml").write_text(text, encoding="utf-8")
    start(tmp_path / "r.yaml", out=tmp_path / "run")
    with pytest.raises(IntegrityError, match="data: the content was changed") as caught:
        start(tmp_path / "r.yaml", "data.texts.pad=left", out=tmp_path / "run", resume=True)
    assert caught.value.__notes__ == [
        'the settings of the data differ from those in config.yaml:\n  data.texts.pad: "right" -> "left"'
    ]
