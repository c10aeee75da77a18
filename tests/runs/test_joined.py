"""The network of all samples in the folder of a run: kept once, and taken for no other."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import save

from nas.errors import Damaged, EvaluationFailed, FailureKind
from nas.manifest import Manifest
from nas.runs.joined import keep_joined, kept_joined, load_joined
from tests.runs.conftest import Ended


def _keep(manifest: Manifest, ended: Ended) -> str:
    """Keeps the selected network as if it were trained on all samples; returns the name of its weights."""
    weights = manifest.folder / "weights"
    weights.write_bytes(save(ended.finalist.network.state_dict()))
    keep_joined(manifest, ended.config, ended.data, ended.finalist, {"seconds": 2.5}, weights)
    assert not weights.exists(), "it was moved"
    return f"finalists/{ended.finalist.architecture.id}-joined.safetensors"


def test_it_comes_back(ended: Ended, tmp_path: Path) -> None:
    manifest, chosen = Manifest(tmp_path), ended.finalist
    assert kept_joined(manifest, ended.config, ended.data, chosen) is None
    name = _keep(manifest, ended)
    assert name in manifest
    found = kept_joined(manifest, ended.config, ended.data, chosen)
    assert found is not None
    assert (found.what, found.members, found.seconds) == ("joined", 1, 2.5)
    assert (found.params, found.macs) == (chosen.architecture.params, chosen.architecture.macs)
    assert (found.single, found.val) == (chosen.own, {})
    network = load_joined(manifest, ended.data, chosen.architecture)()
    for key, value in chosen.network.state_dict().items():
        assert torch.equal(network.state_dict()[key], value)


def test_it_is_trained_again_with_other_settings_or_weights(ended: Ended, tmp_path: Path) -> None:
    manifest, config = Manifest(tmp_path), ended.config
    name = _keep(manifest, ended)
    others = [
        replace(config, seed=1),
        replace(config, final=replace(config.final, recipe=replace(config.final.recipe, lr=0.02))),
    ]
    assert [kept_joined(manifest, other, ended.data, ended.finalist) for other in others] == [None, None]
    assert kept_joined(manifest, config, ended.data, replace(ended.finalist, trial=7)) is None
    more_seeds = replace(config, final=replace(config.final, seeds=3))
    assert kept_joined(manifest, more_seeds, ended.data, ended.finalist) is not None, "its seed is that of the first"
    manifest.write(name, b"of another training")
    assert kept_joined(manifest, config, ended.data, ended.finalist) is None


def test_a_changed_file_is_damaged(ended: Ended, tmp_path: Path) -> None:
    manifest = Manifest(tmp_path)
    path = tmp_path / _keep(manifest, ended)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(Damaged):
        kept_joined(manifest, ended.config, ended.data, ended.finalist)


def test_why_it_could_not_be_trained(ended: Ended, tmp_path: Path) -> None:
    manifest, failure = Manifest(tmp_path), EvaluationFailed(FailureKind.NONFINITE, "train_loss is nan")
    keep_joined(manifest, ended.config, ended.data, ended.finalist, failure, tmp_path / "there is none")
    with pytest.raises(EvaluationFailed) as caught:
        kept_joined(manifest, ended.config, ended.data, ended.finalist)
    assert (caught.value.kind, caught.value.message) == (failure.kind, failure.message)
