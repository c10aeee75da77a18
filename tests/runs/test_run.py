"""A run from its file to its folder, and what happens to it when it is stopped, changed or damaged."""

import gc
import inspect
import json
import os
import random
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from nas.controllers import CONTROLLERS
from nas.data import DATASETS, Samples, load_data
from nas.driver.deaths import LIVES
from nas.driver.lock import exclusive
from nas.errors import EvaluationFailed, FailureKind, IntegrityError, NoValidTrial, StorageError, UsageError
from nas.evaluate import Train
from nas.events import Event, Notice, OnEvent, StageBegan, TrialEnded
from nas.final.export import to_yaml
from nas.manifest import Manifest
from nas.runs.config import PARTS, load_config
from nas.runs.network import copy_network
from nas.runs.report import write_report
from nas.runs.run import RunResult, run
from nas.runs.summary import explain, read_run
from nas.settings import identity, resolved
from nas.space import Architecture, Space
from nas.training.fit import fit
from nas.training.workbench import Workbench
from nas.trial import Metrics, Trial
from tests.forked import CONFIG, HANDED_OVER, SPACE, contents, outcome, rows, write_run
from tests.run_files import recipe

FIXED = {
    "config.yaml",
    "space.yaml",
    "study.db",
    "study.db.lock",
    "final.json",
    "architecture.yaml",
    "model.safetensors",
    "model.py",
    "report.html",
    "trials.csv",
    "manifest.json",
}


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Networks this small are trained fastest on one thread, and the same number of threads gives the same bits."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def no_drawing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Drawing takes most of the time of a run this small, and tests/report looks at it."""
    monkeypatch.setattr("nas.runs.report.report_html", lambda summary: "<!doctype html>")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return write_run(tmp_path)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a finished run; copy it before changing it."""
    folder = tmp_path_factory.mktemp("finished")
    run(write_run(folder), out=folder / "run")
    return folder / "run"


@pytest.fixture
def copied(finished: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(finished, tmp_path / "run"))


def start(config: Path, *overrides: str, out: Path, **options: Any) -> RunResult:
    return run(load_config(config, overrides), out=out, **options)


class Crash(Exception):
    """Stands for whatever ends a process in the middle."""


def quit_before(stage: str) -> OnEvent:
    """Ends a run when a stage begins."""

    def read(event: Event) -> None:
        if isinstance(event, StageBegan) and event.stage == stage:
            raise Crash

    return read


def stop_after(trials: int) -> OnEvent:
    """Ends a run after so many trials."""
    left = trials

    def read(event: Event) -> None:
        nonlocal left
        left -= isinstance(event, TrialEnded)
        if not left:
            raise Crash

    return read


# A run, and the folder that it leaves.


def test_a_run_fills_its_folder(finished: Path) -> None:
    found = contents(finished)
    finalists = json.loads(found["final.json"])["finalists"]
    assert len(finalists) == 2
    assert set(found) == FIXED | {f"finalists/{id_}.{end}" for id_ in finalists for end in ("json", "safetensors")}
    assert set(Manifest(finished)) == set(found) - {
        "study.db", "study.db.lock", "report.html", "trials.csv", "manifest.json"
    }  # fmt: skip
    assert found["space.yaml"].decode() == SPACE
    assert len(rows(finished)) == 6
    final = json.loads(found["final.json"])
    assert final["chosen"] in finalists
    assert set(final["test"]) == {"test_acc", "test_loss"}
    assert final["chosen"] in found["report.html"].decode()


def test_the_result_says_what_the_folder_holds(finished: Path, config: Path, no_drawing: None) -> None:
    result = start(config, out=finished, resume=True)
    final = json.loads((finished / "final.json").read_bytes())
    assert (result.folder, result.trials, result.failed) == (finished, 6, 0)
    assert result.final.chosen.architecture.id == final["chosen"]
    assert result.final.test == final["test"]
    best = max(float(row["val_acc"]) for row in rows(finished))
    assert {trial.score for trial in result.front} == {best}
    described = result.to_dict()
    assert (described["front"][0], described["best_score"]) == (described["best_trial"], best)
    assert described["figures"] == final["figures"]
    assert json.loads(json.dumps(described)) == described
    assert described["test_acc"] == final["test"]["test_acc"]


def test_config_of_the_folder_repeats_the_run(finished: Path, tmp_path: Path, no_drawing: None) -> None:
    run(finished / "config.yaml", out=tmp_path / "again")
    assert outcome(tmp_path / "again") == outcome(finished)
    first, second = ((folder / "config.yaml").read_text() for folder in (finished, tmp_path / "again"))
    assert first == second


@pytest.mark.parametrize("controller", CONTROLLERS)
def test_a_written_config_is_the_same_config(controller: str, config: Path, tmp_path: Path) -> None:
    """Else the folder's own config.yaml could not resume its run: 1500 and 1500.0 are two identities."""
    wanted = inspect.signature(CONTROLLERS[controller]).parameters
    inner = {"controller": "random", "controllers": ["random", "local_search"]}
    settings = {name: value for name, value in inner.items() if name in wanted}
    first = load_config(config, [f"controller={json.dumps({controller: settings} if settings else controller)}"])
    (tmp_path / "written.yaml").write_text(to_yaml(resolved(first)))
    second = load_config(tmp_path / "written.yaml")
    assert json.dumps(identity(second)) == json.dumps(identity(first))
    longer = load_config(tmp_path / "written.yaml", ["budget.trials=500", "winner=repeat"])
    assert identity(longer) == identity(first), "a run may go on to more trials"
    assert to_yaml(resolved(second)) == to_yaml(resolved(first))


def test_resume_after_the_end_changes_nothing(copied: Path, config: Path) -> None:
    before = contents(copied)
    start(config, out=copied, resume=True)
    after = contents(copied)
    assert {name for name in {**before, **after} if before.get(name) != after.get(name)} <= {"report.html"}


def test_report_can_be_made_again(copied: Path, no_drawing: None) -> None:
    before = contents(copied)
    for name in ("report.html", "trials.csv"):
        (copied / name).unlink()
    assert write_report(copied) == copied / "report.html"
    assert contents(copied)["trials.csv"] == before["trials.csv"]


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
    assert start(config, *usual, out=copied, resume=True).trials == 10
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
        "every network of the space was tried, so the search ends after 14 trials",
    ]
    assert read_run(folder).all_tried
    assert start(config, *usual, "budget.trials=50", out=folder, resume=True).trials == 14
    assert rows(folder) == found, "it stays ended"
    more = (*usual, "budget.trials=16", "winner=repeat")
    assert start(config, *more, out=folder, resume=True).trials == 16
    assert rows(folder)[:14] == found
    assert explain(folder).trials == 14, "what the controller was told"


def test_the_winner_of_a_run_can_be_found_in_another_way(
    copied: Path, config: Path, monkeypatch: pytest.MonkeyPatch, no_drawing: None
) -> None:
    asked: list[str] = []

    def last(trials: Sequence[Trial], count: int, *, how: str, space: Space) -> Sequence[Trial]:
        asked.append(how)
        return [trials[-1]]

    before = rows(copied)
    start(config, "winner=posterior", out=copied, resume=True)
    monkeypatch.setattr("nas.runs.run.winners", last)
    start(config, "winner=posterior", out=copied, resume=True)
    assert asked == ["posterior"]
    assert rows(copied) == before
    assert json.loads((copied / "final.json").read_bytes())["chosen"] == before[-1]["id"]


def test_a_folder_with_a_run_is_refused(copied: Path, config: Path) -> None:
    before = contents(copied)
    with pytest.raises(UsageError, match=r"run holds a run already; --resume goes on with it, --out names another"):
        start(config, out=copied)
    assert contents(copied) == before


def test_nothing_is_made_for_a_run_that_cannot_begin(config: Path, tmp_path: Path) -> None:
    for overrides in (("controller.q_learning.alpha=2",), ("data={npz: {path: none.npz}}",)):
        with pytest.raises(UsageError):
            start(config, *overrides, out=tmp_path / "run")
        assert not (tmp_path / "run").exists()


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_nothing_is_made_without_the_device(config: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="'cuda' was requested, but torch finds no CUDA device"):
        start(config, "device=cuda", out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_the_search_never_sees_test_data(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_drawing: None
) -> None:
    digits = load_data("digits")
    assert digits.test is not None
    noise = np.random.default_rng(0).integers(0, 17, digits.test.inputs.shape).astype(np.uint8)
    events: list[str] = []
    score = Workbench.score_samples

    def fitted(*args: Any, **kwargs: Any) -> Any:
        events.append("fit")
        return fit(*args, **kwargs)

    def scored(bench: Workbench, network: Any, samples: Samples, part: str) -> dict[str, float]:
        assert samples is bench.data.test
        events.append(part)
        return score(bench, network, samples, part)

    for module in ("training.fit", "final.fine_tune"):
        monkeypatch.setattr(f"nas.{module}.fit", fitted)
    monkeypatch.setattr(Workbench, "score_samples", scored)
    for name, inputs in (("true", digits.test.inputs), ("noise", noise)):
        data = replace(digits, test=Samples(inputs, digits.test.targets))
        monkeypatch.setattr(
            "nas.runs.config.PARTS", (DATASETS.extended({"digits": partial(replace, data)}), *PARTS[1:])
        )
        events.clear()
        start(config, out=tmp_path / name)
        assert events[-1] == "test"
        assert events.count("test") == 1
    assert rows(tmp_path / "true") == rows(tmp_path / "noise")
    for file in HANDED_OVER[:3]:
        assert (tmp_path / "true" / file).read_bytes() == (tmp_path / "noise" / file).read_bytes()
    accuracies = [json.loads((tmp_path / name / "final.json").read_bytes())["test"] for name in ("true", "noise")]
    assert accuracies[0] != accuracies[1]


def test_a_run_without_test_data(config: Path, tmp_path: Path, no_drawing: None) -> None:
    archive(tmp_path / "data.npz", seed=0)
    result = start(config, "data={npz: {path: data.npz}}", out=tmp_path / "run")
    assert result.final.test is None
    assert json.loads((tmp_path / "run/final.json").read_bytes())["test"] is None
    assert "test_acc" not in result.to_dict()


def test_a_run_for_two_objectives(config: Path, tmp_path: Path, no_drawing: None) -> None:
    """All that it leaves is about both: the front, the finalists, the network that is handed over, and what is said."""
    events: list[Event] = []
    overrides = ("objectives.params=minimize", "controller=local_search", "final.epochs=1")
    result = start(config, *overrides, out=tmp_path / "run", on_event=events.append)
    assert isinstance(events[0], Notice)
    assert (
        events[0].text
        == "tiny: looking for the highest val_acc, the lowest params; local_search proposes by val_acc alone"
    )
    stages = [event for event in events if isinstance(event, StageBegan)]
    assert [(stage.stage, stage.total, stage.objectives) for stage in stages] == [
        ("trial", 6, result.final.objectives), ("final", len(result.final.finalists), result.final.objectives)
    ]  # fmt: skip
    scores = [(float(row["val_acc"]), -int(row["params"])) for row in rows(tmp_path / "run")]
    on_front = [row["front"] == "true" for row in rows(tmp_path / "run")]
    for score, inside in zip(scores, on_front, strict=True):
        beaten = any(all(a >= b for a, b in zip(one, score, strict=True)) and one != score for one in scores)
        assert not (inside and beaten)
    assert {number for number, inside in enumerate(on_front) if inside} == {trial.number for trial in result.front}
    summary = read_run(tmp_path / "run")
    assert [row.trial for row in summary.finalists] == [finalist.trial for finalist in result.final.finalists]
    assert [row.metrics for row in summary.finalists] == [finalist.metrics for finalist in result.final.finalists]
    best = max(summary.finalists, key=lambda row: (row.metrics["val_acc"], -row.metrics["params"]))
    assert best.chosen
    final = json.loads((tmp_path / "run/final.json").read_bytes())
    assert [one["metric"] for one in final["objectives"]] == ["val_acc", "params"]
    assert [(one["metric"], one["data"], one["chosen_on"]) for one in final["figures"]] == [
        ("test_acc", "test", False), ("test_loss", "test", False), ("val_acc", "validation", True),
        ("params", None, False),
    ]  # fmt: skip
    # What was trained in full is taken as it was, also where only what it is compared by is another thing.
    again = start(config, *overrides, out=tmp_path / "run", resume=True)
    assert again.to_dict() == result.to_dict()


def archive(path: Path, *, seed: int, samples: int = 60) -> None:
    """A data set of random images with ten classes."""
    images = np.random.default_rng(seed).integers(0, 256, (samples, 1, 8, 8)).astype(np.uint8)
    np.savez(path, train_inputs=images, train_labels=np.arange(samples) % 10)


# Trainings that go on.

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


# What goes wrong in a run, and what has changed since it began.


def fail(metrics: dict[str, Any]) -> dict[str, Any]:
    raise EvaluationFailed(FailureKind.OOM_HOST, "no memory left")


DAMAGES: Sequence[tuple[str, Callable[[dict[str, Any]], dict[str, Any]]]] = (
    ("", lambda metrics: metrics),
    ("NONFINITE: val_acc is nan", lambda metrics: {**metrics, "val_acc": float("nan")}),
    ("NONFINITE: val_acc is inf", lambda metrics: {**metrics, "val_acc": float("inf")}),
    ("OOM_HOST: no memory left", fail),
)
"""What becomes of a training, by its seed, and what a trial says of it."""


def test_failed_trials_are_recorded_and_never_best(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_drawing: None
) -> None:
    train = Train.__call__

    def damaged(self: Train, arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        return DAMAGES[seed % 4][1](dict(train(self, arch, epochs=epochs, seed=seed)))

    monkeypatch.setattr(Train, "__call__", damaged)
    (tmp_path / "space.yaml").write_text(BROAD)  # in the tiny one, some would be answered from memory
    overrides = ("controller=random", "budget.trials=12", "final.epochs=1")
    result = start(config, *overrides, out=tmp_path / "run")
    found = rows(tmp_path / "run")
    assert {int(row["seed"]) % 4 for row in found} == {0, 1, 2, 3}
    for row in found:
        error, _ = DAMAGES[int(row["seed"]) % 4]
        assert row["state"] == ("failed" if error else "ok")
        assert row["error"].startswith(error) if error else not row["error"]
    states = {row["number"]: row["state"] for row in found}
    assert list(states.values()).count("failed") == result.failed
    assert {states[str(trial.number)] for trial in result.front} == {"ok"}
    assert {states[str(finalist.trial)] for finalist in result.final.finalists} == {"ok"}
    # A search that goes on tells the failures again, and ends in the same place.
    start(config, *overrides, out=tmp_path / "run", resume=True)
    assert rows(tmp_path / "run") == found


def test_trials_over_a_limit_are_tried_again_also_after_a_stop(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_drawing: None
) -> None:
    """They are not answered from memory, since a search that goes on would not remember them."""
    overrides = (
        "controller=random",
        "objectives={val_acc: {direction: maximize, limit: 0.3}}",
        "final.top=1",
    )
    start(config, *overrides, "budget.trials=12", out=tmp_path / "whole")
    for trials in (5, 12):
        start(config, *overrides, f"budget.trials={trials}", out=tmp_path / "parts", resume=True)
    found = rows(tmp_path / "whole")
    assert found == rows(tmp_path / "parts")
    failed = [row["id"] for row in found if row["error"].startswith("OVER_LIMIT: val_acc is 0.")]
    assert len(set(failed)) < len(failed), "some must come again for this test to say anything"


def test_every_trial_fails(config: Path, tmp_path: Path, no_drawing: None) -> None:
    """A learning rate like this one makes the loss infinite in the first epoch; no fake is needed."""
    overrides = ("evaluator.train.lr=1e30", "evaluator.train.clip_norm=null")
    with pytest.raises(NoValidTrial, match=r"^all 6 trials failed:\n +\d × NONFINITE: train_loss is "):
        start(config, *overrides, out=tmp_path / "run")
    write_report(tmp_path / "run")
    assert {row["state"] for row in rows(tmp_path / "run")} == {"failed"}
    with pytest.raises(NoValidTrial):
        start(config, *overrides, out=tmp_path / "run", resume=True)
    with pytest.raises(UsageError, match="has no final network"):
        copy_network(tmp_path / "run", tmp_path / "network")
    assert not (tmp_path / "network").exists()


def test_the_study_is_open_elsewhere(copied: Path, config: Path) -> None:
    before = contents(copied)
    with (
        exclusive(copied / "study.db"),
        pytest.raises(StorageError, match=rf"study.db is in use: process {os.getpid()} on .* holds it since "),
    ):
        start(config, out=copied, resume=True)
    assert contents(copied) == before
    read_run(copied)


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


def test_weights_of_other_settings_are_not_taken(
    copied: Path, config: Path, monkeypatch: pytest.MonkeyPatch, no_drawing: None
) -> None:
    """Killed between the new weights of a finalist and its record, which still tells of the old ones."""
    before = outcome(copied)
    write = Manifest.write

    def failing(self: Manifest, name: str, data: bytes) -> Path:
        if name.startswith("finalists/") and name.endswith(".json"):
            raise Crash
        return write(self, name, data)

    with monkeypatch.context() as patch:
        patch.setattr(Manifest, "write", failing)
        with pytest.raises(Crash):
            start(config, "final.epochs=1", out=copied, resume=True)
    start(config, out=copied, resume=True)
    assert outcome(copied) == before


def test_half_of_a_new_network_is_not_handed_over(
    copied: Path, config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_drawing: None
) -> None:
    write = Manifest.write

    def failing(self: Manifest, name: str, data: bytes) -> Path:
        if name == "model.py":
            raise Crash
        return write(self, name, data)

    with monkeypatch.context() as patch:
        patch.setattr(Manifest, "write", failing)
        with pytest.raises(Crash):
            start(config, "final.epochs=1", out=copied, resume=True)
    with pytest.raises(UsageError, match="the final network is being replaced; `nas search` with --resume finishes it"):
        copy_network(copied, tmp_path / "network")
    assert not (tmp_path / "network").exists()
    start(config, "final.epochs=1", out=copied, resume=True)
    copy_network(copied, tmp_path / "network")


@pytest.mark.parametrize("name", ["study.db", "config.yaml", "space.yaml", "final.json", "manifest.json"])
def test_no_report_of_damaged_files(name: str, copied: Path) -> None:
    data = (copied / name).read_bytes()
    (copied / name).write_bytes(data[: len(data) // 2])
    before = contents(copied)
    with pytest.raises(IntegrityError, match=rf"\b{name}\b"):
        write_report(copied)
    assert contents(copied) == before


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


def test_what_is_wrong_with_the_run_is_no_failed_trial(
    config: Path, tmp_path: Path, finished: Path, monkeypatch: pytest.MonkeyPatch, no_drawing: None
) -> None:
    def broken(*arguments: object, **settings: object) -> Metrics:
        raise StorageError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(Train, "__call__", broken)
        for resume in [False] + [True] * LIVES:
            with pytest.raises(StorageError):
                start(config, out=tmp_path / "run", resume=resume)
    assert read_run(tmp_path / "run").trials == ()
    start(config, out=tmp_path / "run", resume=True)
    assert outcome(tmp_path / "run") == outcome(finished)


BROAD = """
name: broad
input: [1, 8, 8]
outputs: 10
layers:
  - conv: {width: {choice: [1, 2, 3, 4, 5, 6, 7, 8]}, kernel: {choice: [1, 3, 5]}}
  - flatten
  - dropout: {p: {choice: [0.0, 0.1, 0.2, 0.3, 0.4, 0.5]}}
  - linear: {units: {choice: [2, 4, 6, 8, 10, 12, 14, 16]}}
  - linear: {units: outputs}
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads /proc")
def test_a_hundred_trials_leave_nothing_behind(config: Path, tmp_path: Path, no_drawing: None) -> None:
    """Memory after trial 100 is within 10 MB of that after trial 40; open files are those of the start."""
    (tmp_path / "space.yaml").write_text(BROAD)
    archive(tmp_path / "data.npz", seed=0)
    memory: list[float] = []
    files: list[int] = []

    def watch(event: Event) -> None:
        if not isinstance(event, TrialEnded):
            return
        if len(memory) % 20 == 19:
            gc.collect()
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        memory.append(pages * os.sysconf("SC_PAGE_SIZE") / 1e6)
        files.append(len(list(Path("/proc/self/fd").iterdir())))

    overrides = ("controller=random", "data={npz: {path: data.npz}}", "budget.trials=100", "final.top=1")
    result = start(config, *overrides, out=tmp_path / "run", on_event=watch)
    assert (result.trials, result.failed) == (100, 0)
    assert len({trial.architecture.id for trial in read_run(tmp_path / "run").trials}) > 75
    assert max(memory[59::20]) - memory[39] < 10
    assert len(set(files[2:])) == 1
