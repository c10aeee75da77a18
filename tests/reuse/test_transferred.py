"""What is written of a network for another task."""

import json
from pathlib import Path

import pytest

from nas import Transferred, export_run, transfer
from nas.errors import UsageError
from nas.manifest import Manifest
from nas.network_files import NETWORK_FILES
from nas.reuse.transferred import RECORD, place_for
from tests.reuse.conftest import Known


@pytest.fixture(scope="module")
def found(known: Known) -> Transferred:
    return transfer(known.folder, known.data, scratch=False, device="cpu")


def test_a_folder_like_that_of_an_export(found: Transferred, tmp_path: Path) -> None:
    assert found.save(tmp_path / "new") == tmp_path / "new"
    manifest = Manifest(tmp_path / "new")
    assert set(manifest) == {*NETWORK_FILES, RECORD}
    record = manifest.read_record(RECORD)
    assert {name: record[name] for name in found.to_dict()} == json.loads(json.dumps(found.to_dict()))
    assert (record["data"], record["method"], record["scratch"]) == ("diagonals", "probe", None)
    assert f"test_acc {100 * found.figures.metrics['test_acc']:.2f}" in manifest.read("model.py").decode()
    found.save(tmp_path / "new")  # an earlier one is replaced
    assert (
        export_run(tmp_path / "new", tmp_path / "exported").written["python"].text
        == "equal outputs on 64 random inputs"
    )


def test_folders_that_are_not_written(found: Transferred, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").touch()
    with pytest.raises(UsageError, match="holds other files"):
        found.save(tmp_path)
    with pytest.raises(UsageError, match="k-NN keeps all training samples and is no network"):
        place_for("knn", tmp_path / "new")
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
