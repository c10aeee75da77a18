"""How far estimates from tables of operator latencies are off on whole networks.

    ARCHWRIGHT_TABLES=... python benchmarks/operators.py [--networks 100] [--held-out 20]

* Measured here: for each space, a table of its layers (`nas.measure_operators`) and its error on random networks.
* Published: latencies of 5,000 networks of the FBNet space on 27 devices (Lee et al. 2021, HELP). A table of the 22 x 9
  blocks is fitted to a random 4,000 of them by least squares, and held against the other 1,000: what a sum over blocks
  can explain of a latency at best. The variable names a folder with `fbnet_latency/fbnet_latency.npz`; without it, this
  part is left out.

Written to benchmarks/results/operators.json.
"""

import argparse
import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import numpy as np

from nas import load_data, load_space, measure_operators
from nas.hardware.measure_operators import error_of
from record import write_result

SEED = 0
SPACES = Path(__file__).parents[1] / "search_spaces"
MEASURED = {"digits_cnn": "digits", "nasbench201": ""}
"""The spaces, and the data set where the space needs one."""


def measured(name: str, networks: int, held_out: int) -> dict[str, object]:
    """The error of a table of a space."""
    data = load_data(MEASURED[name]) if MEASURED[name] else None
    space = load_space(SPACES / f"{name}.yaml", data=data)
    table = measure_operators(space, networks=networks, held_out=held_out, device="cpu", seed=SEED)
    return {"layers": len(table.milliseconds), "overhead_ms": table.overhead, **asdict(table.error)}


def published(path: Path) -> Mapping[str, object]:
    """The error of the fitted table of FBNet's blocks, by device."""
    with np.load(path, allow_pickle=False) as archive:
        ops, devices, latency = archive["ops"], archive["devices"].tolist(), archive["latency_ms"].astype(np.float64)
    kinds = int(ops.max()) + 1
    chosen = np.eye(kinds)[ops].reshape(len(ops), -1)  # (networks, 22 * 9)
    order = np.random.default_rng(SEED).permutation(len(ops))
    fitted, held_out = order[:4000], order[4000:]
    found = {}
    for place, device in enumerate(devices):
        blocks, *_ = np.linalg.lstsq(chosen[fitted], latency[fitted, place], rcond=None)
        found[device] = asdict(error_of(chosen[held_out] @ blocks, latency[held_out, place]))
    return found


def main() -> None:
    """Measures, prints and writes the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--networks", type=int, default=100)
    parser.add_argument("--held-out", type=int, default=20)
    options = parser.parse_args()
    result: dict[str, object] = {"settings": {**vars(options), "seed": SEED, "threads": 1}}
    if folder := os.environ.get("ARCHWRIGHT_TABLES"):
        result["fbnet"] = published(Path(folder) / "fbnet_latency" / "fbnet_latency.npz")
        for device, one in result["fbnet"].items():  # type: ignore[attr-defined]
            print(f"fbnet on {device:20} off by {100 * one['relative']:5.2f} %, rank correlation {one['spearman']:.3f}")
    result["load_average"] = os.getloadavg()  # a busy machine disturbs whole networks more than single layers
    spaces = {}
    for name in MEASURED:
        one = spaces[name] = measured(name, options.networks, options.held_out)
        print(f"{name:20} {one}", flush=True)
    print(write_result("operators", {**result, "measured": spaces}))


if __name__ == "__main__":
    main()
