"""The code in a folder for the Hub loads and saves it with the Hub's own package, without network."""

import subprocess
import sys
from pathlib import Path

import numpy as np

from nas.handover import export_run
from nas.handover.agreement import outputs_of
from nas.handover.handed import handed_of
from nas.handover.hub_folder import CODE, CONFIG, README
from nas.manifest import Manifest
from nas.network_files import NETWORK_FILES
from nas.prediction.predictor import load_predictor
from tests.handover.every_op import inputs_for
from tests.tiny_run import contents

CODE_OF_A_USER = """
import socket
import sys
sys.modules["nas"] = None  # any import of it fails
import numpy, torch
socket.socket.connect = None
from hub import HubModel
model = HubModel.from_pretrained(sys.argv[1], strict=True)
model.save_pretrained(sys.argv[2])
with torch.inference_mode():
    outputs = model(torch.from_numpy(numpy.load(sys.argv[3])))
numpy.save(sys.argv[4], outputs.numpy())
"""


def test_it_is_loaded_and_saved_without_network(finished: Path, tmp_path: Path) -> None:
    folder = export_run(finished, tmp_path / "network", formats=["hub"]).folder
    before = contents(folder)
    assert {*NETWORK_FILES, CODE, CONFIG, README} <= set(before)
    handed = handed_of(finished)
    inputs = inputs_for(handed, 8)
    np.save(tmp_path / "in.npy", inputs)
    paths = [str(folder), *(str(tmp_path / name) for name in ("saved", "in.npy", "out.npy"))]
    subprocess.run([sys.executable, "-B", "-c", CODE_OF_A_USER, *paths], check=True, cwd=folder, timeout=1200)
    assert np.array_equal(np.load(tmp_path / "out.npy"), outputs_of(handed, inputs))
    # What is pushed is what was exported.
    assert contents(folder) == before
    assert contents(tmp_path / "saved") == before
    Manifest(tmp_path / "saved").verify()
    assert load_predictor(tmp_path / "saved").task == handed.predictor.task
