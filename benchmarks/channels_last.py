"""What the channels-last order of `nas/training/memory_format.py` is worth on a CPU, and that it changes rounding only.

    python benchmarks/channels_last.py [--repeats 9]

Each network is trained for two epochs from one seed, in its own order and with all weights contiguous, in turns in one
process with one thread; the first pair is not counted. The ratio is the median of the ratios of the pairs, in CPU
seconds. Digits are real images, the larger ones are random. Written to benchmarks/results/channels_last.json with all
raw values.
"""

import argparse
import statistics
import time
from collections.abc import Mapping

import numpy as np
import torch

from nas import Architecture, Dataset, Network, Recipe, from_arrays, load_data, parse_space
from nas.training.fit import fit
from nas.training.memory_format import memory_format
from nas.training.workbench import Workbench
from record import write_result

SEED = 0


class Contiguous(Workbench):
    """Trains with contiguous weights."""

    def build(self, arch: Architecture) -> Network:
        network = super().build(arch)
        network.to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
        return network


def conv(width: int, kernel: int = 3, op: str = "conv") -> str:
    """A convolution with batch norm and ReLU."""
    return f"{{{op}: {{width: {width}, kernel: {kernel}}}}}, batch_norm, relu"


POOL = "{max_pool: {kernel: 2}}"
AVERAGED = "global_avg_pool, {linear: {units: outputs}}"
NETWORKS: Mapping[str, tuple[str, str, int]] = {
    "digits: 3 convolutions": ("digits", f"{conv(16)}, {conv(32)}, {POOL}, {conv(32)}, {AVERAGED}", 128),
    "digits: depthwise": (
        "digits",
        f"{conv(16)}, {conv(32, op='separable_conv')}, {POOL}, {conv(64, op='separable_conv')}, {AVERAGED}",
        128,
    ),
    "digits: 1 convolution (contiguous)": ("digits", f"{conv(16)}, flatten, {{linear: {{units: outputs}}}}", 128),
    "digits: MLP (contiguous)": ("digits", "flatten, {linear: {units: 32}}, relu, {linear: {units: outputs}}", 128),
    "3x32x32: 5 convolutions": (
        "3x32x32",
        f"{conv(16)}, {conv(32)}, {POOL}, {conv(32)}, {conv(64)}, {POOL}, {conv(64)}, {AVERAGED}",
        64,
    ),
    "3x32x32: 1x1 convolutions": ("3x32x32", f"{conv(32, 1)}, {conv(64, 1)}, {POOL}, {conv(64, 1)}, {AVERAGED}", 64),
    "3x32x32: 2 convolutions, flattened": (
        "3x32x32",
        f"{conv(16)}, {POOL}, {conv(32)}, {POOL}, flatten, {{linear: {{units: outputs}}}}",
        64,
    ),
}
"""By name: the data, the layers and the batch size."""


def random_images() -> Dataset:
    """640 samples of the shape of CIFAR-10."""
    rng = np.random.default_rng(SEED)
    return from_arrays(rng.integers(0, 256, (640, 3, 32, 32)).astype(np.uint8), np.arange(640) % 10)


def measured(data: Dataset, layers: str, batch_size: int, repeats: int) -> dict[str, object]:
    """The CPU seconds of both orders, and how far the results are apart."""
    arch = parse_space(f"layers: [{layers}]", input=data.shape, outputs=len(data.outputs)).rebuild({})
    recipe = Recipe(epochs=2, batch_size=batch_size)
    benches = {"own order": Workbench(data, device="cpu"), "contiguous": Contiguous(data, device="cpu")}
    spent: dict[str, list[float]] = {name: [] for name in benches}
    losses: dict[str, set[float]] = {name: set() for name in benches}
    for _ in range(repeats + 1):
        for name, bench in benches.items():
            begin = time.process_time()
            fitted = fit(bench, arch, recipe, seed=SEED)
            spent[name].append(time.process_time() - begin)
            losses[name].add(fitted.curves["train_loss"][-1])
    if any(len(each) > 1 for each in losses.values()):
        raise RuntimeError(f"one seed gave several results: {losses}")
    raw = {name: seconds[1:] for name, seconds in spent.items()}
    ratios = [slow / fast for slow, fast in zip(raw["contiguous"], raw["own order"], strict=True)]
    first, second = (each.pop() for each in losses.values())
    order = memory_format(benches["own order"].build(arch), torch.device("cpu"))
    return {
        "order": str(order).removeprefix("torch."),
        "ratio": statistics.median(ratios),
        "ratios": ratios,
        "relative_difference_of_train_loss": abs(first - second) / abs(second),
        "raw_cpu_seconds": raw,
    }


def main() -> None:
    """Measures, prints and writes the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=9)
    options = parser.parse_args()
    torch.set_num_threads(1)
    sources = {"digits": load_data("digits"), "3x32x32": random_images()}
    found = {}
    for name, (source, layers, batch_size) in NETWORKS.items():
        found[name] = measured(sources[source], layers, batch_size, options.repeats)
        apart = found[name]["relative_difference_of_train_loss"]
        print(f"{name:36} {found[name]['order']:18} {found[name]['ratio']:.2f} x, losses {apart:.0e} apart", flush=True)
    print(write_result("channels_last", {"settings": {**vars(options), "seed": SEED}, "networks": found}))


if __name__ == "__main__":
    main()
