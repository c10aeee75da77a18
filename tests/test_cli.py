"""The command: its options, what it prints where, and the exit codes that scripts rely on."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import typer

from nas.cli import app, main
from nas.data import load_data
from nas.driver.lock import exclusive
from nas.errors import UsageError
from nas.events import Event, StageBegan
from nas.file_kinds import KINDS
from nas.manifest import Manifest
from nas.runs.run import run
from nas.space import load_space
from tests.forked import Server, read, wait_until

SPACE = """
name: tiny
input: [1, 8, 8]
outputs: 10
layers:
  - name: pool
    choice: [identity, {avg_pool: {kernel: 2}}]
  - flatten
  - linear: {units: {choice: [4, 8, 16]}}
  - linear: {units: outputs}
"""
CONFIG = """
name: tiny
space: space.yaml
data: digits
controller: random
evaluator: {train: {epochs: 1, lr: 0.01}}
budget: {trials: 3}
final: {top: 1, epochs: 1, lr: 0.01}
device: cpu
"""

# Scripts and documents name these. A change here is a change for users, and belongs in the changelog.
COMMANDS: dict[str, tuple[list[str], list[str]]] = {
    "search": (
        ["config", "overrides"],
        [
            "--accept-changes",
            "--allow-code",
            "--device",
            "--json",
            "--out",
            "--quiet",
            "--resume",
            "--seed",
            "--trials",
            "-q",
        ],
    ),
    "compare": (["comparison"], ["--jobs", "--json", "--out", "--quiet", "--resume", "--seeds", "-q"]),
    "describe": (["space"], ["--arch", "--draw", "--json", "--samples", "--seed"]),
    "validate": (["files"], ["--json"]),
    "schema": (["kind"], []),
    "report": (["folder"], ["--allow-code"]),
    "repair": (["folder"], ["--json"]),
    "explain": (["folder"], ["--allow-code", "--json"]),
    "export": (["folder"], ["--to"]),
    "table list": ([], ["--json"]),
    "table show": (["source"], ["--check", "--json", "--path"]),
    "table convert": (["source", "to"], ["--name"]),
}
SEARCH_KEYS = [
    "folder",
    "trials",
    "failed",
    "objectives",
    "front",
    "best_trial",
    "best_score",
    "architecture",
    "figures",
    "val_acc",
    "train_loss",
    "val_loss",
    "params",
    "macs",
    "test_loss",
    "test_acc",
]
DESCRIBE_KEYS = ["name", "input", "output", "size", "size_note", "choices", "unreached", "samples", "params", "macs"]
ARCHITECTURE_KEYS = ["id", "params", "macs", "input", "choices", "layers"]
QUANTILES = ["min", "q25", "median", "q75", "max"]
EXPLAIN_KEYS = ["trials", "best_trial", "greedy", "predictions", "importances"]
GREEDY_KEYS = ["kind", "architecture", "score", "settled", "decisions", "moments"]
DECISION_KEYS = ["name", "options", "values", "tried", "taken", "best"]
VALIDATE_KEYS = ["valid", "files", "problems", "errors"]
FILE_KEYS = ["file", "kind", "name", "valid", "task", "outputs"]
DIGITS = "classification, 10 classes: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9"
PROBLEM_KEYS = ["file", "line", "column", "path", "message", "expected", "got", "suggestion"]


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Networks this small are trained fastest on one thread."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "space.yaml").write_text(SPACE)
    (tmp_path / "tiny.yaml").write_text(CONFIG)
    return tmp_path / "tiny.yaml"


def quit_before_the_end(event: Event) -> None:
    """Ends a run between the search and the training of the best."""
    if isinstance(event, StageBegan) and event.stage == "final":
        raise InterruptedError


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two runs, `finished` and `unfinished`; copy them before changing them."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "space.yaml").write_text(SPACE)
    (folder / "tiny.yaml").write_text(CONFIG)
    run(folder / "tiny.yaml", out=folder / "finished")
    with pytest.raises(InterruptedError):
        run(folder / "tiny.yaml", out=folder / "unfinished", on_event=quit_before_the_end)
    return folder


@pytest.fixture
def finished(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made / "finished", tmp_path / "finished"))


@pytest.fixture
def unfinished(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made / "unfinished", tmp_path / "unfinished"))


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str


Command = Callable[..., Outcome]


@pytest.fixture
def nas(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Command:
    """Runs the command in this process."""

    def call(*arguments: object) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["nas", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            main()
        out, err = capfd.readouterr()
        for text in (out, err):
            assert "Traceback" not in text
        code = end.value.code or 0
        assert isinstance(code, int)
        return Outcome(code, out, err)

    return call


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


# Options and help.


def test_options_are_frozen() -> None:
    group: Any = typer.main.get_command(app)
    commands = {
        f"{name} {inner}".strip(): command
        for name, each in group.commands.items()
        for inner, command in getattr(each, "commands", {"": each}).items()
    }
    found = {
        name: (
            [each.name for each in command.params if each.param_type_name == "argument"],
            sorted(text for each in command.params if each.param_type_name == "option" for text in each.opts),
        )
        for name, command in commands.items()
    }
    assert found == COMMANDS
    assert not any(each.secondary_opts for command in commands.values() for each in command.params)


def test_help_is_quick() -> None:
    """Asked for in a process of its own: no text of help needs what takes long to load."""
    code = f"""
import sys
from nas.cli import main
for arguments in (["--help"], *([*name.split(), "--help"] for name in {list(COMMANDS)!r})):
    sys.argv = ["nas", *arguments]
    try:
        main()
    except SystemExit as end:
        assert not end.code
heavy = {{"torch", "optuna", "sqlalchemy", "sklearn", "scipy", "matplotlib", "numpy"}}
print("loaded:", sorted(heavy & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.endswith("loaded: []\n")
    assert not done.stderr
    for name in COMMANDS:
        assert f"Usage: nas {name} " in done.stdout


def test_no_arguments_show_the_help(nas: Command) -> None:
    done = nas()
    assert done.code == 2
    assert all(name.split()[0] in done.out + done.err for name in COMMANDS)


# Exit code 2: what cannot be used as it is.


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["serach"], "No such command 'serach'"),
        (["search"], "Missing argument"),
        (["search", "tiny.yaml", "--trails", "3"], "No such option: --trails"),
        (["search", "tiny.yaml", "--trials", "many"], "Invalid value for '--trials'"),
        (["search", "none.yaml"], "nas: none.yaml: there is no such file"),
        (["search", "tiny.yaml", "budget.trials"], "argument 'budget.trials': this is no override"),
        (["search", "tiny.yaml", "budget.trails=3"], "no such key: 'trails'"),
        (["search", "tiny.yaml", "--trials", "0"], "option '--trials 0': budget.trials: a value"),
        (["search", "tiny.yaml", "--seed", "-1"], "option '--seed -1': seed: a value does not fit"),
        (["search", "tiny.yaml", "--device", "tpu"], "option '--device tpu': device: a value does not fit"),
        (["search", "tiny.yaml", "controller.random.epsilon=1"], "no such key: 'epsilon'"),
        (
            ["search", "tiny.yaml", "controller={q_learning: {n_step: 2, td_lambda: 1}}"],
            ": controller.q_learning: n_step must be 1 where td_lambda is above 0",
        ),
        (["search", "tiny.yaml", "data={npz: {path: none.npz}}"], "none.npz: there is no such file"),
        (["describe", "none.yaml"], "nas: none.yaml: there is no such file"),
        (["describe", "tiny.yaml"], "tiny.yaml:3:1: no such key: 'space'"),
        (["describe", "space.yaml", "--samples", "0"], "Invalid value for '--samples'"),
        (["describe", "space.yaml", "--arch", "none.yaml"], "nas: none.yaml: there is no such file"),
        (["describe", "space.yaml", "--arch", "space.yaml"], "space.yaml:2:1: these are no decisions"),
        (["describe", "space.yaml", "--arch", "tiny.yaml"], "tiny.yaml:2:1: these are no decisions"),
        (["validate", "none.yaml"], "nas: none.yaml: there is no such file"),
        (["validate", "."], "nas: "),
        (["validate"], "Missing argument"),
        (["schema"], "Missing argument"),
        (["schema", "spaces"], "there is no schema of 'spaces', but of space, run, comparison; did you mean 'space'?"),
        (["report", "none"], "nas: none holds no run"),
        (["report", "tiny.yaml"], "nas: tiny.yaml holds no run"),
        (["export", "none"], "nas: none has no final network"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_usage(arguments: list[str], message: str, config: Path, nas: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(config.parent)
    before = contents(config.parent)
    done = nas(*arguments)
    assert (done.code, done.out) == (2, "")
    assert message in done.err
    assert contents(config.parent) == before
    assert {path.name for path in config.parent.iterdir()} == set(before), "no folder is made"


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_no_device(config: Path, tmp_path: Path, nas: Command) -> None:
    done = nas("search", config, "--device", "cuda", "--out", tmp_path / "run")
    assert (done.code, done.out) == (2, "")
    assert done.err == "nas: device 'cuda' was requested, but torch finds no CUDA device\n"
    assert not (tmp_path / "run").exists()


def test_a_run_that_exists_needs_resume(config: Path, finished: Path, nas: Command) -> None:
    before = contents(finished)
    done = nas("search", config, "--out", finished)
    assert (done.code, done.out) == (2, "")
    assert done.err == f"nas: {finished} holds a run already; --resume goes on with it, --out names another folder\n"
    assert contents(finished) == before


def test_validate_reports_everything_that_is_wrong(tmp_path: Path, nas: Command) -> None:
    (tmp_path / "bad.yaml").write_text(
        "name: a/b\n"
        "space: none.yaml\n"
        "data: digit\n"
        "controller: {q_learnin: {}}\n"
        "evaluator: {train: {epochs: many, lr: -1, wramup: 0.1}}\n"
        "objectives: {test_acc: maximize}\n"
        "budget: {trial: 4}\n"
        "seed: no\n"
    )
    before = contents(tmp_path)
    for command in ("validate", "search"):
        done = nas(command, tmp_path / "bad.yaml")
        assert (done.code, done.out) == (2, "")
        places = [line.removeprefix(f"{tmp_path}/bad.yaml:").split(": ")[0] for line in done.err.splitlines()]
        assert places == ["1:7", "2:8", "3:7", "4:14", "5:29", "5:39", "5:43", "6:14", "7:10", "8:7"]
        for word in ("did you mean 'digits'?", "did you mean 'q_learning'?", "did you mean 'warmup'?"):
            assert word in done.err
    assert contents(tmp_path) == before


def test_validate_reports_everything_that_is_wrong_with_a_space(tmp_path: Path, nas: Command) -> None:
    (tmp_path / "bad.yaml").write_text(
        "input: [1, 8, 8]\nlayers:\n  - con: {width: 8}\n  - max_pool: {kernel: two}\n  - choice: []\n"
    )
    done = nas("validate", tmp_path / "bad.yaml")
    assert (done.code, done.out) == (2, "")
    places = [line.removeprefix(f"{tmp_path}/bad.yaml:").split(":")[0] for line in done.err.splitlines()]
    assert places == ["3", "4", "5"]


def test_validate(config: Path, tmp_path: Path, nas: Command) -> None:
    before = contents(tmp_path)
    done = nas("validate", config)
    assert (done.code, done.out, done.err) == (0, f"{config}: a valid run file (tiny); {DIGITS}\n", "")
    done = nas("validate", tmp_path / "space.yaml")
    assert (done.code, done.out, done.err) == (0, f"{tmp_path}/space.yaml: a valid space file (tiny)\n", "")
    assert contents(tmp_path) == before


def test_validate_several_files(config: Path, tmp_path: Path, nas: Command) -> None:
    """All mistakes at once: of the files given, of the space that a run file names, each one once."""
    space, bad, broken = tmp_path / "space.yaml", tmp_path / "bad.yaml", tmp_path / "broken.yaml"
    bad.write_text("space: broken.yaml\ndata: digits\nseed: -1\n")
    broken.write_text("input: [1, 8, 8]\nlayers: [rleu, {linear: {units: 0}}]\n")
    done = nas("validate", config, bad, broken, "none.yaml", space)
    assert done.code == 2
    assert done.out == f"{config}: a valid run file (tiny); {DIGITS}\n{space}: a valid space file (tiny)\n"
    assert done.err.splitlines() == [
        f"{bad}:3:7: seed: a value does not fit (expected 0 or more, got -1)",
        f"{broken}:2:10: 0: no op is named 'rleu' (did you mean 'relu'?)",
        f"{broken}:2:33: 1.linear.units: a value does not fit (expected greater than or equal to 1, got 0)",
        "nas: none.yaml: there is no such file",
    ]
    done = nas("search", bad)
    assert (done.code, done.out) == (2, "")
    assert len(done.err.splitlines()) == 3


def test_validate_json(config: Path, tmp_path: Path, nas: Command) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text("input: [1, 8, 8]\nlayers: [rleu]\n")
    done = nas("validate", config, broken, "none.yaml", "--json")
    assert (done.code, done.err) == (2, "")
    found = json.loads(done.out)
    assert list(found) == VALIDATE_KEYS
    assert found["valid"] is False
    assert [list(file) for file in found["files"]] == [FILE_KEYS] * 3
    digits = {"task": "classification", "outputs": list("0123456789")}
    assert found["files"][:2] == [
        {**digits, "file": str(config), "kind": "run", "name": "tiny", "valid": True},
        {"file": str(broken), "kind": "space", "name": "", "valid": False, "task": "", "outputs": []},
    ]
    assert found["errors"] == ["none.yaml: there is no such file"]
    (problem,) = found["problems"]
    assert list(problem) == PROBLEM_KEYS
    assert (problem["file"], problem["line"], problem["column"], problem["path"]) == (str(broken), 2, 10, "0")
    assert (problem["message"], problem["suggestion"]) == ("no op is named 'rleu'", "relu")
    done = nas("validate", config, "--json")
    assert (done.code, json.loads(done.out)["valid"]) == (0, True)


def test_schema(nas: Command) -> None:
    for kind in [kind for kind, one in KINDS.items() if one.schema]:
        done = nas("schema", kind)
        assert (done.code, done.err) == (0, "")
        assert done.out == (Path(__file__).parents[1] / "schemas" / f"{kind}.json").read_text(encoding="utf-8")


# Describe.


TABLE = """table:
  space: space.yaml
  file: results.csv
  architecture: {pool: pool, 2.linear.units: units}
  percent: true
  val_acc: [one, two]
"""


@pytest.fixture
def table(tmp_path: Path) -> Path:
    (tmp_path / "space.yaml").write_text(SPACE)
    (tmp_path / "results.csv").write_text("pool,units,one,two\nidentity,4,50,52\navg_pool,16,60,62\n")
    (tmp_path / "table.yaml").write_text(TABLE)
    return tmp_path / "table.yaml"


def test_table_show(table: Path, nas: Command) -> None:
    done = nas("table", "show", table, "--check")
    assert (done.code, done.err) == (0, "")
    assert "rows          2\n" in done.out
    assert "val_acc       best 61.00 %, mean 56.00 %" in done.out
    assert "best          pool=avg_pool, 2.linear.units=16" in done.out
    found = json.loads(nas("table", "show", table, "--json").out)
    assert (found["rows"], found["runs"], found["epochs"]) == (2, [2, 2], [1])


def test_table_convert(table: Path, tmp_path: Path, nas: Command) -> None:
    done = nas("table", "convert", table, tmp_path / "t.npz")
    assert (done.code, done.out) == (0, f"{tmp_path}/t.npz: table, 2 rows\n")
    assert nas("table", "show", tmp_path / "t.npz").out == nas("table", "show", table).out
    done = nas("table", "convert", table, tmp_path / "t.csv")
    assert (done.code, done.err) == (2, f"nas: {tmp_path}/t.csv: the name of a table must end in .npz\n")
    (tmp_path / "t.npz").write_bytes((tmp_path / "t.npz").read_bytes()[:-40])
    done = nas("table", "show", tmp_path / "t.npz")
    assert done.code == 4
    assert done.err.startswith(f"nas: {tmp_path}/t.npz: not a NumPy archive of plain arrays")


def test_table_list(nas: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ARCHWRIGHT_TABLES", str(tmp_path))
    done = nas("table", "list")
    assert (done.code, done.err) == (0, "")
    assert "metaqnn-svhn" in done.out
    assert "give path" in done.out
    found = json.loads(nas("table", "list", "--json").out)
    assert len(found) == len(done.out.splitlines())
    assert nas("table", "show", "nasbench201").code == 2


def test_a_declaration_is_validated(table: Path, nas: Command) -> None:
    done = nas("validate", table)
    assert (done.code, done.out) == (0, f"{table}: a valid table file (table)\n")
    table.write_text(TABLE.replace("pool: pool", "pol: pool"))
    done = nas("validate", table)
    assert done.code == 2
    assert done.err.startswith(f"{table}:4:18: table.architecture.pol: the space tiny has no decision 'pol'")


def test_describe(config: Path, nas: Command) -> None:
    done = nas("describe", config.parent / "space.yaml", "--samples", 50)
    assert (done.code, done.err) == (0, "")
    assert "6 architectures, 2 choices" in done.out
    assert "params of 50 uniform samples" in done.out


def test_describe_stopped(config: Path, nas: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """At once, and there is nothing to go on with."""
    monkeypatch.setattr("nas.space.drawing.show.show_space", lambda *_, **__: signal.raise_signal(signal.SIGINT))
    assert nas("describe", config.parent / "space.yaml", "--samples", 5) == Outcome(130, "", "nas: stopped by SIGINT\n")


def test_describe_json(config: Path, nas: Command) -> None:
    done = nas("describe", config.parent / "space.yaml", "--samples", 50, "--seed", 1, "--json")
    assert (done.code, done.err) == (0, "")
    facts = json.loads(done.out)
    assert list(facts) == DESCRIBE_KEYS
    assert (facts["name"], facts["size"], facts["samples"]) == ("tiny", 6, 50)
    assert facts["choices"] == {"pool": ["identity", "avg_pool"], "2.linear.units": [4, 8, 16]}
    assert list(facts["params"]) == list(facts["macs"]) == QUANTILES
    again = nas("describe", config.parent / "space.yaml", "--samples", 50, "--seed", 1, "--json")
    assert again == done


def test_describe_draws_what_it_shows(config: Path, tmp_path: Path, nas: Command) -> None:
    space, drawing = config.parent / "space.yaml", tmp_path / "drawing.svg"
    done = nas("describe", space, "--samples", 5, "--seed", 3, "--draw", drawing)
    assert (done.code, done.err) == (0, "")
    assert done.out.endswith(f"\nThe drawing is in {drawing}.\n")
    drawn = drawing.read_text()
    shown = re.search(r"one of them \(([0-9a-f]{16})\)", done.out)
    assert shown is not None
    assert f"<title>Architecture {shown[1]}</title>" in drawn
    done = nas("describe", space, "--samples", 5, "--seed", 3, "--draw", drawing, "--json")
    assert list(json.loads(done.out)) == DESCRIBE_KEYS
    assert drawing.read_text() == drawn


@pytest.mark.parametrize(
    "text",
    ["{pool: avg_pool, 2.linear.units: 8}", '{"choices": {"pool": "avg_pool", "2.linear.units": 8}}', "to_dict"],
)
def test_describe_one_architecture(text: str, config: Path, tmp_path: Path, nas: Command) -> None:
    space = load_space(config.parent / "space.yaml")
    arch = space.rebuild({"pool": "avg_pool", "2.linear.units": 8})
    file, drawing = tmp_path / "arch.yaml", tmp_path / "drawing.svg"
    file.write_text(json.dumps(arch.to_dict()) if text == "to_dict" else text)
    done = nas("describe", config.parent / "space.yaml", "--arch", file, "--draw", drawing)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"tiny  1×8×8 → 10  ({arch.id})\n")
    assert "samples" not in done.out
    assert all(name in done.out for name in arch.names)
    assert arch.id in drawing.read_text()
    done = nas("describe", config.parent / "space.yaml", "--arch", file, "--json")
    assert list(json.loads(done.out)) == ARCHITECTURE_KEYS
    assert json.loads(done.out) == arch.to_dict()


def test_describe_the_network_of_a_run(finished: Path, nas: Command) -> None:
    done = nas("describe", finished / "space.yaml", "--arch", finished / "architecture.yaml")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("tiny  1×8×8 → 10")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{pool: avg_pool}", ": not in the space tiny: 2.linear.units: this decision is missing"),
        ("{pool: none, 2.linear.units: 8}", ": not in the space tiny: pool: 'none' is not an option here"),
        ("{pool: avg_pool, 2.linear.units: 8, x: 1}", ": not in the space tiny: no such decision is reached: x"),
        ("id: abc\nchoices: {pool: avg_pool, 2.linear.units: 8}", ":1:5: id: another network than in the space tiny"),
        ("choices: [avg_pool]", ":1:10: these are no decisions"),
        ("choices: {pool: [avg_pool]}", ":1:10: these are no decisions"),
        ("- 1", ":1:1: these are no decisions"),
        ("{", ": this is not YAML"),
    ],
)
def test_describe_what_is_not_in_the_space(text: str, message: str, config: Path, tmp_path: Path, nas: Command) -> None:
    file, drawing = tmp_path / "arch.yaml", tmp_path / "drawing.svg"
    file.write_text(text)
    done = nas("describe", config.parent / "space.yaml", "--arch", file, "--draw", drawing)
    assert (done.code, done.out) == (2, "")
    assert str(file) in done.err
    assert message in done.err
    assert not drawing.exists()


def test_a_drawing_that_cannot_be_written(config: Path, nas: Command) -> None:
    done = nas("describe", config.parent / "space.yaml", "--samples", 5, "--draw", config / "drawing.svg")
    assert (done.code, done.out) == (3, "")
    assert done.err.startswith(f"nas: {config}/drawing.svg cannot be written")


# Search, report and export.


def test_search(config: Path, tmp_path: Path, nas: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = nas("search", config, "--trials", 2, "--seed", 5, "final.epochs=2", "--json")
    assert done.code == 0
    found = json.loads(done.out)
    assert list(found) == SEARCH_KEYS
    assert (found["folder"], found["trials"], found["failed"]) == ("runs/tiny", 2, 0)
    assert "trial 2/2 · val_acc 0." in done.err
    assert "final 1/1 · " in done.err
    written = (tmp_path / "runs/tiny/config.yaml").read_text()
    assert "seed: 5\n" in written
    assert "trials: 2\n" in written

    done = nas("search", config, "--seed", 5, "--resume", "--quiet")
    assert (done.code, done.err) == (0, "")
    assert "3 trials, 0 failed. The network and the report are in runs/tiny" in done.out
    assert "params" in done.out.splitlines()[0]
    assert re.search(r"^  test_acc \d+\.\d+ % on the test data$", done.out.replace("\u00a0", " "), re.MULTILINE)
    assert re.search(
        r"^  val_acc .* on the validation data, on which the network was selected$", done.out, re.MULTILINE
    )

    done = nas("search", config, "--seed", 5, "--resume", "-q", "--json")
    assert (done.code, done.err) == (0, "")
    assert json.loads(done.out)["trials"] == 3


def test_every_trial_fails(config: Path, tmp_path: Path, nas: Command) -> None:
    overrides = ("evaluator.train.lr=1e30", "evaluator.train.clip_norm=null")
    done = nas("search", config, *overrides, "--out", tmp_path / "run", "--quiet", "--json")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("all 3 trials failed:\n")
    assert "3 × NONFINITE: " in done.err
    assert nas("report", tmp_path / "run").code == 0


def test_the_study_is_open_elsewhere(config: Path, finished: Path, nas: Command) -> None:
    with exclusive(finished / "study.db"):
        done = nas("search", config, "--out", finished, "--resume")
    assert (done.code, done.out) == (3, "")
    assert f"study.db is in use: process {os.getpid()} on " in done.err


def test_a_folder_that_cannot_be_made(config: Path, tmp_path: Path, finished: Path, nas: Command) -> None:
    for arguments in (("search", config, "--out", config / "run"), ("export", finished, "--to", config / "network")):
        done = nas(*arguments)
        assert (done.code, done.out) == (3, "")
        assert done.err.startswith(f"nas: {config}/")
        assert "Not a directory" in done.err


def test_the_config_has_changed(config: Path, finished: Path, nas: Command) -> None:
    done = nas("search", config, "--out", finished, "--resume", "--seed", 7)
    assert (done.code, done.out) == (4, "")
    assert "seed: 0 -> 7" in done.err
    done = nas("search", config, "--out", finished, "--resume", "--seed", 7, "--accept-changes", "--quiet")
    assert (done.code, done.err) == (0, "")


def test_report(unfinished: Path, finished: Path, nas: Command) -> None:
    for folder in (unfinished, finished):
        (folder / "report.html").unlink(missing_ok=True)
        done = nas("report", folder)
        assert (done.code, done.out, done.err) == (0, f"{folder}/report.html\n", "")
        assert (folder / "report.html").read_text().startswith("<!doctype html>")
        assert (folder / "trials.csv").read_text().count("\n") == 4


def test_explain(unfinished: Path, finished: Path, nas: Command) -> None:
    """Three trials by random search tell little, and it says so; nothing in the folder changes."""
    for folder in (unfinished, finished):
        before = contents(folder)
        done = nas("explain", folder)
        assert (done.code, done.err) == (0, "")
        assert done.out.startswith("tiny: 3 trials of random\n")
        assert "random neither values options nor predicts scores." in done.out
        assert "Importances need 20 networks with a score" in done.out
        done = nas("explain", folder, "--json")
        assert (done.code, done.err) == (0, "")
        found = json.loads(done.out)
        assert list(found) == EXPLAIN_KEYS
        assert (found["trials"], found["greedy"], found["predictions"]) == (3, None, None)
        assert contents(folder) == before


def test_explain_of_q_learning(config: Path, tmp_path: Path, nas: Command) -> None:
    assert nas("search", config, "controller=q_learning", "--out", tmp_path / "run", "--quiet").code == 0
    assert "What the search has learned" in (tmp_path / "run" / "report.html").read_text()
    assert "The greedy network" in nas("explain", tmp_path / "run").out
    greedy = json.loads(nas("explain", tmp_path / "run", "--json").out)["greedy"]
    assert list(greedy) == GREEDY_KEYS
    assert [list(decision) for decision in greedy["decisions"]] == [DECISION_KEYS] * 2


def test_explain_without_what_the_controller_needs(
    finished: Path, nas: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sampler of OptunaHub, say, in a place where that is not installed: what the trials tell is told."""

    def fail(*_: object, **__: object) -> None:
        raise UsageError("samplers of OptunaHub need the package optunahub")

    monkeypatch.setattr("nas.runs.summary.make_controller", fail)
    done = nas("explain", finished)
    assert (done.code, done.err) == (0, "")
    assert "random neither values options" in done.out
    assert nas("report", finished).code == 0


def test_explain_where_there_is_no_run(tmp_path: Path, nas: Command) -> None:
    done = nas("explain", tmp_path)
    assert (done.code, done.out, done.err) == (2, "", f"nas: {tmp_path} holds no run\n")


def test_export(finished: Path, tmp_path: Path, nas: Command) -> None:
    done = nas("export", finished, "--to", tmp_path / "network")
    assert (done.code, done.out, done.err) == (0, f"{tmp_path}/network\n", "")
    found = contents(tmp_path / "network")
    assert set(found) == {"architecture.yaml", "model.safetensors", "model.py", "manifest.json"}
    assert all((finished / name).read_bytes() == found[name] for name in set(found) - {"manifest.json"})
    Manifest(tmp_path / "network").verify()


def test_export_goes_to_a_folder_named_network(
    finished: Path, tmp_path: Path, nas: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert nas("export", finished).out == "network\n"
    assert (tmp_path / "network/model.py").exists()


def test_export_of_an_unfinished_run(unfinished: Path, tmp_path: Path, nas: Command) -> None:
    done = nas("export", unfinished, "--to", tmp_path / "network")
    assert (done.code, done.out) == (2, "")
    assert done.err == f"nas: {unfinished} has no final network; `nas search` with --resume finishes a run\n"
    assert not (tmp_path / "network").exists()


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("model.safetensors", "export"),
        ("architecture.yaml", "export"),
        ("final.json", "export"),
        ("study.db", "report"),
        ("config.yaml", "report"),
        ("study.db", "explain"),
        ("manifest.json", "report"),
        ("model.py", "search"),
        ("study.db", "search"),
    ],
)
def test_damaged_files(name: str, command: str, config: Path, finished: Path, tmp_path: Path, nas: Command) -> None:
    (finished / name).write_bytes((finished / name).read_bytes()[:-20])
    before = contents(finished)
    arguments: dict[str, tuple[object, ...]] = {
        "export": ("export", finished, "--to", tmp_path / "network"),
        "report": ("report", finished),
        "explain": ("explain", finished),
        "search": ("search", config, "--out", finished, "--resume", "--quiet"),
    }
    done = nas(*arguments[command])
    assert (done.code, done.out) == (4, "")
    assert str(finished / name) in done.err
    assert contents(finished) == before
    assert not (tmp_path / "network").exists()


def test_the_exported_network_needs_nothing_of_ours(finished: Path, tmp_path: Path) -> None:
    test = load_data("digits").test
    assert test is not None
    np.savez(tmp_path / "test.npz", inputs=test.inputs, labels=test.targets)
    code = """
import sys
sys.modules["nas"] = None  # any import of it fails
import numpy, torch
from model import CLASSES, load
samples = numpy.load("../test.npz")
with torch.inference_mode():
    found = load()(torch.from_numpy(samples["inputs"])).argmax(dim=1).numpy()
print(CLASSES[0], (found == samples["labels"]).mean())
"""
    done = subprocess.run([sys.executable, "-c", code], check=True, cwd=finished, capture_output=True, text=True)
    name, accuracy = done.stdout.split()
    assert name == "0"
    assert float(accuracy) == pytest.approx(json.loads((finished / "final.json").read_bytes())["test"]["test_acc"])


# A process of its own: signals.


@pytest.mark.parametrize(("signum", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signals(signum: signal.Signals, code: int, config: Path, tmp_path: Path, nas: Command, server: Server) -> None:
    arguments, log = ["search", str(config), "--out", str(tmp_path / "run")], tmp_path / "log"
    process = server.begin(*arguments, "--trials", "100000", log=log, out=tmp_path / "out")
    wait_until(lambda: "trial 3/" in read(log))
    os.kill(process, signum)
    assert server.end(process) == code
    *_, last = log.read_text().splitlines()
    assert last == f"nas: stopped by {signum.name}; finished trials are saved, --resume continues"
    assert "Traceback" not in log.read_text()
    Manifest(tmp_path / "run").verify()
    done = nas(*arguments, "--resume", "--quiet", "--json")
    assert (done.code, done.err) == (0, "")
    assert json.loads(done.out)["trials"] >= 3
