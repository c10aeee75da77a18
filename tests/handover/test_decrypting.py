"""An encrypted export: predicted from in memory, and a folder again."""

import io
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nas
import nas.encrypted
from nas.encrypted import Scrypt
from nas.errors import IntegrityError, UsageError
from tests.tiny_run import contents

pytest.importorskip("cryptography", reason="the extra `encrypt` is not installed")

INPUTS = np.arange(128).reshape(2, 1, 8, 8) % 17


@pytest.fixture(scope="module")
def sealed(finished: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An encrypted export, beside the folder that it is made of."""
    folder = tmp_path_factory.mktemp("sealed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nas.encrypted, "SCRYPT", Scrypt(4, 8, 1))
        patch.setattr(tempfile, "tempdir", str(folder / "temporary"))
        (folder / "temporary").mkdir()
        nas.export_run(finished, folder / "network.nasx", passphrase="a word")
        assert not [*(folder / "temporary").iterdir()], "nothing is left of what was not encrypted"
    nas.export_run(finished, folder / "network")
    return folder / "network.nasx"


def test_predictions_are_made_in_memory(sealed: Path, finished: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted, opened, real = nas.predict(finished, INPUTS), [], io.open

    def recorded(file: Any, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
        opened.append((Path(file).name, mode))
        return real(file, mode, *args, **kwargs)

    monkeypatch.setattr(io, "open", recorded)
    monkeypatch.setattr("builtins.open", recorded)
    found = nas.predict(sealed, INPUTS, passphrase="a word")
    assert found.to_csv() == wanted.to_csv()
    assert {mode for name, mode in opened if name == "network.nasx"} == {"rb"}
    assert not [name for name, mode in opened if set(mode) & {*"wax+"}]


def test_the_folder_comes_back(sealed: Path, tmp_path: Path) -> None:
    assert nas.decrypt_export(sealed, tmp_path / "again", "a word") == tmp_path / "again"
    assert contents(tmp_path / "again") == contents(sealed.parent / "network")
    with pytest.raises(IntegrityError, match="the passphrase is wrong"):
        nas.decrypt_export(sealed, tmp_path / "again", "another")
    assert contents(tmp_path / "again") == contents(sealed.parent / "network")
    (tmp_path / "link").symlink_to("again")
    nas.decrypt_export(sealed, tmp_path / "link", "a word")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["again", "link"]
    assert (tmp_path / "link").is_symlink()


def test_names_that_lead_out_of_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who knows the passphrase can write any file."""
    monkeypatch.setattr(nas.encrypted, "SCRYPT", Scrypt(4, 8, 1))
    (tmp_path / "file").write_bytes(b"".join(nas.encrypted.encrypted({"a": b"", "../out": b"x"}, "a word")))
    with pytest.raises(UsageError, match=r"'\.\./out' is not the name of a file in"):
        nas.decrypt_export(tmp_path / "file", tmp_path / "to", "a word")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_passphrases_that_do_not_open(sealed: Path, finished: Path, tmp_path: Path) -> None:
    (tmp_path / "other").write_bytes(b"other")
    for source, passphrase, error, message in (
        (sealed, None, UsageError, "is an encrypted export: its passphrase is needed"),
        (sealed, "", UsageError, "the passphrase is empty"),
        (sealed, "another", IntegrityError, "the passphrase is wrong, or the file was altered"),
        (finished, "a word", UsageError, "is a folder, which has no passphrase"),
        (tmp_path / "other", None, UsageError, "has no network"),
        (tmp_path / "other", "a word", IntegrityError, "is no encrypted export"),
    ):
        with pytest.raises(error, match=message):
            nas.predict(source, INPUTS, passphrase=passphrase)
    with pytest.raises(UsageError, match="its passphrase is needed"):
        nas.export_run(sealed, tmp_path / "to")
