"""Commands on runs: what they print where, and the exit codes that scripts rely on."""

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from nas.data import load_data
from tests.cli.conftest import Command
from tests.tiny_run import contents

SEARCH_KEYS = [
    "folder",
    "trials",
    "failed",
    "ended_by",
    "objectives",
    "front",
    "best_trial",
    "best_score",
    "architecture",
    "probabilities",
    "order",
    "replacement",
    "figures",
    "baselines",
    "val_acc",
    "train_loss",
    "val_loss",
    "params",
    "macs",
    "test_loss",
    "test_acc",
]


EXPLAIN_KEYS = ["trials", "told", "best_trial", "greedy", "predictions", "importances"]


GREEDY_KEYS = ["kind", "architecture", "score", "settled", "decisions", "moments"]


DECISION_KEYS = ["name", "options", "values", "tried", "taken", "best"]


def test_search(small: Path, tmp_path: Path, nas: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = nas("search", small, "--trials", 2, "--seed", 5, "final.epochs=2", "--json")
    assert done.code == 0
    found = json.loads(done.out)
    assert list(found) == SEARCH_KEYS
    assert (found["folder"], found["trials"], found["failed"]) == ("runs/tiny", 2, 0)
    assert "trial 2/2 · val_acc 0." in done.err
    assert "final 1/1 · " in done.err
    written = (tmp_path / "runs/tiny/config.yaml").read_text()
    assert "seed: 5\n" in written
    assert "trials: 2\n" in written

    done = nas("search", small, "--seed", 5, "--resume", "--quiet")
    assert (done.code, done.err) == (0, "")
    assert "3 trials, 0 failed. The network and the report are in runs/tiny" in done.out
    assert "parameters" in done.out.splitlines()[0]
    shown = done.out.replace("\u00a0", " ")
    assert re.search(
        r"^  test_acc \d+\.\d+ % \(95 % interval [\d.]+ to [\d.]+ % over samples\) on the test data$",
        shown,
        re.MULTILINE,
    )
    assert re.search(r"^  baselines: test_acc \d+\.\d+.%", done.out, re.MULTILINE)
    assert re.search(
        r"^  val_acc .* on the validation data, on which the network was selected$", done.out, re.MULTILINE
    )

    done = nas("search", small, "--seed", 5, "--resume", "-q", "--json")
    assert (done.code, done.err) == (0, "")
    assert json.loads(done.out)["trials"] == 3


def test_a_folder_that_cannot_be_made(small: Path, tmp_path: Path, finished: Path, nas: Command) -> None:
    for arguments in (("search", small, "--out", small / "run"), ("export", finished, "--to", small / "network")):
        done = nas(*arguments)
        assert (done.code, done.out) == (3, "")
        assert done.err.startswith(f"nas: {small}/")
        assert "Not a directory" in done.err


def test_report(unfinished: Path, copied: Path, nas: Command) -> None:
    for folder in (unfinished, copied):
        (folder / "report.html").unlink(missing_ok=True)
        done = nas("report", folder)
        assert (done.code, done.out, done.err) == (0, f"{folder}/report.html\n", "")
        assert (folder / "report.html").read_text().startswith("<!doctype html>")
        assert (folder / "trials.csv").read_text().count("\n") == 7
    assert "What the search has learned" in (copied / "report.html").read_text()


def test_explain(unfinished: Path, finished: Path, nas: Command) -> None:
    """Nothing in the folder changes."""
    for folder in (unfinished, finished):
        before = contents(folder)
        done = nas("explain", folder)
        assert (done.code, done.err) == (0, "")
        assert done.out.startswith("tiny: 6 trials of q_learning\n")
        assert "The greedy network" in done.out
        assert "Importances need 20 networks with a score" in done.out
        done = nas("explain", folder, "--json")
        assert (done.code, done.err) == (0, "")
        found = json.loads(done.out)
        assert list(found) == EXPLAIN_KEYS
        assert (found["trials"], found["predictions"]["known"]) == (6, 2)
        assert list(found["greedy"]) == GREEDY_KEYS
        assert {tuple(decision) for decision in found["greedy"]["decisions"]} == {tuple(DECISION_KEYS)}
        assert contents(folder) == before


@pytest.mark.parametrize("command", ["report", "explain", "export"])
def test_where_there_is_no_run(command: str, tmp_path: Path, nas: Command) -> None:
    done = nas(command, tmp_path)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"nas: {tmp_path} h")


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("final/model.safetensors", "export"),
        ("final/architecture.yaml", "export"),
        ("final.json", "export"),
        ("study.db", "report"),
        ("config.yaml", "report"),
        ("study.db", "explain"),
        ("manifest.json", "report"),
        ("final/model.py", "search"),
        ("study.db", "search"),
    ],
)
def test_damaged_files(name: str, command: str, config: Path, copied: Path, tmp_path: Path, nas: Command) -> None:
    (copied / name).write_bytes((copied / name).read_bytes()[:-20])
    before = contents(copied)
    arguments: dict[str, tuple[object, ...]] = {
        "export": ("export", copied, "--to", tmp_path / "network"),
        "report": ("report", copied),
        "explain": ("explain", copied),
        "search": ("search", config, "--out", copied, "--resume", "--quiet"),
    }
    done = nas(*arguments[command])
    assert (done.code, done.out) == (4, "")
    assert str(copied / name) in done.err
    assert contents(copied) == before
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
samples = numpy.load(sys.argv[1])
with torch.inference_mode():
    found = load()(torch.from_numpy(samples["inputs"])).argmax(dim=1).numpy()
print(CLASSES[0], (found == samples["labels"]).mean())
"""
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "test.npz"],
        check=True,
        cwd=finished / "final",
        capture_output=True,
        text=True,
    )
    name, accuracy = done.stdout.split()
    assert name == "0"
    assert float(accuracy) == pytest.approx(json.loads((finished / "final.json").read_bytes())["test"]["test_acc"])
