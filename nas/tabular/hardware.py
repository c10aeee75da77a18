"""Recorded latencies and energy consumptions of the cells of NAS-Bench-201.

* The pickle of HW-NAS-Bench (Li et al. 2021, ICLR; `HW-NAS-Bench-v1_0.pickle`): a dict `nasbench201` → data set →
  `config` (a list of dicts with `arch_str`) and lists such as `raspi4_latency` (ms) and `fpga_energy` (mJ).
* `nasbench201_latency.npz` (from Lee et al. 2021, HELP): `devices` and `latency_ms`, rows in the order of
  `nasbench201.npz`, which must be in the same folder.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nas.errors import UsageError
from nas.pickles.stand_ins import DICTS, NUMPY
from nas.pickles.unpickle import load_pickle
from nas.tabular.nasbench201_cells import codes_of
from nas.tabular.reading import existing, read_arrays, reading, unpacked
from nas.tabular.table import Floats


class Columns(NamedTuple):
    """Codes (rows, edges) of cells, and columns of values (rows,) by name."""

    codes: NDArray[Any]
    values: Mapping[str, Floats]


def read_hardware(path: Path, dataset: str) -> Columns:
    """Recorded latencies (`latency_ms_DEVICE`) and energies (`energy_mj_DEVICE`); `dataset` is the published name."""
    return _read_archive(path) if path.suffix == ".npz" else _read_pickle(path, dataset)


def _read_archive(path: Path) -> Columns:
    arrays = read_arrays(path, ("devices", "latency_ms"))
    beside = read_arrays(existing(path.with_name("nasbench201.npz")), ("ops",))
    with reading(path, "archive of latencies"):
        codes, latency = beside["ops"], arrays["latency_ms"]
        devices = arrays["devices"].tolist()
        if latency.shape != (len(codes), len(devices)):
            raise UsageError(f"latency_ms has shape {latency.shape}, expected ({len(codes)}, {len(devices)})")
        values = {f"latency_ms_{name}": latency[:, k].astype(np.float32) for k, name in enumerate(devices)}
    return Columns(codes, values)


def _read_pickle(path: Path, dataset: str) -> Columns:
    content = load_pickle(unpacked(path), str(path), admit=(*DICTS, *NUMPY))
    with reading(path, "pickle of HW-NAS-Bench"):
        found = content["nasbench201"][dataset]
        codes = np.array([codes_of(config["arch_str"]) for config in found["config"]], dtype=np.int16)
        values = {}
        for name, column in found.items():
            device, _, kind = name.rpartition("_")
            if kind not in ("latency", "energy"):
                continue
            array = np.asarray(column, dtype=np.float32)
            if array.shape != (len(codes),):
                raise UsageError(f"{name} has shape {array.shape}, expected ({len(codes)},)")
            values[f"latency_ms_{device}" if kind == "latency" else f"energy_mj_{device}"] = array
        if not values:
            raise UsageError(f"there are no latencies for {dataset}")
    return Columns(codes, values)
