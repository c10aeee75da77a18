"""The exported files need torch alone."""

import subprocess
import sys
from pathlib import Path

import numpy as np

from nas.handover import FORMATS
from nas.handover.agreement import outputs_of
from nas.handover.handed import handed_of
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
