"""A run of seconds: its files, how it is started and ended, and what it left."""

import csv
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from nas.events import Event, OnEvent, StageBegan, TrialEnded
from nas.manifest import Manifest
from nas.network_files import NETWORK, NETWORK_FILES
from nas.runs.config import load_config
from nas.runs.run import RunResult, run
from nas.runs.summary import read_run
from nas.trial import Trial

SPACE = """
name: tiny
input: [1, 8, 8]
outputs: 10
layers:
  - name: pool
    choice: [identity, {avg_pool: {kernel: 2}}]
  - flatten
  - name: hidden
    choice:
      none: []
      some: [{linear: {units: {choice: [8, 16]}}}, {name: activation, choice: [relu, silu, tanh]}]
  - linear: {units: outputs}
"""


CONFIG = """
name: tiny
space: space.yaml
data: digits
controller: {q_learning: {replay: 5}}
evaluator: {train: {epochs: 1, lr: 0.01}}
budget: {trials: 6}
final: {top: 2, epochs: 2, lr: 0.01}
baseline: none
device: cpu
workers: in_process
"""


def write_run(folder: Path) -> Path:
    """Writes the tiny run's files, and gives the path of its run file."""
    (folder / "space.yaml").write_text(SPACE)
    (folder / "tiny.yaml").write_text(CONFIG)
    return folder / "tiny.yaml"


HANDED_OVER = (*(f"{NETWORK}/{name}" for name in NETWORK_FILES), "predictions.npz", "diagnosis.json", "final.json")
"""The selected network of a finished run, what it predicts, and which it is."""

ENDING = (*HANDED_OVER, "finalists/")
"""What a run leaves after its search, but for the report."""


def rows(folder: Path, *, without: tuple[str, ...] = ("seconds",)) -> list[dict[str, str]]:
    with (folder / "trials.csv").open(newline="") as file:
        return [{key: value for key, value in row.items() if key not in without} for row in csv.DictReader(file)]


def trials(folder: Path) -> tuple[Trial, ...]:
    """All trials of a run, but for how long they took."""
    return tuple(
        replace(trial, seconds=0.0, metrics={**trial.metrics, "seconds": 0.0}) for trial in read_run(folder).trials
    )


class Outcome(NamedTuple):
    """All of a finished run that must be the same, bit for bit, however often it was interrupted."""

    trials: tuple[Trial, ...]
    rows: list[dict[str, str]]
    handed_over: Mapping[str, bytes]
    weights: Mapping[str, bytes]


def outcome(folder: Path) -> Outcome:
    """What came of a run."""
    Manifest(folder).verify()
    weights = {path.name: path.read_bytes() for path in sorted((folder / "finalists").glob("*.safetensors"))}
    return Outcome(trials(folder), rows(folder), {name: (folder / name).read_bytes() for name in HANDED_OVER}, weights)


def contents(folder: Path) -> Mapping[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


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


def archive(path: Path, *, seed: int, samples: int = 60) -> None:
    """A data set of random images with ten classes."""
    images = np.random.default_rng(seed).integers(0, 256, (samples, 1, 8, 8)).astype(np.uint8)
    np.savez(path, train_inputs=images, train_labels=np.arange(samples) % 10)
