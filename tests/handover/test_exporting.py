"""An export is complete, checked and in its place, or the folder is as it was."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import pytest
from numpy.typing import NDArray

import nas.handover.exporting
from nas.errors import Damaged, StorageError, UsageError
from nas.handover import FORMATS, export_run
from nas.handover.agreement import Agreement
from nas.handover.handed import Handed
from nas.handover.plain_python import PlainPython
from nas.manifest import MANIFEST, Manifest
from nas.network_files import NETWORK_FILES
from tests.tiny_run import contents

FILES = {*NETWORK_FILES, "card.md", "requirements.txt", MANIFEST}


class Wrong(PlainPython):
    """The network, whose outputs are off by one."""

    name: ClassVar[str] = "wrong"

    def compute(self, folder: Path, inputs: NDArray[Any]) -> NDArray[Any]:
        return super().compute(folder, inputs) + 1


class Refusing(PlainPython):
    """A format for no network."""

    name: ClassVar[str] = "refusing"

    def write(self, handed: Handed) -> Mapping[str, bytes]:
        raise UsageError("conv1 has no form here")


@pytest.fixture
def formats(monkeypatch: pytest.MonkeyPatch) -> None:
    more = {one.name: one for one in (Wrong(), Refusing())}
    monkeypatch.setattr(nas.handover.exporting, "FORMATS", {**FORMATS, **more})


def test_the_network_of_a_run(finished: Path, tmp_path: Path) -> None:
    done = export_run(finished, tmp_path / "deep" / "network")
    assert (done.folder, dict(done.refused)) == (tmp_path / "deep" / "network", {})
    assert done.written == {"python": Agreement(0.0, 64, 64)}
    assert done.written["python"].text == "equal outputs on 64 random inputs and 64 samples"
    assert {path.name for path in done.folder.iterdir()} == FILES
    Manifest(done.folder).verify()
    for name in NETWORK_FILES:
        assert (done.folder / name).read_bytes() == (finished / "final" / name).read_bytes()
    # An export can be exported again; the data of the run are then not known.
    again = export_run(done.folder, tmp_path / "again")
    assert again.written["python"].text == "equal outputs on 64 random inputs"
    first, second = contents(done.folder), contents(tmp_path / "again")
    assert {name for name in first if first[name] != second[name]} == {"card.md", MANIFEST}  # it says so


def test_an_earlier_export_is_replaced(finished: Path, tmp_path: Path) -> None:
    """Or the one that a link leads to, and a link that leads nowhere stays as well."""
    (tmp_path / "link").symlink_to("network")
    export_run(finished, tmp_path / "link")
    Manifest(tmp_path / "network").write("model.onnx", b"of another format")
    export_run(finished, tmp_path / "link")
    assert {path.name for path in (tmp_path / "network").iterdir()} == FILES
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "network"]
    assert (tmp_path / "link").is_symlink()


def test_a_folder_in_use(finished: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(UsageError, match="is a file, expected a folder"):
        export_run(finished, tmp_path / "file")
    with pytest.raises(UsageError, match="holds other files"):
        export_run(finished, finished)
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / MANIFEST).write_text('{"name": "of another program"}')
    with pytest.raises(UsageError, match="holds other files"):
        export_run(finished, tmp_path / "site")
    export_run(finished, tmp_path / "network")
    (tmp_path / "network" / "notes.txt").write_text("mine")
    before = contents(tmp_path)
    with pytest.raises(UsageError, match="holds other files; name a folder that is empty or does not exist"):
        export_run(finished, tmp_path / "network")
    assert contents(tmp_path) == before


def test_a_network_is_not_replaced_by_its_own_export(finished: Path, tmp_path: Path) -> None:
    export_run(finished, tmp_path / "network")
    (tmp_path / "link").symlink_to(tmp_path / "network")
    before = contents(tmp_path)
    for source, target in (("network", "network"), ("link", "network"), ("network", "link")):
        with pytest.raises(UsageError, match="is the folder of the network itself; name another"):
            export_run(tmp_path / source, tmp_path / target, formats=["pt2"])
    assert contents(tmp_path) == before


def test_outputs_that_differ_are_refused(finished: Path, tmp_path: Path, formats: None) -> None:
    with pytest.raises(UsageError, match=r"wrong: the exported network computes something else: expected .* got "):
        export_run(finished, tmp_path / "network", formats=["wrong"])
    assert not list(tmp_path.iterdir())
    done = export_run(finished, tmp_path / "network", formats=["refusing", "wrong", "python"])
    assert list(done.written) == ["python"]
    assert set(done.refused) == {"wrong", "refusing"}
    assert done.refused["refusing"] == "conv1 has no form here"
    assert {path.name for path in done.folder.iterdir()} == FILES


def test_what_is_no_format(finished: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"there is no format 'pyton'; did you mean python\?"):
        export_run(finished, tmp_path / "network", formats=["pyton"])
    assert not list(tmp_path.iterdir())


def test_a_damaged_network(copied: Path, tmp_path: Path) -> None:
    (copied / "final/model.safetensors").write_bytes(b"damaged")
    with pytest.raises(Damaged, match=r"model\.safetensors"):
        export_run(copied, tmp_path / "network")
    assert not (tmp_path / "network").exists()


@pytest.fixture(scope="module")
def earlier(finished: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An export; copy it before another one replaces it."""
    return export_run(finished, tmp_path_factory.mktemp("earlier") / "network").folder


@pytest.mark.parametrize("call", range(1, 15))
def test_a_disk_that_is_full(
    call: int, earlier: Path, finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever write fails, the earlier export stays, and nothing else does."""
    shutil.copytree(earlier, tmp_path / "network")
    before, replace, calls = contents(tmp_path), os.replace, 0

    def full(*arguments: Any) -> None:
        nonlocal calls
        calls += 1
        if calls == call:
            raise OSError(28, "No space left on device")
        replace(*arguments)

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(StorageError, match="No space left on device"):
        export_run(finished, tmp_path / "network")
    assert contents(tmp_path) == before
