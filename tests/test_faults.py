"""What happens to a run from outside: a kill anywhere, a disk that fails, a network in which the process dies, two
processes at once. It says what it came to, and goes on to what an undisturbed run comes to."""

import json
import os
import random
import shutil
import signal
import time
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import pytest

from nas.driver.deaths import LIVES
from nas.errors import UsageError
from nas.manifest import Manifest
from nas.repairs import repair
from nas.runs.summary import read_run
from tests.forked import Kill, Server
from tests.tiny_run import Outcome, contents, outcome, write_run

Undisturbed = Callable[..., Outcome]


@pytest.fixture(scope="module")
def undisturbed(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    """`undisturbed(*overrides)`: the outcome of a run that nothing happens to."""

    @cache
    def run(*overrides: str) -> Outcome:
        folder = tmp_path_factory.mktemp("undisturbed")
        command = ("search", str(write_run(folder)), *overrides, "--out", str(folder / "run"))
        assert server.run(*command, log=folder / "log") == 0, (folder / "log").read_text()
        return outcome(folder / "run")

    return run


@pytest.fixture(scope="module")
def seconds(server: Server, tmp_path_factory: pytest.TempPathFactory) -> float:
    """How long a run takes."""
    folder = tmp_path_factory.mktemp("timed")
    begin = time.perf_counter()
    assert server.run("search", str(write_run(folder)), "--out", str(folder / "run"), log=folder / "log") == 0
    return time.perf_counter() - begin


def check_whole(folder: Path) -> None:
    """What a run left that came to no end can be read as far as it goes; nothing looks corrupt."""
    if not folder.exists():
        return
    Manifest(folder).verify()
    try:
        read_run(folder)
    except UsageError as error:
        assert str(error).startswith((f"{folder} holds no run", f"{folder} has no config.yaml yet"))  # noqa: PT017


# Kills.

STUDY = "nas.driver.optuna_study:OptunaStudy"
MANIFEST = "nas.manifest:Manifest"
CHECKPOINTS = "nas.training.checkpoints:Checkpoints"
POINTS: Mapping[str, Kill] = {
    "after a trial was told": ("nas.controllers.q_learning:QLearning", "tell", "after", 2, ""),
    "before a trial is logged": (STUDY, "append", "before", 4, ""),
    "after a trial was logged": (STUDY, "append", "after", 4, ""),
    "after the last trial was logged": (STUDY, "append", "after", 6, ""),
    "between the search and the end": ("nas.progress:Lines", "start", "before", 1, "final"),
    "before the config is written": (MANIFEST, "write", "before", 1, "config.yaml"),
    "before a finalist's weights": (MANIFEST, "move_in", "before", 1, "finalists/"),
    "after a finalist's weights": (MANIFEST, "move_in", "after", 1, "finalists/"),
    "before a finalist's record": (MANIFEST, "write", "before", 2, "finalists/"),
    "before the final weights": (MANIFEST, "move_in", "before", 1, "'final/model.safetensors'"),
    "after the final weights": (MANIFEST, "move_in", "after", 1, "'final/model.safetensors'"),
    "before final.json": (MANIFEST, "write", "before", 1, "'final.json'"),
    "before the table": ("nas.runs.report", "write_text", "before", 1, "trials.csv"),
    # A run moves 26 files into place; here it dies just before one of them has its name.
    **{
        f"before name {call}": ("os", "replace", "before", call, "")
        for call in random.Random(0).sample(range(1, 27), 4)
    },
}


def killed_and_resumed(server: Server, config: Path, kill: Kill, *overrides: str) -> Outcome:
    """What comes of a run that is killed at a point and goes on."""
    folder, log = config.parent / "run", config.parent / "log"
    command = ("search", str(config), *overrides, "--out", str(folder))
    assert server.run(*command, log=log, kill=kill) == -signal.SIGKILL, log.read_text()
    check_whole(folder)
    assert server.run(*command, "--resume", log=log) == 0, log.read_text()
    assert not (folder / "checkpoints").exists()
    return outcome(folder)


@pytest.mark.slow
@pytest.mark.parametrize("point", POINTS)
def test_killed_at_a_point(point: str, config: Path, server: Server, undisturbed: Undisturbed) -> None:
    assert killed_and_resumed(server, config, POINTS[point]) == undisturbed()


PAUSING = ("controller={asha: {controller: random, eta: 2}}", "evaluator.train.epochs=4", "budget.trials=9")
CONTROLLERS: Mapping[str, tuple[Kill, tuple[str, ...]]] = {
    "portfolio": (
        (STUDY, "append", "before", random.Random(1).randint(2, 8), ""),
        ("controller={portfolio: {controllers: [local_search, q_learning]}}", "budget.trials=8", "final.epochs=1"),
    ),
    "optuna": (
        (STUDY, "append", "after", random.Random(2).randint(2, 8), ""),
        ("controller={optuna: {settings: {n_startup_trials: 3}}}", "budget.trials=8", "final.epochs=1"),
    ),
    "asha, a checkpoint kept": ((CHECKPOINTS, "save", "after", 4, ""), PAUSING),
    "asha, a checkpoint dropped": ((CHECKPOINTS, "drop", "after", 1, ""), PAUSING),
}


@pytest.mark.parametrize("name", CONTROLLERS)
def test_killed_with_another_controller(name: str, config: Path, server: Server, undisturbed: Undisturbed) -> None:
    kill, overrides = CONTROLLERS[name]
    assert killed_and_resumed(server, config, kill, *overrides) == undisturbed(*overrides)


@pytest.mark.parametrize(
    "overrides",
    [("final.epochs=5",), ("final.epochs=5", "final.seeds=3"), ("final.epochs=9", "final.patience=2", "final.seeds=2")],
    ids=["alone", "packed", "with patience"],
)
def test_killed_in_a_full_training(
    overrides: tuple[str, ...], config: Path, server: Server, undisturbed: Undisturbed
) -> None:
    """It goes on from the end of an epoch."""
    folder, log = config.parent / "run", config.parent / "log"
    command = ("search", str(config), *overrides, "--out", str(folder))
    often = "from nas.training import keeping; keeping.SHARE, keeping.FIRST_COST = 1e9, 0.0"
    kill = (CHECKPOINTS, "save", "after", 3, "")
    assert server.run(*command, log=log, kill=kill, before=often) == -signal.SIGKILL, log.read_text()
    check_whole(folder)
    assert list((folder / "final_checkpoints").iterdir())
    assert server.run(*command, "--resume", log=log) == 0, log.read_text()
    assert not (folder / "final_checkpoints").exists()
    assert outcome(folder) == undisturbed(*overrides)


@pytest.mark.parametrize("seed", range(2))
def test_killed_at_random_again_and_again(
    seed: int, config: Path, tmp_path: Path, server: Server, undisturbed: Undisturbed, seconds: float
) -> None:
    folder, log = tmp_path / "run", tmp_path / "log"
    moments = random.Random(seed)
    for _ in range(2):  # three deaths in one trial would count against it
        process = server.begin("search", str(config), "--out", str(folder), "--resume", log=log)
        time.sleep(moments.uniform(0.2, 0.9) * seconds)
        os.kill(process, signal.SIGKILL)
        assert server.end(process) in (0, -signal.SIGKILL), log.read_text()
        check_whole(folder)
    assert server.run("search", str(config), "--out", str(folder), "--resume", log=log) == 0, log.read_text()
    assert outcome(folder) == undisturbed()
    assert "Traceback" not in log.read_text()


# Networks in which the process dies.

DEADLY = """
import ctypes, json, os, resource, signal
from pathlib import Path
from nas.errors import EvaluationFailed
from nas.final.finishing import Finishing

resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
ends = {{"crashes": lambda: ctypes.string_at(0), "is killed": lambda: os.kill(os.getpid(), signal.SIGKILL)}}
deadly = json.loads({deadly!r})
train = Finishing.train

def dying(self, arch, **options):
    end = deadly.get(arch.id)
    if end == "diverges":
        raise EvaluationFailed("NONFINITE", "train_loss is nan")
    if end is not None:
        ends[end]()
    return train(self, arch, **options)

Finishing.train = dying
"""
TOP = ("final.top=4", "final.epochs=1", "controller=grid")


def test_finalists_in_which_the_process_dies(
    config: Path, tmp_path: Path, server: Server, undisturbed: Undisturbed
) -> None:
    """Each start comes further, so that a run with any finalists ends; no finalist that failed is trained again."""
    finalists = json.loads(undisturbed(*TOP).handed_over["final.json"])["finalists"]
    crashing, killed, diverging, good = finalists
    deadly = {crashing: "crashes", killed: "is killed", diverging: "diverges"}
    folder, log = tmp_path / "run", tmp_path / "log"
    command = ("search", str(config), *TOP, "--out", str(folder), "--resume")
    before = DEADLY.format(deadly=json.dumps(deadly))
    codes: list[int] = []
    while not codes or (codes[-1] and len(codes) < 9):
        codes.append(server.run(*command, log=log, before=before))
        check_whole(folder)
    assert codes == [-signal.SIGSEGV, *[-signal.SIGKILL] * LIVES, 0], log.read_text()
    final = json.loads((folder / "final.json").read_bytes())
    assert (final["chosen"], list(final["failed"])) == (good, [crashing, killed, diverging])
    causes = list(read_run(folder).final_failures.values())
    assert causes[0].startswith("CRASH: the process died in it: Segmentation fault (")
    assert causes[1:] == [f"CRASH: the process ended in it {LIVES} times", "NONFINITE: train_loss is nan"]
    # They are passed over from now on, also where the manifest was lost.
    after = contents(folder)
    (folder / "manifest.json").unlink()
    assert list(repair(folder).damaged) == ["manifest.json"]
    before = DEADLY.format(deadly=json.dumps(dict.fromkeys(finalists, "is killed")))
    assert server.run(*command, log=log, before=before) == 0, log.read_text()
    assert contents(folder) == after
    # One that is taken away is tried again.
    (folder / f"finalists/{diverging}.json").unlink()
    assert list(repair(folder).damaged) == [f"finalists/{diverging}.json"]
    assert server.run(*command, log=log) == 0, log.read_text()
    assert list(read_run(folder).final_failures) == [crashing, killed]


def test_a_run_whose_finalists_all_fail(config: Path, tmp_path: Path, server: Server) -> None:
    folder, log = tmp_path / "run", tmp_path / "log"
    command = ("search", str(config), "final.lr=1e30", "final.clip_norm=null", "--out", str(folder), "--resume")
    for _ in range(2):
        assert server.run(*command, log=log) == 1, log.read_text()
        failures = read_run(folder).final_failures
        assert len(failures) == 2
        assert all(cause.startswith("NONFINITE: train_loss is ") for cause in failures.values())
        assert (folder / "report.html").exists()
    assert "none of the best architectures could be trained at full length: " in log.read_text()


# Disks.

FAILING = """
import os
original, calls = os.{function}, 0
def failing(*arguments):
    global calls
    calls += 1
    if calls >= {call}:
        raise OSError({number}, os.strerror({number}))
    return original(*arguments)
os.{function} = failing
"""
FULL, BROKEN = "No space left on device", "Input/output error"


@pytest.mark.parametrize(
    ("function", "call", "number", "text"),
    [
        ("replace", 2, 28, FULL),
        ("replace", 9, 5, BROKEN),
        ("replace", 17, 28, FULL),
        ("replace", 24, 5, BROKEN),
        ("fsync", 1, 5, BROKEN),
        ("fsync", 20, 5, BROKEN),
        ("fsync", 38, 28, FULL),
    ],
)
def test_a_disk_that_fails(
    function: str,
    call: int,
    number: int,
    text: str,
    config: Path,
    tmp_path: Path,
    server: Server,
    undisturbed: Undisturbed,
) -> None:
    before = FAILING.format(function=function, call=call, number=number)
    refused_and_resumed(server, config, before, text)
    assert not list((tmp_path / "run").rglob(".*.tmp"))
    assert outcome(tmp_path / "run") == undisturbed()


@pytest.mark.parametrize("size", [4096, 50_000, 90_000])
def test_a_log_that_cannot_be_written(
    size: int, config: Path, tmp_path: Path, begun: Path, server: Server, undisturbed: Undisturbed
) -> None:
    """A limit on the size of files: SQLite's own writes fail, of its journal or in the middle of the database."""
    folder = Path(shutil.copytree(begun, tmp_path / "run"))
    before = f"import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}))"
    refused_and_resumed(server, config, before, "study.db cannot be read or written: disk I/O error")
    assert outcome(folder) == undisturbed()


def refused_and_resumed(server: Server, config: Path, before: str, text: str) -> None:
    """A run that fails with exit code 3 and a message, and goes on when the reason is gone."""
    folder, out, log = config.parent / "run", config.parent / "out", config.parent / "log"
    command = ("search", str(config), "--out", str(folder), "--resume", "--quiet")
    assert server.run(*command, log=log, out=out, before=before) == 3, log.read_text()
    said = log.read_text()
    assert said.startswith(f"nas: {folder}/")
    assert text in said
    assert len(said.splitlines()) <= 2
    check_whole(folder)
    log.unlink()
    assert server.run(*command, log=log, out=out) == 0, log.read_text()
    assert log.read_text() == ""


# Several processes.

WAIT = """
import time
from pathlib import Path
while not Path({go!r}).exists():
    time.sleep(0.001)
"""


def at_once(server: Server, folder: Path, *commands: tuple[str, ...]) -> list[tuple[int, str]]:
    """The exit codes of commands that begin at the same moment, and what they say."""
    before, logs = WAIT.format(go=str(folder / "go")), [folder / f"log{number}" for number in range(len(commands))]
    processes = [server.begin(*command, log=log, before=before) for command, log in zip(commands, logs, strict=True)]
    (folder / "go").touch()
    codes = [server.end(process) for process in processes]
    return [(code, log.read_text()) for code, log in zip(codes, logs, strict=True)]


@pytest.fixture(scope="module")
def begun(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run that was killed in its fourth trial; copy it before going on with it."""
    folder = tmp_path_factory.mktemp("begun")
    kill: Kill = (STUDY, "append", "before", 4, "")
    command = ("search", str(write_run(folder)), "--out", str(folder / "run"))
    assert server.run(*command, log=folder / "log", kill=kill) == -signal.SIGKILL
    return folder / "run"


def test_two_searches_on_one_folder(config: Path, tmp_path: Path, server: Server, undisturbed: Undisturbed) -> None:
    """One of them makes the run; the other one is refused, at whatever moment it comes."""
    command = ("search", str(config), "--out", str(tmp_path / "run"))
    (lost, said), (won, _) = sorted(at_once(server, tmp_path, command, command), reverse=True)
    assert (won, lost) in ((0, 2), (0, 3)), said
    assert ("study.db is in use: " if lost == 3 else "holds a run already") in said
    assert "Traceback" not in said
    assert outcome(tmp_path / "run") == undisturbed()


def test_two_copies_of_a_folder_go_on_at_once(
    config: Path, tmp_path: Path, begun: Path, server: Server, undisturbed: Undisturbed
) -> None:
    """A folder knows nothing of where it is: neither disturbs the other, nor the one that they come from."""
    before = contents(begun)
    assert not [name for name, data in before.items() if str(begun.parent).encode() in data]
    copies = [Path(shutil.copytree(begun, tmp_path / name)) for name in ("one", "other")]
    commands = [("search", str(config), "--out", str(copy), "--resume") for copy in copies]
    for code, said in at_once(server, tmp_path, *commands):
        assert code == 0, said
    for copy in copies:
        assert outcome(copy) == undisturbed()
    assert contents(begun) == before
