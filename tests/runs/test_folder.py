"""The folder of a run: what is written comes back, and only where it belongs to these settings."""

import json
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import torch

from nas.data import Dataset
from nas.errors import EvaluationFailed, FailureKind, IntegrityError, UsageError
from nas.evaluate.evaluation import make_data, make_evaluator
from nas.final import NETWORK_FILES
from nas.final.fine_tune import Final, Finalist, conclude, train_finalist
from nas.manifest import Manifest
from nas.runs.config import CONFIG, FinalStage, RunConfig, load_config
from nas.runs.finalists import keep_failure, keep_finalist, kept_finalist
from nas.runs.folder import FINAL, SPACE
from nas.runs.network import copy_network, write_final
from nas.runs.prepare import make_space
from nas.runs.record import record
from nas.runs.report import write_report
from nas.runs.summary import explain, read_run
from nas.settings import identity
from nas.training import Recipe
from nas.training.workbench import Workbench
from nas.trial import Proposal, Trial

SPACE_FILE = """
input: [1, 8, 8]
outputs: 10
layers: [flatten, {linear: {units: {choice: [4, 8]}}}, relu, {linear: {units: outputs}}]
"""
CONFIG_FILE = """
name: tiny
space: tiny_space.yaml
data: digits
controller: random
final: {epochs: 1, lr: 0.01}
device: cpu
"""


@dataclass(frozen=True)
class Ended:
    """A search that ended with one trial, and its network at full length."""

    config: RunConfig
    data: Dataset
    bench: Workbench
    trial: Trial
    finalist: Finalist
    final: Final


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Ended:
    folder = tmp_path_factory.mktemp("files")
    (folder / "tiny_space.yaml").write_text(SPACE_FILE, encoding="utf-8")
    (folder / "tiny.yaml").write_text(CONFIG_FILE, encoding="utf-8")
    config = load_config(folder / "tiny.yaml")
    data = make_data(config)
    arch = make_space(config, data).sample(np.random.default_rng(0))
    trial = Trial(0, Proposal(arch), 1, {"val_acc": 0.5}, (0.5,), 0.1, None, 0)
    bench = Workbench(data, device="cpu")
    finalist = train_finalist(bench, trial, config.final.recipe, seed=config.seed, objectives=config.objectives)
    return Ended(config, data, bench, trial, finalist, conclude(bench, [finalist], objectives=config.objectives))


def test_a_finalist_comes_back_as_it_was(ended: Ended, tmp_path: Path) -> None:
    manifest = Manifest(tmp_path)
    assert kept_finalist(manifest, ended.config, ended.bench, ended.trial) is None
    keep_finalist(manifest, ended.config, ended.data, ended.finalist)
    before = torch.get_rng_state()
    back = kept_finalist(manifest, ended.config, ended.bench, ended.trial)
    assert torch.equal(before, torch.get_rng_state()), "loading draws no random numbers"
    assert back is not None
    assert (back.metrics, back.curves, back.seconds) == (
        ended.finalist.metrics,
        ended.finalist.curves,
        ended.finalist.seconds,
    )
    samples = torch.from_numpy(ended.data.val.inputs)
    assert torch.equal(back.network(samples), ended.finalist.network(samples))


def test_a_finalist_of_other_settings_is_not_taken(ended: Ended, tmp_path: Path) -> None:
    manifest = Manifest(tmp_path)
    keep_finalist(manifest, ended.config, ended.data, ended.finalist)
    for other in (replace(ended.config, seed=1), replace(ended.config, final=FinalStage(recipe=Recipe(epochs=2)))):
        assert kept_finalist(manifest, other, ended.bench, ended.trial) is None
    assert kept_finalist(manifest, ended.config, ended.bench, replace(ended.trial, number=1)) is None


def test_a_finalist_that_failed_fails_again_with_these_settings(ended: Ended, tmp_path: Path) -> None:
    manifest, failure = Manifest(tmp_path), EvaluationFailed(FailureKind.OOM_HOST, "no memory")
    keep_failure(manifest, ended.config, ended.data, ended.trial, failure)
    with pytest.raises(EvaluationFailed, match=r"^OOM_HOST: no memory$") as caught:
        kept_finalist(manifest, ended.config, ended.bench, ended.trial)
    assert caught.value.kind is FailureKind.OOM_HOST
    assert kept_finalist(manifest, replace(ended.config, seed=1), ended.bench, ended.trial) is None
    keep_finalist(manifest, ended.config, ended.data, ended.finalist)
    assert kept_finalist(manifest, ended.config, ended.bench, ended.trial) is not None


def test_the_network_is_copied_as_it_is(ended: Ended, tmp_path: Path) -> None:
    manifest = Manifest(tmp_path / "run")
    with pytest.raises(UsageError, match="has no final network"):
        copy_network(tmp_path / "run", tmp_path / "copy")
    write_final(manifest, ended.final, name="tiny")
    copy_network(tmp_path / "run", tmp_path / "copy")
    for name in NETWORK_FILES:
        assert (tmp_path / "copy" / name).read_bytes() == (tmp_path / "run" / name).read_bytes()
    assert json.loads(manifest.read(FINAL))["chosen"] == ended.trial.architecture.id


def test_a_damaged_network_is_not_copied(ended: Ended, tmp_path: Path) -> None:
    write_final(Manifest(tmp_path / "run"), ended.final, name="tiny")
    (tmp_path / "run" / "model.py").write_text("import os\n", encoding="utf-8")
    with pytest.raises(IntegrityError, match=r"model\.py"):
        copy_network(tmp_path / "run", tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


def test_what_was_recorded_is_a_run_file(ended: Ended, tmp_path: Path) -> None:
    manifest = Manifest(tmp_path)
    space = make_space(ended.config, ended.data)
    record(manifest, ended.config, space, ended.data, make_evaluator(ended.config, ended.data, space))
    again = load_config(tmp_path / CONFIG)
    assert identity(again) == identity(ended.config)
    assert again.recorded["data"]["train"] == len(ended.data.train)
    assert manifest.read(SPACE) == ended.config.space.read_bytes()


def test_a_folder_without_a_run(tmp_path: Path) -> None:
    for read in (read_run, write_report, explain):
        with pytest.raises(UsageError, match="holds no run"):
            read(tmp_path)
    assert not list(tmp_path.iterdir())
