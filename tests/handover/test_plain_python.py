"""The exported files need torch alone."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from nas.errors import UsageError
from nas.files import sha256
from nas.handover import FORMATS, export_run
from nas.handover.agreement import outputs_of
from nas.handover.handed import handed_of
from nas.manifest import Manifest
from tests.handover.every_op import inputs_for

CODE = """
import sys
for name in ("nas", "safetensors", "scipy", "pandas"):
    sys.modules[name] = None  # any import of it fails
import numpy, torch
from model import load
with torch.inference_mode():
    outputs = load()(torch.from_numpy(numpy.load(sys.argv[1])))
numpy.save(sys.argv[2], outputs.numpy())
"""


def test_the_files_need_torch_alone(finished: Path, tmp_path: Path) -> None:
    handed = handed_of(finished)
    inputs = inputs_for(handed, 8)
    np.save(tmp_path / "inputs.npy", inputs)
    command = [sys.executable, "-c", CODE, str(tmp_path / "inputs.npy"), str(tmp_path / "outputs.npy")]
    subprocess.run(command, check=True, cwd=finished / "final", timeout=1200)
    outputs = np.load(tmp_path / "outputs.npy")
    assert np.array_equal(outputs, outputs_of(handed, inputs))
    assert np.array_equal(outputs, FORMATS["python"].compute(finished / "final", inputs))


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
