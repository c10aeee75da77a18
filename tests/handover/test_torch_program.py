"""Programs of torch.export run where there is no code of the network; `test_programs.py` tries every op."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from nas.handover.agreement import outputs_of
from nas.handover.torch_program import FILE, TorchProgram
from nas.ops import Flatten, Linear
from tests.handover.every_op import handed_network, inputs_for
from tests.model.layers import chain

CODE = """
import sys
sys.modules["nas"] = None  # any import of it fails
import numpy, torch
program = torch.export.load(sys.argv[1]).module()
with torch.inference_mode():
    numpy.save(sys.argv[3], program(torch.from_numpy(numpy.load(sys.argv[2]))).numpy())
"""


def test_it_runs_where_there_is_no_archwright(tmp_path: Path) -> None:
    handed = handed_network(chain((2, 3), Flatten(), Linear(3)))
    (tmp_path / FILE).write_bytes(TorchProgram().write(handed)[FILE])
    inputs = inputs_for(handed, 7)
    np.save(tmp_path / "in.npy", inputs)
    files = [str(tmp_path / name) for name in (FILE, "in.npy", "out.npy")]
    subprocess.run([sys.executable, "-W", "ignore", "-c", CODE, *files], check=True, timeout=1200)
    assert np.load(tmp_path / "out.npy") == pytest.approx(outputs_of(handed, inputs), rel=1e-5)
