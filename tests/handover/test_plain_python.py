"""The files of plain Python compute what the network computes, and what others put there is not executed."""

from pathlib import Path

import numpy as np
import pytest

from nas.errors import UsageError
from nas.files import sha256
from nas.handover import export_run
from nas.handover.agreement import outputs_of
from nas.handover.handed import handed_of
from nas.handover.plain_python import PlainPython
from nas.manifest import Manifest
from nas.prediction import predict
from tests.handover.every_op import inputs_for


def test_the_files_compute_the_same(finished: Path) -> None:
    handed = handed_of(finished)
    inputs = inputs_for(handed, 8)
    assert np.array_equal(outputs_of(handed, inputs), PlainPython().compute(finished / "final", inputs))


def test_the_script_is_written_anew(copied: Path, tmp_path: Path) -> None:
    """An earlier version wrote none, and what others put in its place is neither kept nor executed."""
    manifest = Manifest(copied)
    written = manifest.read("final/predict.py")
    changed = f"open('{tmp_path}/executed', 'w')".encode()
    manifest.write("final/predict.py", changed)
    record = manifest.read_record("final.json")
    manifest.write_record("final.json", {**record, "files": {**record["files"], "predict.py": sha256(changed)}})
    assert (export_run(copied, tmp_path / "first").folder / "predict.py").read_bytes() == written
    assert not (tmp_path / "executed").exists()
    manifest.remove("final/predict.py")
    earlier = {name: known for name, known in record["files"].items() if name != "predict.py"}
    manifest.write_record("final.json", {**record, "files": earlier})
    assert len(predict(copied, np.zeros((2, *handed_of(copied).network.arch.input)), device="cpu")) == 2
    assert (export_run(copied, tmp_path / "second").folder / "predict.py").read_bytes() == written


def test_code_of_others_is_not_executed(copied: Path, tmp_path: Path) -> None:
    """Whoever changes `model.py` and its checksum has no code executed by an export."""
    manifest, source = Manifest(copied), (copied / "final/model.py").read_text(encoding="utf-8")
    for changed in (
        f"{source}\nPath('{tmp_path}/executed').touch()\n",
        f"open('{tmp_path}/executed', 'w')\n{source.partition('import json')[2]}",  # in the place of the docstring
        f'f\'{{open("{tmp_path}/executed", "w")}}\'\nimport json{source.partition("import json")[2]}',
        "no code at all",
        "\0",
    ):
        manifest.write("final/model.py", changed.encode())
        record = manifest.read_record("final.json")
        record["files"]["model.py"] = sha256(changed.encode())
        manifest.write_record("final.json", record)
        with pytest.raises(UsageError, match=r"model\.py of .* is not what this version writes for the network"):
            export_run(copied, tmp_path / "network")
    assert not list(tmp_path.glob("executed"))
    other = source.replace("Trained on", "Was trained on")
    assert other != source
    manifest.write("final/model.py", other.encode())
    record["files"]["model.py"] = sha256(other.encode())
    manifest.write_record("final.json", record)
    assert export_run(copied, tmp_path / "network").written
