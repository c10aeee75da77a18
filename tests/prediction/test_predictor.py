"""Stored networks with what predictions take: verified, and complete."""

import json
import shutil
from pathlib import Path

import pytest

from nas.errors import Damaged, IntegrityError, UsageError
from nas.manifest import MANIFEST, Manifest
from nas.network_files import PREPARATION
from nas.prediction.predictor import load_predictor
from nas.sealed import record_bytes
from tests.prediction.exported import Exported, texts


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Exported:
    return texts(tmp_path_factory.mktemp("texts"))


@pytest.fixture
def folder(exported: Exported, tmp_path: Path) -> Path:
    return Path(shutil.copytree(exported.folder, tmp_path / "network"))


def test_what_is_loaded(exported: Exported) -> None:
    found = load_predictor(exported.folder)
    assert (found.intake, found.task) == (exported.data.intake, exported.data.task)
    assert found.intake.files.text == "body"
    assert found.intake.files.dialect.encoding == "utf-16"


def test_no_network(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no such folder"):
        load_predictor(tmp_path / "none")
    no_network = "has no network: expected the folder of a run, or of an export with the format `python`"
    with pytest.raises(UsageError, match=no_network):
        load_predictor(tmp_path)
    Manifest(tmp_path).write("model.onnx", b"of another format")
    with pytest.raises(UsageError, match=no_network):
        load_predictor(tmp_path)
    (tmp_path / MANIFEST).write_bytes(b"damaged")
    with pytest.raises(Damaged, match=r"manifest\.json"):
        load_predictor(tmp_path)
    (tmp_path / "study.db").touch()
    (tmp_path / MANIFEST).write_bytes(record_bytes({"files": {}}))
    with pytest.raises(UsageError, match="has no final network; `nas search` with --resume finishes a run"):
        load_predictor(tmp_path)


def test_damaged_files(folder: Path) -> None:
    (folder / PREPARATION).write_bytes((folder / PREPARATION).read_bytes().replace(b"body", b"head"))
    with pytest.raises(Damaged, match=r"preparation\.json was altered"):
        load_predictor(folder)
    (folder / PREPARATION).unlink()
    with pytest.raises(Damaged, match=r"preparation\.json is missing"):
        load_predictor(folder)
    (folder / MANIFEST).unlink()
    with pytest.raises(UsageError, match=r"has no manifest\.json: expected the folder of a run, or of an export"):
        load_predictor(folder)
    (folder.parent / "study.db").touch()
    with pytest.raises(UsageError, match=f"{folder.parent} is that of a run$"):
        load_predictor(folder)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"task": {}}, "this is no task"),
        ({"preparation": {"other": {}}}, "this is no preparation"),
        ({"files": {"dialect": 1}}, "this does not say how inputs are prepared"),
        ({"task": {"classification": {"outputs": ["a"], "counts": []}}}, r"expected inputs of \(.*outputs of \(2,\)"),
    ],
)
def test_what_does_not_fit(change: dict[str, object], message: str, folder: Path) -> None:
    record = json.loads((folder / PREPARATION).read_bytes())
    record.pop("checksum")
    Manifest(folder).write(PREPARATION, record_bytes({**record, **change}))
    with pytest.raises(IntegrityError, match=message):
        load_predictor(folder)
