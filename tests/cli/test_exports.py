"""`nas export`."""

import sys
from pathlib import Path

import numpy as np
import pytest

from nas.encrypted import Scrypt
from nas.manifest import Manifest
from nas.network_files import NETWORK_FILES
from tests.cli.conftest import Command
from tests.tiny_run import contents


def test_export(finished: Path, tmp_path: Path, nas: Command) -> None:
    done = nas("export", finished, "--to", tmp_path / "network")
    assert (done.code, done.out) == (0, f"{tmp_path}/network\n")
    assert done.err == "python: equal outputs on 64 random inputs and 64 samples\n"
    found = contents(tmp_path / "network")
    assert set(found) == {*NETWORK_FILES, "card.md", "requirements.txt", "manifest.json"}
    assert all((finished / "final" / name).read_bytes() == found[name] for name in NETWORK_FILES)
    Manifest(tmp_path / "network").verify()


def test_export_goes_to_a_folder_named_network(
    finished: Path, tmp_path: Path, nas: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert nas("export", finished).out == "network\n"
    assert (tmp_path / "network/model.py").exists()
    assert nas("export", finished, "--formats", "").err.startswith("nas: there is no format '', expected python")


def test_export_of_an_unfinished_run(unfinished: Path, tmp_path: Path, nas: Command) -> None:
    done = nas("export", unfinished, "--to", tmp_path / "network")
    assert (done.code, done.out) == (2, "")
    assert done.err == f"nas: {unfinished} has no final network; `nas search` with --resume finishes a run\n"
    assert not (tmp_path / "network").exists()


def test_a_format_that_is_not_written_ends_with_exit_code_2(
    finished: Path, tmp_path: Path, nas: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)  # any import of it fails
    done = nas("export", finished, "--to", tmp_path / "network", "--formats", "onnx, python")
    assert (done.code, done.out) == (2, f"{tmp_path}/network\n")
    assert "nas: onnx was not written: ONNX needs onnxruntime" in done.err
    assert (tmp_path / "network/model.py").exists()


def test_an_encrypted_export(finished: Path, tmp_path: Path, nas: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("cryptography", reason="the extra `encrypt` is not installed")
    monkeypatch.setattr("nas.encrypted.SCRYPT", Scrypt(4, 8, 1))
    monkeypatch.setattr("nas.handover.speed.speed", lambda *_: "1 ms.")  # two exports would measure two latencies
    monkeypatch.chdir(tmp_path)
    (tmp_path / "word").write_text("a word\n")
    np.save("new.npy", np.zeros((1, 1, 8, 8)))
    done = nas("export", finished, "--encrypt", "--passphrase-file", "word")
    assert (done.code, done.out) == (0, "network.nasx\n")
    assert done.err == "python: equal outputs on 64 random inputs and 64 samples\n"
    nas("export", finished, "--to", "plain")
    assert nas("export", "network.nasx", "--to", "again", "--passphrase-file", "word").out == "again\n"
    assert contents(tmp_path / "again") == contents(tmp_path / "plain")
    predicted = nas("predict", "network.nasx", "new.npy", "--passphrase-file", "word")
    assert predicted.out == nas("predict", "again", "new.npy").out
    (tmp_path / "word").write_text("another\n")
    for command in (("predict", "network.nasx", "new.npy"), ("export", "network.nasx", "--to", "other")):
        done = nas(*command, "--passphrase-file", "word")
        wrong = "nas: network.nasx cannot be decrypted: the passphrase is wrong, or the file was altered or cut off\n"
        assert (done.code, done.out, done.err) == (4, "", wrong)
    assert not (tmp_path / "other").exists()
    done = nas("export", "network.nasx", "--formats", "onnx", "--passphrase-file", "word")
    assert (done.code, done.err.partition(":")[2]) == (
        2,
        " network.nasx is an encrypted export: its files are written as they are, as a folder\n",
    )
    assert nas("export", finished, "--passphrase-file", "word").code == 2
