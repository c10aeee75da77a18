"""The selected network is copied as it is, or not at all."""

import json
from pathlib import Path

import pytest

from nas.errors import IntegrityError, UsageError
from nas.final import NETWORK_FILES
from nas.manifest import Manifest
from nas.runs.folder import FINAL
from nas.runs.network import copy_network
from tests.runs.conftest import Ended
from tests.tiny_run import Crash, start


def test_the_network_is_copied_as_it_is(ended: Ended, tmp_path: Path) -> None:
    manifest = Manifest(tmp_path / "run")
    with pytest.raises(UsageError, match="has no final network"):
        copy_network(tmp_path / "run", tmp_path / "copy")
    ended.write(tmp_path / "run")
    copy_network(tmp_path / "run", tmp_path / "copy")
    for name in NETWORK_FILES:
        assert (tmp_path / "copy" / name).read_bytes() == (tmp_path / "run" / name).read_bytes()
    assert json.loads(manifest.read(FINAL))["chosen"] == ended.trial.architecture.id


def test_a_damaged_network_is_not_copied(ended: Ended, tmp_path: Path) -> None:
    ended.write(tmp_path / "run")
    (tmp_path / "run" / "model.py").write_text("import os\n", encoding="utf-8")
    with pytest.raises(IntegrityError, match=r"model\.py"):
        copy_network(tmp_path / "run", tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


def test_half_of_a_new_network_is_not_handed_over(
    copied: Path, config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_drawing: None
) -> None:
    move_in = Manifest.move_in

    def failing(self: Manifest, name: str, source: Path) -> Path:
        if name == "model.py":
            raise Crash
        return move_in(self, name, source)

    with monkeypatch.context() as patch:
        patch.setattr(Manifest, "move_in", failing)
        with pytest.raises(Crash):
            start(config, "final.epochs=1", out=copied, resume=True)
    with pytest.raises(UsageError, match="the final network is being replaced; `nas search` with --resume finishes it"):
        copy_network(copied, tmp_path / "network")
    assert not (tmp_path / "network").exists()
    start(config, "final.epochs=1", out=copied, resume=True)
    copy_network(copied, tmp_path / "network")
