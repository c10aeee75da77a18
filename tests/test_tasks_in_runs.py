"""Each task from a run file to a folder: searched, reported, exported, resumed and repaired by the same code."""

import csv
import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from nas.data import load_data
from nas.errors import SpecError
from nas.event_texts import trial_text
from nas.repairs import repair
from nas.runs.config import load_config
from nas.runs.run import RunResult, run
from nas.runs.summary import read_run
from nas.tasks import TASKS
from nas.tasks.metrics import measure
from nas.tasks.thresholds import tuned_thresholds
from tests.tiny_run import contents

SPACE = """
layers:
  - linear: {units: {choice: [8, 16]}}
  - tanh
  - linear: {units: outputs}
"""
FILE = """
space: s.yaml
data: {npz: {path: data.npz}}
controller: random
budget: {trials: 2}
workers: in_process
threads: 1
baseline: none
"""
TARGETS: Mapping[str, Any] = {
    "classification": lambda x: (x[:, 0] > 0).astype(int) + (x[:, 1] > 0),
    "multilabel": lambda x: np.stack([x[:, 0] > 0, x[:, 1] > 0.5, x[:, 0] > x[:, 1]], axis=1).astype(int),
    "regression": lambda x: 5000 * np.stack([x[:, 0] + 4, x[:, 1] * x[:, 0]], axis=1),
}
ASKED = {
    "classification": "evaluator: {train: {epochs: 2, loss: focal, class_weights: balanced, metrics: [roc_auc]}}\n"
    "objectives: {val_f1: maximize}\n",
    "multilabel": "evaluator: {train: {epochs: 2, class_weights: balanced, metrics: [roc_auc]}}\n"
    "objectives: {val_micro_f1: maximize}\n",
    "regression": "evaluator: {train: {epochs: 2, metrics: [r2], loss: huber}}\n"
    "objectives: {val_mae: {direction: minimize, limit: 1e9}, params: minimize}\n",
}
SAME = {"trials.csv", "final/architecture.yaml", "final/model.py", "final/model.safetensors"}
"""Files that a run leaves alike, seconds aside."""


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Any:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """A finished run of each task, to be copied before it is changed."""
    folders = {task: tmp_path_factory.mktemp(task) for task in TASKS}
    for task, folder in folders.items():
        _run(folder, task, ASKED[task])
    return {task: folder / "run" for task, folder in folders.items()}


@pytest.fixture
def no_drawing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The page is left out where it is not looked at."""
    monkeypatch.setattr("nas.runs.report.report_html", lambda summary: "")


def _write(folder: Path, task: str, more: str = "") -> Path:
    inputs = np.random.default_rng(0).uniform(-1, 1, (150, 2))
    targets = TARGETS[task](inputs)
    arrays = {"train_inputs": inputs[:100], "train_labels": targets[:100]}
    np.savez(folder / "data.npz", **arrays, test_inputs=inputs[100:], test_labels=targets[100:])
    (folder / "s.yaml").write_text(SPACE)
    kept = "" if "final:" in more else "final: {top: 2, epochs: 3}\n"
    (folder / "r.yaml").write_text(FILE + kept + more)
    return folder / "r.yaml"


def _run(folder: Path, task: str, more: str, *, out: str = "run", resume: bool = False) -> RunResult:
    return run(load_config(_write(folder, task, more)), out=folder / out, resume=resume)


def _kept(folder: Path) -> Mapping[str, bytes]:
    found = {name: content for name, content in contents(folder).items() if name in SAME}
    rows = list(csv.DictReader(found["trials.csv"].decode().splitlines()))
    return {**found, "trials.csv": json.dumps([{**row, "seconds": ""} for row in rows]).encode()}


@pytest.mark.parametrize("task", TASKS)
def test_a_run_file_that_says_nothing_of_its_task(task: str, tmp_path: Path, no_drawing: None) -> None:
    _run(tmp_path, task, "evaluator: {train: {epochs: 2}}\n")
    summary = read_run(tmp_path / "run")
    assert summary.task is TASKS[task]
    assert summary.objectives == (TASKS[task].objective,)
    always = {f"val_{name}" for name in TASKS[task].always}
    assert {name for name in summary.trials[0].metrics if name.startswith("val_") and "curve" not in name} == always
    assert load_config(tmp_path / "run" / "config.yaml").task == task


@pytest.mark.parametrize("task", TASKS)
def test_metrics_that_are_asked_for_are_there_from_file_to_report(task: str, finished: Mapping[str, Path]) -> None:
    folder = finished[task]
    summary = read_run(folder)
    asked = {"classification": ["f1", "roc_auc"], "multilabel": ["micro_f1", "roc_auc"], "regression": ["mae", "r2"]}[
        task
    ]
    names = [*TASKS[task].always, *asked]
    assert summary.chosen is not None
    assert set(summary.chosen.test or {}) == {f"test_{name}" for name in names}
    for trial in summary.trials:
        assert {f"val_{name}" for name in names} <= set(trial.metrics)
        assert trial_text(trial, summary.objectives).startswith(f"val_{asked[0]}")
    header = (folder / "trials.csv").read_text().partition("\n")[0].split(",")
    assert {f"val_{name}" for name in names} < set(header)
    page = re.sub(r"<svg.*?</svg>|<[^>]+>", " ", (folder / "report.html").read_text(), flags=re.S)
    for name in asked:
        assert f"val_{name}" in page
        assert f"test_{name}" in page
    model: dict[str, Any] = {}
    exec((folder / "final/model.py").read_text(), model)
    assert model[TASKS[task].word[1].upper()] == tuple(summary.outputs)


def test_thresholds_are_tuned_on_validation_data(finished: Mapping[str, Path]) -> None:
    """They are in the record of the final network and in its file, which predicts what was tested."""
    folder = finished["multilabel"]
    final = json.loads((folder / "final.json").read_text())
    data = load_data("npz", path=folder.parent / "data.npz")
    model: dict[str, Any] = {}
    exec((folder / "final/model.py").read_text(), model)
    thresholds = final["tuning"]["thresholds"]
    assert list(model["THRESHOLDS"]) == thresholds != [0.5] * 3
    network = model["load"](folder / "final/model.safetensors")
    assert data.test is not None
    with torch.no_grad():
        probabilities, samples = (network(torch.from_numpy(part.inputs)).sigmoid() for part in (data.val, data.test))
    assert tuned_thresholds("micro_f1", probabilities.double().numpy(), data.val.targets) == pytest.approx(
        thresholds, abs=1e-6
    )
    labels = (samples > torch.tensor(thresholds)).numpy()
    assert final["test"]["test_micro_f1"] == pytest.approx(
        measure(["micro_f1"], {"labels": labels}, data.test.targets, 3)["micro_f1"]
    )
    assert "tuning" not in json.loads((finished["regression"] / "final.json").read_text())


@pytest.mark.parametrize("task", TASKS)
def test_resumed_and_repaired(task: str, finished: Mapping[str, Path], tmp_path: Path, no_drawing: None) -> None:
    before = _kept(finished[task])
    shutil.copytree(finished[task], tmp_path / "run")
    _run(tmp_path, task, ASKED[task], resume=True)
    assert _kept(tmp_path / "run") == before
    for file in [tmp_path / "run" / "final.json", *(tmp_path / "run" / "finalists").iterdir()]:
        file.write_bytes(file.read_bytes()[:-9])
    repair(tmp_path / "run")
    _run(tmp_path, task, ASKED[task], resume=True)
    assert _kept(tmp_path / "run") == before


@pytest.mark.parametrize(
    ("task", "more", "message"),
    [
        ("classification", "task: regression\nobjectives: {val_acc: maximize}", "the evaluator reports no 'val_acc'"),
        ("regression", "task: classification", "train labels: expected one per sample, shape (100,), got (100, 2)"),
        (
            "regression",
            "objectives: {val_acc: maximize}",
            "evaluator.train: regression has no metric 'acc'",
        ),
        ("regression", "evaluator: {train: {metrics: [f1]}}", "regression has no metric 'f1'"),
        (
            "regression",
            "evaluator: {train: {label_smoothing: 0.1}}",
            "the loss mse of regression does not support it",
        ),
        ("classification", "evaluator: {train: {loss: mse}}", "classification has no loss 'mse'; it has cross_entropy"),
        (
            "classification",
            "evaluator: {train: {class_weights: [1, 2]}}",
            "class_weights: expected `balanced` or 3 num",
        ),
        ("multilabel", "evaluator: {train: {label_smoothing: 0.1}}", "the loss bce of multilabel does not support it"),
        ("multilabel", "task: regression\nevaluator: {train: {loss: bce}}", "regression has no loss 'bce'"),
        ("classification", "final: {loss: huber}", "final: loss: classification has no loss 'huber'"),
    ],
)
def test_what_does_not_fit_is_told_before_anything_is_trained(
    task: str, more: str, message: str, tmp_path: Path
) -> None:
    with pytest.raises(SpecError) as caught:
        _run(tmp_path, task, more)
    assert message in str(caught.value)
    assert not (tmp_path / "run").exists()


def test_data_of_one_task_alone(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(SPACE)
    (tmp_path / "r.yaml").write_text("space: s.yaml\ndata: digits\ntask: regression\n")
    with pytest.raises(SpecError, match="the data set is for classification, and the task is regression"):
        run(load_config(tmp_path / "r.yaml"), out=tmp_path / "run")
