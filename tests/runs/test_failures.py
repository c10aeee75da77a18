"""What fails in a run: trials, all of them, or the run itself."""

import gc
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from nas.driver.deaths import LIVES
from nas.driver.lock import exclusive
from nas.errors import EvaluationFailed, FailureKind, NoValidTrial, StorageError, UsageError
from nas.evaluate import Train
from nas.events import Event, TrialEnded
from nas.runs.network import network_contents
from nas.runs.report import write_report
from nas.runs.summary import read_run
from nas.space import Architecture
from nas.trial import Metrics
from tests.tiny_run import (
    archive,
    contents,
    outcome,
    rows,
    start,
)

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
        network_contents(tmp_path / "run")


def test_the_study_is_open_elsewhere(copied: Path, config: Path) -> None:
    before = contents(copied)
    with (
        exclusive(copied / "study.db"),
        pytest.raises(StorageError, match=rf"study.db is in use: process {os.getpid()} on .* holds it since "),
    ):
        start(config, out=copied, resume=True)
    assert contents(copied) == before
    read_run(copied)


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


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads /proc")
@pytest.mark.parametrize(("workers", "trials", "most"), [("in_process", 80, 6), ("2", 80, 10)])
def test_many_trials_leave_nothing_behind(
    workers: str, trials: int, most: int, config: Path, tmp_path: Path, no_drawing: None
) -> None:
    """Memory of this process stays within so many MB of that after trial 40; open files are those of the start."""
    (tmp_path / "space.yaml").write_text(BROAD)
    archive(tmp_path / "data.npz", seed=0)
    gc.collect()  # else what other tests have left is closed in between
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

    overrides = ("controller=random", "data={npz: {path: data.npz}}", f"budget.trials={trials}", "final.top=1")
    result = start(config, *overrides, f"workers={workers}", out=tmp_path / "run", on_event=watch)
    assert (result.trials, result.failed) == (trials, 0)
    assert len({trial.architecture.id for trial in read_run(tmp_path / "run").trials}) > 0.75 * trials
    assert max(memory[59::20]) - memory[39] < most
    assert len(set(files[10:])) == 1
