"""Latencies: a pickle in the form of HW-NAS-Bench, and the archive of published latencies."""

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nas.errors import IntegrityError, UsageError
from nas.tabular.hardware import read_hardware

CELLS = [
    "|none~0|+|none~0|none~1|+|none~0|none~1|none~2|",
    "|skip_connect~0|+|none~0|none~1|+|none~0|none~1|nor_conv_3x3~2|",
]


def content(**changes: Any) -> dict[str, Any]:
    columns = {
        "config": [{"name": "infer.tiny", "C": 16, "N": 5, "arch_str": cell, "num_classes": 10} for cell in CELLS],
        "raspi4_latency": [1.5, 2.5],
        "fpga_energy": [np.float64(3.0), np.float64(4.0)],
        "eyeriss_latency": np.array([5.0, 6.0]),
        **changes,
    }
    return {"nasbench201": {"cifar10": columns}, "fbnet": {}}


def written(path: Path, value: Any, protocol: int = 3) -> Path:
    path.write_bytes(pickle.dumps(value, protocol=protocol))
    return path


@pytest.mark.parametrize("protocol", [2, 3, 4])
def test_the_form_of_hw_nas_bench(tmp_path: Path, protocol: int) -> None:
    """The published file (26 MB) is not here; this is written in its form."""
    found = read_hardware(written(tmp_path / "HW-NAS-Bench-v1_0.pickle", content(), protocol), "cifar10")
    assert found.codes.tolist() == [[0] * 6, [1, 0, 0, 0, 0, 3]]
    assert {name: values.tolist() for name, values in found.values.items()} == {
        "latency_ms_raspi4": [1.5, 2.5],
        "energy_mj_fpga": [3.0, 4.0],
        "latency_ms_eyeriss": [5.0, 6.0],
    }


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (content(raspi4_latency=[1.0]), r"raspi4_latency has shape \(1,\), expected \(2,\)"),
        (content(config=[{"arch_str": "x"}]), "'x' is not a cell"),
        ({"nasbench201": {}}, "KeyError: 'cifar10'"),
        ({"nasbench201": {"cifar10": {"config": []}}}, "there are no latencies for cifar10"),
        ([], "TypeError"),
        (content(extra=Path("x")), "asks for pathlib"),
    ],
)
def test_other_pickles(tmp_path: Path, value: Any, message: str) -> None:
    with pytest.raises(IntegrityError, match=message):
        read_hardware(written(tmp_path / "x.pickle", value), "cifar10")


def test_the_archive(tables: Path, tmp_path: Path) -> None:
    path = tables / "nasbench201" / "nasbench201_latency.npz"
    found = read_hardware(path, "cifar10")
    assert len(found.values) == 27
    assert {values.shape for values in found.values.values()} == {(15625,)}
    alone = tmp_path / path.name
    alone.write_bytes(path.read_bytes())
    with pytest.raises(UsageError, match=r"nasbench201\.npz: there is no such file"):
        read_hardware(alone, "cifar10")
    np.savez(tmp_path / "nasbench201.npz", ops=np.zeros((2, 6), dtype=int))
    with pytest.raises(IntegrityError, match=r"latency_ms has shape \(15625, 27\), expected \(2, 27\)"):
        read_hardware(alone, "cifar10")
