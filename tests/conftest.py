"""What tests of several packages share."""

import gc
import os
import shutil
from collections.abc import Generator, Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, settings

from nas.collector import paused_collector
from nas.data import Dataset, from_arrays
from nas.manifest import Manifest
from nas.runs.run import run
from nas.space import Space, parse_space
from tests.forked import Server, served
from tests.prediction.exported import KINDS, Exported
from tests.run_files import SPACE as DIGITS_SPACE
from tests.tiny_run import ENDING, write_run

settings.register_profile("untimed", suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")  # a busy machine is slow to draw examples, and no test is about time


MEMORY = Path("/dev/shm")
"""Where Linux keeps files in memory."""


def pytest_configure(config: pytest.Config) -> None:
    """Files of tests are in memory where it has 2 GiB for them: they would wait for a disk at each of their flushes.
    Processes take test files in the order of `pytest_collection_modifyitems`, and not those with many tests first."""
    config.option.loadscopereorder = False
    usable = MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and not os.statvfs(MEMORY).f_flag & os.ST_NOEXEC
    if usable and shutil.disk_usage(MEMORY).free >= 2 << 30:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests come first, so that no process waits for another one at the end."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """The collector never looks through what is imported, nor through the tests themselves: 700,000 objects."""
    with paused_collector():
        collected = yield
    gc.collect()
    gc.freeze()
    return collected


SPACE = """
name: small
input: [2]
outputs: 4
layers:
  - linear: {units: {choice: [8, 16]}}
  - name: activation
    choice: [relu, tanh]
  - linear: {units: outputs}
"""


@pytest.fixture(scope="session")
def space() -> Space:
    """Four networks of two linear layers."""
    return parse_space(SPACE)


@pytest.fixture(scope="session")
def corners() -> Dataset:
    """400 points about the four corners of a square, far apart; whose corner it is, is the class."""
    rng = np.random.default_rng(0)
    labels = np.arange(400) % 4
    centres = np.array([[-1, -1], [-1, 1], [1, -1], [1, 1]])[labels]
    return from_arrays(centres + 0.2 * rng.normal(size=(400, 2)), labels, name="corners", val_share=0.25)


@pytest.fixture(scope="session")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Exported]:
    """Networks of every kind of data, by the names of their preparations."""
    return {name: make(tmp_path_factory.mktemp(name)) for name, make in KINDS.items()}


@pytest.fixture
def in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """File names in messages are relative to where a test runs, and a space is there."""
    monkeypatch.chdir(tmp_path)
    Path("s.yaml").write_text(DIGITS_SPACE)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Runs commands in children of one process that has everything imported."""
    with served(write_run(tmp_path_factory.mktemp("server"))) as server:
        yield server


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """The run file of the tiny run."""
    return write_run(tmp_path)


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the tiny run, finished on one thread, beside its run file; `copied` is to be changed."""
    folder = tmp_path_factory.mktemp("finished")
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    run(write_run(folder), out=folder / "run")
    torch.set_num_threads(before)
    return folder / "run"


@pytest.fixture
def copied(finished: Path, tmp_path: Path) -> Path:
    """A copy of the finished run."""
    return Path(shutil.copytree(finished, tmp_path / "run"))


@pytest.fixture
def unfinished(finished: Path, tmp_path: Path) -> Path:
    """A copy as it was between the search and the training of the best."""
    folder = Path(shutil.copytree(finished, tmp_path / "unfinished"))
    for name in [name for name in Manifest(folder) if name.startswith(ENDING)]:
        Manifest(folder).remove(name)
    for name in ("report.html", "trials.csv"):
        (folder / name).unlink()
    return folder


@pytest.fixture
def no_drawing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Drawing takes most of the time of a run this small, and tests/pages looks at it."""
    monkeypatch.setattr("nas.runs.report.report_html", lambda summary: "<!doctype html>")
