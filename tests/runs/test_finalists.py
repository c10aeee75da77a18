"""A finalist comes back as it was, and only where it belongs to these settings."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from nas.errors import EvaluationFailed, FailureKind
from nas.manifest import Manifest
from nas.runs.config import FinalStage
from nas.runs.finalists import keep_failure, keep_finalist, kept_finalist
from nas.training import Recipe
from tests.runs.conftest import Ended
from tests.tiny_run import Crash, outcome, start


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
