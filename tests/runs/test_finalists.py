"""A finalist comes back as it was, and only where it belongs to these settings."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from nas.errors import Damaged, EvaluationFailed, FailureKind
from nas.manifest import Manifest
from nas.runs.config import FinalStage
from nas.runs.finalists import keep_failure, keep_finalist, kept_finalist
from nas.training import Recipe
from nas.trial import Metrics
from tests.runs.conftest import Ended
from tests.tiny_run import Crash, outcome, start


def test_a_finalist_comes_back_as_it_was(ended: Ended, tmp_path: Path) -> None:
    manifest = Manifest(tmp_path)
    assert ended.kept(manifest) is None
    told = ended.keep(manifest)
    assert sorted(manifest) == [f"finalists/{ended.trial.architecture.id}.{end}" for end in ("json", "safetensors")]
    assert not (tmp_path / "weights").exists()
    before = torch.get_rng_state()
    back = ended.kept(manifest)
    assert back is not None
    samples = torch.from_numpy(ended.data.val.inputs)
    for one in (told, back):
        assert one == ended.finalist
        assert not one.network.training
        assert torch.equal(one.network(samples), ended.finalist.network(samples))
    assert torch.equal(before, torch.get_rng_state()), "loading draws no random numbers"


def test_several_trainings_come_back(ended: Ended, tmp_path: Path) -> None:
    manifest, weights = Manifest(tmp_path), [tmp_path / "first", tmp_path / "second"]
    several = replace(ended.config, final=replace(ended.config.final, seeds=2))
    for path in weights:
        path.write_bytes(path.name.encode())
    curves: Metrics = {"val_loss_curve": (1.0,), "val_acc_curve": (0.5,)}
    metrics: Metrics = {**curves, "val_acc_sd": 0.25, "val_acc_each": (0.25, 0.75), "seconds": 1.0}
    told = keep_finalist(manifest, several, ended.data, ended.trial, metrics, weights)
    back = ended.kept(manifest, config=several)
    assert back == told
    assert (back.spread, back.seeds) == ({"val_acc_sd": 0.25}, {"val_acc": (0.25, 0.75)})
    assert "val_acc_sd" not in back.metrics
    assert len(back.others) == 1
    id_ = ended.trial.architecture.id
    assert manifest.read(f"finalists/{id_}-2.safetensors") == b"second"
    assert ended.kept(manifest) is None, "it was to be trained once"
    manifest.write(f"finalists/{id_}-2.safetensors", b"of other settings")
    assert ended.kept(manifest, config=several) is None


def test_what_an_earlier_version_trained_several_times(ended: Ended, tmp_path: Path) -> None:
    """Without the metrics of each and the further networks: it is taken, unless an ensemble needs these."""
    manifest = Manifest(tmp_path)
    ended.keep(manifest)
    several = replace(ended.config, final=replace(ended.config.final, seeds=2))
    name = f"finalists/{ended.trial.architecture.id}.json"
    stored = manifest.read_record(name)
    manifest.write_record(
        name, {**stored, "settings": {**stored["settings"], "seeds": 2}, "spread": {"val_acc_sd": 0.1}}
    )
    back = ended.kept(manifest, config=several)
    assert back is not None
    assert (back.seeds, len(back.networks), back.own) == ({}, 1, {})
    ensemble = replace(several, final=replace(several.final, ensemble="seeds"))
    assert ended.kept(manifest, config=ensemble) is None


def test_a_damaged_network_is_not_read(ended: Ended, tmp_path: Path) -> None:
    manifest = Manifest(tmp_path)
    told = ended.keep(manifest)
    (path,) = tmp_path.glob("finalists/*.safetensors")
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    with pytest.raises(Damaged, match=r"\.safetensors was altered"):
        told.network  # noqa: B018  it is read when it is asked for
    with pytest.raises(Damaged, match=r"\.safetensors was altered"):
        ended.kept(manifest)


def test_a_finalist_of_other_settings_is_not_taken(ended: Ended, tmp_path: Path) -> None:
    manifest = Manifest(tmp_path)
    ended.keep(manifest)
    for other in (replace(ended.config, seed=1), replace(ended.config, final=FinalStage(recipe=Recipe(epochs=2)))):
        assert ended.kept(manifest, config=other) is None
    assert ended.kept(manifest, trial=replace(ended.trial, number=1)) is None
    assert kept_finalist(manifest, ended.config, ended.data, ended.trial, metrics=["loss", "f1"]) is None


def test_a_finalist_that_failed_fails_again_with_these_settings(ended: Ended, tmp_path: Path) -> None:
    manifest, failure = Manifest(tmp_path), EvaluationFailed(FailureKind.OOM_HOST, "no memory")
    keep_failure(manifest, ended.config, ended.data, ended.trial, failure)
    with pytest.raises(EvaluationFailed, match=r"^OOM_HOST: no memory$") as caught:
        ended.kept(manifest)
    assert caught.value.kind is FailureKind.OOM_HOST
    assert ended.kept(manifest, config=replace(ended.config, seed=1)) is None
    ended.keep(manifest)
    assert ended.kept(manifest) is not None


def test_weights_of_other_settings_are_not_taken(
    copied: Path, config: Path, monkeypatch: pytest.MonkeyPatch, no_drawing: None
) -> None:
    """Killed between the new weights of a finalist and its record, which still tells of the old ones."""
    before = outcome(copied)
    write = Manifest.write

    def failing(self: Manifest, name: str, data: bytes) -> Path:
        if name.startswith("finalists/") and name.endswith(".json"):
            raise Crash
        return write(self, name, data)

    with monkeypatch.context() as patch:
        patch.setattr(Manifest, "write", failing)
        with pytest.raises(Crash):
            start(config, "final.epochs=1", out=copied, resume=True)
    start(config, out=copied, resume=True)
    assert outcome(copied) == before
