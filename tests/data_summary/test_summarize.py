"""The whole summary."""

import json
import subprocess
import sys

import nas
from tests.data_summary.tiny_data import two_blobs


def test_a_summary_is_plain_data() -> None:
    data = two_blobs()
    found = nas.summarize_data(data)
    again = json.loads(json.dumps(found.to_dict()))
    assert again["samples"] == {"train": 40, "val": 20}
    assert again["task"] == "classification"
    assert again["suspects"]["looked_at"] == 60
    assert found.suspects is not None


def test_suspects_are_not_looked_for_unless_asked() -> None:
    assert nas.summarize_data(two_blobs(), suspects=False).suspects is None


def test_it_loads_no_torch() -> None:
    code = "import sys, nas; nas.summarize_data(nas.load_data('digits'), suspects=False); print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout == "False\n"
