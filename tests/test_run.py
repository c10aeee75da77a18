"""A run from its file to its folder, and what happens to it when it is killed, changed, damaged or out of space."""

import csv
import errno
import gc
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from nas.config import load_config
from nas.controllers import CONTROLLERS, QLearning, RandomSearch
from nas.data import Dataset, Samples, load_data
from nas.errors import EvaluationFailed, FailureKind, IntegrityError, NoValidTrial, StorageError, UsageError
from nas.evaluate import Train
from nas.evaluate.fit import Workbench
from nas.files import Manifest
from nas.final.export import export_files, to_yaml
from nas.final.fine_tune import fine_tune
from nas.progress import Display
from nas.run import RunResult, copy_network, read_run, run, write_report
from nas.search.lock import exclusive
from nas.space import Architecture
from nas.trial import Metrics, Trial, best_trials

SPACE = """
name: tiny
input: [1, 8, 8]
classes: 10
layers:
  - name: pool
    choice: [identity, {avg_pool: {kernel: 2}}]
  - flatten
  - name: hidden
    choice:
      none: []
      some: [{linear: {units: {choice: [8, 16]}}}, {name: activation, choice: [relu, silu, tanh]}]
  - linear: {units: classes}
"""
CONFIG = """
name: tiny
space: space.yaml
data: digits
controller: {q_learning: {replay: 5}}
evaluator: {train: {epochs: 1, lr: 0.01}}
budget: {trials: 6}
final: {top: 2, epochs: 2, lr: 0.01}
device: cpu
"""
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
HANDED_OVER = ("architecture.yaml", "model.safetensors", "model.py", "final.json")


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
    monkeypatch.setattr("nas.run.report_html", lambda summary: "<!doctype html>")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "space.yaml").write_text(SPACE)
    (tmp_path / "tiny.yaml").write_text(CONFIG)
    return tmp_path / "tiny.yaml"


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a finished run; copy it before changing it."""
    folder = tmp_path_factory.mktemp("finished")
    (folder / "space.yaml").write_text(SPACE)
    (folder / "tiny.yaml").write_text(CONFIG)
    run(folder / "tiny.yaml", out=folder / "run")
    return folder / "run"


@pytest.fixture
def copied(finished: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(finished, tmp_path / "run"))


def start(config: Path, *overrides: str, out: Path, **options: Any) -> RunResult:
    return run(load_config(config, overrides), out=out, **options)


def rows(folder: Path, *, without: tuple[str, ...] = ("seconds",)) -> list[dict[str, str]]:
    with (folder / "trials.csv").open(newline="") as file:
        return [{key: value for key, value in row.items() if key not in without} for row in csv.DictReader(file)]


def outcome(folder: Path) -> tuple[object, ...]:
    """All of a finished run that must be the same, bit for bit, however often it was interrupted."""
    Manifest(folder).verify()
    weights = {path.name: path.read_bytes() for path in sorted((folder / "finalists").glob("*.safetensors"))}
    return rows(folder), [(folder / name).read_bytes() for name in HANDED_OVER], weights


def contents(folder: Path) -> Mapping[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


class Crash(Exception):
    """Stands for whatever ends a process in the middle."""


class Quit(Display):
    """Ends a run when a stage begins."""

    def __init__(self, stage: str) -> None:
        self.stage = stage

    def start(self, stage: str, total: int, done: int = 0) -> None:
        if stage == self.stage:
            raise Crash


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
    assert result.best.score == max(float(row["val_acc"]) for row in rows(finished))
    described = result.to_dict()
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
    first = load_config(config, [f"controller={controller}"])
    (tmp_path / "written.yaml").write_text(to_yaml(first.resolved()))
    second = load_config(tmp_path / "written.yaml")
    assert json.dumps(second.identity()) == json.dumps(first.identity())
    assert to_yaml(second.resolved()) == to_yaml(first.resolved())


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
    with pytest.raises(UsageError, match="'cuda' was asked for, and torch finds no CUDA device"):
        start(config, "device=cuda", out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_the_search_never_sees_test_data(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_drawing: None
) -> None:
    digits = load_data("digits")
    assert digits.test is not None
    noise = np.random.default_rng(0).integers(0, 17, digits.test.inputs.shape).astype(np.uint8)
    events: list[str] = []
    fit, score = Workbench.fit, Workbench.score_samples

    def fitted(*args: Any, **kwargs: Any) -> Any:
        events.append("fit")
        return fit(*args, **kwargs)

    def scored(bench: Workbench, network: Any, samples: Samples, part: str) -> dict[str, float]:
        assert samples is bench.data.test
        events.append(part)
        return score(bench, network, samples, part)

    monkeypatch.setattr(Workbench, "fit", fitted)
    monkeypatch.setattr(Workbench, "score_samples", scored)
    for name, inputs in (("true", digits.test.inputs), ("noise", noise)):
        data = replace(digits, test=Samples(inputs, digits.test.labels))
        monkeypatch.setattr("nas.config.DATASETS", {"digits": lambda data=data: data})
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


def archive(path: Path, *, seed: int, samples: int = 40) -> None:
    """A data set of random images with ten classes."""
    images = np.random.default_rng(seed).integers(0, 256, (samples, 1, 8, 8)).astype(np.uint8)
    np.savez(path, train_inputs=images, train_labels=np.arange(samples) % 10)


# Killed runs. A server that has everything imported forks a child for each run, so that a kill costs a fraction of a
# second; the child runs the command as the shell would start it.

SERVER = """
import json, os, signal, sys, traceback
from importlib import import_module
import nas.cli, nas.run, nas.evaluate.fit, nas.final.export, nas.final.fine_tune, nas.search.optuna_study
import sklearn.datasets, sklearn.model_selection

nas.run.report_html = lambda summary: "<!doctype html>"  # drawing takes most of the time of a run this small

def arm(where, name, when, count, mentions):
    module, _, cls = where.partition(":")
    owner = getattr(import_module(module), cls) if cls else import_module(module)
    original, calls = getattr(owner, name), 0
    def armed(*args, **kwargs):
        nonlocal calls
        calls += mentions in repr(args)
        if when == "before" and calls == count:
            os.kill(os.getpid(), signal.SIGKILL)
        result = original(*args, **kwargs)
        if when == "after" and calls == count:
            os.kill(os.getpid(), signal.SIGKILL)
        return result
    setattr(owner, name, armed)

def child(order):
    signal.alarm(60)
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(log, 1)
    os.dup2(log, 2)
    if order["kill"]:
        arm(*order["kill"])
    sys.argv = ["nas", *order["arguments"]]
    try:
        nas.cli.main()
    except SystemExit as end:
        return end.code or 0
    except BaseException:
        traceback.print_exc()
    return 70

print("ready", flush=True)
for line in sys.stdin:
    pid = os.fork()
    if not pid:
        os._exit(child(json.loads(line)))
    print(pid, flush=True)
    print(os.waitpid(pid, 0)[1], flush=True)
"""

Kill = tuple[str, str, str, int, str]
"""Where a child kills itself: module and class, function, before or after, at which call, of those that mention what."""


@dataclass
class Server:
    process: "subprocess.Popen[str]"

    def begin(self, *arguments: str, log: Path, kill: Kill | None = None) -> int:
        """Starts the command; returns its process."""
        assert self.process.stdin is not None
        order = {"arguments": arguments, "log": str(log), "kill": kill}
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return self._number()

    def end(self) -> int:
        """Waits for the command; returns its exit code, or a signal's number with a minus."""
        return os.waitstatus_to_exitcode(self._number())

    def run(self, *arguments: str, log: Path, kill: Kill | None = None) -> int:
        self.begin(*arguments, log=log, kill=kill)
        return self.end()

    def _number(self) -> int:
        assert self.process.stdout is not None
        return int(self.process.stdout.readline())


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    with subprocess.Popen(
        [sys.executable, "-c", SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield Server(process)
        assert process.stdin is not None
        process.stdin.close()


@pytest.fixture(scope="module")
def uninterrupted(server: Server, tmp_path_factory: pytest.TempPathFactory) -> tuple[tuple[object, ...], float]:
    """The outcome of a run that nothing happens to, and how long it takes."""
    folder = tmp_path_factory.mktemp("uninterrupted")
    (folder / "space.yaml").write_text(SPACE)
    (folder / "tiny.yaml").write_text(CONFIG)
    begin = time.perf_counter()
    assert server.run("search", str(folder / "tiny.yaml"), "--out", str(folder / "run"), log=folder / "log") == 0
    return outcome(folder / "run"), time.perf_counter() - begin


def check_killed(folder: Path) -> None:
    """What a killed run leaves can be read as far as it goes; nothing looks corrupt."""
    if not folder.exists():
        return
    Manifest(folder).verify()
    try:
        read_run(folder)
    except UsageError as error:
        assert str(error) == f"{folder} holds no run"  # noqa: PT017  both ways are right


STUDY = "nas.search.optuna_study:OptunaStudy"
MANIFEST = "nas.files:Manifest"
POINTS: Mapping[str, Kill] = {
    "before the first trial is logged": (STUDY, "append", "before", 1, ""),
    "before a trial is logged": (STUDY, "append", "before", 4, ""),
    "after a trial was logged": (STUDY, "append", "after", 4, ""),
    "after a trial was told": ("nas.controllers.q_learning:QLearning", "tell", "after", 5, ""),
    "after the last trial was logged": (STUDY, "append", "after", 6, ""),
    "between the search and the end": ("nas.progress:Lines", "start", "before", 1, "final"),
    "before the config is written": (MANIFEST, "write", "before", 1, "config.yaml"),
    "before a finalist's weights": (MANIFEST, "write", "before", 2, ".safetensors"),
    "after a finalist's weights": (MANIFEST, "write", "after", 1, "finalists/"),
    "before a finalist's record": (MANIFEST, "write", "before", 4, "finalists/"),
    "after the last finalist": (MANIFEST, "write", "after", 4, "finalists/"),
    "before the final weights": (MANIFEST, "write", "before", 1, "'model.safetensors'"),
    "after the final weights": (MANIFEST, "write", "after", 1, "'model.safetensors'"),
    "before final.json": (MANIFEST, "write", "before", 1, "'final.json'"),
    "after final.json": (MANIFEST, "write", "after", 1, "'final.json'"),
    "before the table": ("nas.run", "write_text", "before", 1, "trials.csv"),
}


@pytest.mark.parametrize("point", POINTS)
def test_killed_at_a_point(
    point: str, config: Path, tmp_path: Path, server: Server, uninterrupted: tuple[tuple[object, ...], float]
) -> None:
    folder, log = tmp_path / "run", tmp_path / "log"
    command = ("search", str(config), "--out", str(folder))
    assert server.run(*command, log=log, kill=POINTS[point]) == -signal.SIGKILL, log.read_text()
    check_killed(folder)
    assert server.run(*command, "--resume", log=log) == 0, log.read_text()
    assert outcome(folder) == uninterrupted[0]


@pytest.mark.parametrize("call", sorted(random.Random(0).sample(range(1, 25), 8)))
def test_killed_between_a_file_and_its_name(
    call: int, config: Path, tmp_path: Path, server: Server, uninterrupted: tuple[tuple[object, ...], float]
) -> None:
    """A run moves 24 files into place; here it dies just before one of them has its name."""
    folder, log = tmp_path / "run", tmp_path / "log"
    command = ("search", str(config), "--out", str(folder))
    assert server.run(*command, log=log, kill=("os", "replace", "before", call, "")) == -signal.SIGKILL, log.read_text()
    check_killed(folder)
    assert server.run(*command, "--resume", log=log) == 0, log.read_text()
    assert outcome(folder) == uninterrupted[0]


@pytest.mark.parametrize("seed", range(4))
def test_killed_at_random_again_and_again(
    seed: int, config: Path, tmp_path: Path, server: Server, uninterrupted: tuple[tuple[object, ...], float]
) -> None:
    folder, log = tmp_path / "run", tmp_path / "log"
    moments = random.Random(seed)
    for _ in range(4):
        process = server.begin("search", str(config), "--out", str(folder), "--resume", log=log)
        time.sleep(moments.uniform(0.2, 0.9) * uninterrupted[1])
        os.kill(process, signal.SIGKILL)  # the server may have reaped it just now, and then the run was done
        server.end()
        check_killed(folder)
    assert server.run("search", str(config), "--out", str(folder), "--resume", log=log) == 0, log.read_text()
    assert outcome(folder) == uninterrupted[0]
    assert "Traceback" not in log.read_text()
