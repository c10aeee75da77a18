"""The selected network is read as it was written, or not at all."""

import json
from pathlib import Path

import pytest

from nas.errors import IntegrityError, UsageError
from nas.manifest import Manifest
from nas.network_files import NETWORK_FILES
from nas.runs.folder import FINAL
from nas.runs.network import network_contents
from tests.runs.conftest import Ended
from tests.tiny_run import Crash, start


def test_the_network_is_read_as_it_was_written(ended: Ended, tmp_path: Path) -> None:
    manifest = Manifest(tmp_path / "run")
    with pytest.raises(UsageError, match="has no final network"):
        network_contents(tmp_path / "run")
    ended.write(tmp_path / "run")
    found = network_contents(tmp_path / "run")
    assert found == {name: (tmp_path / "run/final" / name).read_bytes() for name in NETWORK_FILES}
    assert json.loads(manifest.read(FINAL))["chosen"] == ended.trial.architecture.id


def test_a_damaged_network_is_not_read(ended: Ended, tmp_path: Path) -> None:
    ended.write(tmp_path / "run")
    (tmp_path / "run" / "final/model.py").write_text("import os\n", encoding="utf-8")
    with pytest.raises(IntegrityError, match=r"model\.py"):
        network_contents(tmp_path / "run")


def test_half_of_a_new_network_is_not_handed_over(
    copied: Path, config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_drawing: None
) -> None:
    move_in = Manifest.move_in

    def failing(self: Manifest, name: str, source: Path) -> Path:
        if name == "final/model.py":
            raise Crash
        return move_in(self, name, source)

    with monkeypatch.context() as patch:
        patch.setattr(Manifest, "move_in", failing)
        with pytest.raises(Crash):
            start(config, "final.epochs=1", out=copied, resume=True)
    with pytest.raises(UsageError, match="the final network is being replaced; `nas search` with --resume finishes it"):
        network_contents(copied)
    start(config, "final.epochs=1", out=copied, resume=True)
    assert set(network_contents(copied)) == set(NETWORK_FILES)
