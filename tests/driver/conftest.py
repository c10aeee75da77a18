"""A small space, a free evaluator, and a study of eight trials in a file, for the tests of what is stored."""

import contextlib
import os
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nas.controllers import RegularizedEvolution
from nas.driver.optuna_study import OptunaStudy
from nas.driver.search import search
from nas.driver.study import Study
from nas.space import Architecture, Space, parse_space
from nas.trial import Metrics, Objective, Trial

SPACE_TEXT = """
name: small
input: [1, 8, 8]
outputs: 10
layers:
  - name: body
    repeat: {choice: [0, 1, 2]}
    of:
      - conv: {width: {choice: [4, 8]}, kernel: {choice: [1, 3]}}
      - name: activation
        choice: [relu, identity]
      - dropout: {p: {choice: [0.0, 0.1, 0.30000000000000004]}}
  - flatten
  - linear: {units: outputs}
"""
SPACE = parse_space(SPACE_TEXT)
OBJECTIVES = (Objective("val_acc"),)
IDENTITY = {"space": SPACE.fingerprint, "seed": 0, "controller": {"name": "regularized_evolution", "population": 4}}


def evaluate(arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
    """A free evaluator; some architectures fail."""
    rng = np.random.default_rng(seed)
    curve = tuple(map(float, rng.random(3)))
    bad = arch.params % 5 == 0
    return {
        "val_acc": float("nan") if bad else curve[-1],
        "val_acc_curve": curve,
        "val_latency_ms": 3.5,
        "seconds": 0.25,
    }


def run_search(
    count: int, *, study: Study | None = None, objectives: tuple[Objective, ...] = OBJECTIVES
) -> list[Trial]:
    controller = RegularizedEvolution(SPACE, population=4, tournament=2)
    return list(search(controller, evaluate, study, trials=count, objectives=objectives))


def open_study(
    path: str | Path,
    *,
    name: str = "s",
    space: Space = SPACE,
    objectives: tuple[Objective, ...] = OBJECTIVES,
    identity: Mapping[str, Any] = IDENTITY,
    accept_changes: bool = False,
    alone: bool = False,
) -> contextlib.AbstractContextManager[OptunaStudy]:
    return OptunaStudy.open(
        path,
        name=name,
        space=space,
        objectives=objectives,
        identity=identity,
        accept_changes=accept_changes,
        alone=alone,
    )


@pytest.fixture
def space_text() -> str:
    return SPACE_TEXT


@pytest.fixture
def space() -> Space:
    return SPACE


@pytest.fixture
def identity() -> Mapping[str, Any]:
    """What `opened` opens a study with."""
    return IDENTITY


@pytest.fixture
def trials() -> Callable[..., list[Trial]]:
    """`trials(count, study=, objectives=)`: what a search makes, the same each time."""
    return run_search


@pytest.fixture
def opened() -> Callable[..., contextlib.AbstractContextManager[OptunaStudy]]:
    """`opened(path, name=, space=, ...)`: `OptunaStudy.open` with defaults."""
    return open_study


@pytest.fixture(scope="session")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study of eight trials; copy it before changing it."""
    path = tmp_path_factory.mktemp("stored") / "study.db"
    with open_study(path) as study:
        for trial in run_search(8):
            study.append(trial)
    return path


@pytest.fixture
def copied(stored: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(stored, tmp_path / "study.db"))


@pytest.fixture
def altered(copied: Path) -> Callable[[str], Path]:
    """`altered(statement)`: the study of eight trials, after a statement of SQL that changes something."""

    def alter(statement: str) -> Path:
        with contextlib.closing(sqlite3.connect(copied)) as connection, connection:
            assert connection.execute(statement).rowcount > 0
        return copied

    return alter


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The URL of an empty database of a server of its own: that of Debian's package, on a socket in its own folder."""
    psycopg = pytest.importorskip("psycopg")
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    if not found:
        pytest.skip("needs Debian's package postgresql")
    user = "postgres" if os.geteuid() == 0 else None  # the server refuses to run as root
    with tempfile.TemporaryDirectory(prefix="postgresql") as folder:
        if user:
            shutil.chown(folder, user)
        data = str(Path(folder) / "data")
        make = [str(found[-1] / "initdb"), "-D", data, "-A", "trust", "-U", "nas"]
        subprocess.run(make, check=True, capture_output=True, user=user, cwd=folder)
        run = [str(found[-1] / "postgres"), "-D", data, "-k", folder, "-c", "listen_addresses=", "-c", "fsync=off"]
        with subprocess.Popen(run, user=user, cwd=folder, stderr=subprocess.DEVNULL) as server:
            try:
                while server.poll() is None:
                    with contextlib.suppress(psycopg.OperationalError):
                        psycopg.connect(f"host={folder} user=nas dbname=postgres").close()
                        break
                    time.sleep(0.05)
                yield f"postgresql+psycopg://nas@/postgres?host={folder}"
            finally:
                server.send_signal(signal.SIGINT)  # ends connections that are open
