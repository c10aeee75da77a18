"""What packing is worth on a CPU: several trainings of a network as one packed network, against one after the other.

    python benchmarks/packing.py [--repeats 7] [--copies 2 3 5]

The copies have different seeds. They are trained for the same epochs both ways, in turns, in one process with one
thread; the first pair is not counted. A ratio is the median of the ratios of the pairs, in CPU seconds. All networks
are packed here, also those that `nas/training/packed/worthwhile.py` leaves apart; `packed` says which it packs. Memory
is the rise of the peak of a process of its own (Linux only). Digits are real images; the larger ones are random.
Written to benchmarks/results/packing.json with all raw values.
"""

import argparse
import multiprocessing
import statistics
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch

from nas import Architecture, Dataset, Recipe, from_arrays, load_data, parse_space
from nas.training.fit import Fitted, fit
from nas.training.packed.fit import fit_packed
from nas.training.packed.worthwhile import group_sizes
from nas.training.workbench import Workbench
from record import write_result

POOL = "{max_pool: {kernel: 2}}"
AVERAGED = "global_avg_pool, {linear: {units: outputs}}"


def mlp(*units: int) -> str:
    """A multilayer perceptron."""
    hidden = [f"{{linear: {{units: {width}}}}}, relu" for width in units]
    return f"flatten, {', '.join(hidden)}, {{linear: {{units: outputs}}}}"


def conv(width: int) -> str:
    """A convolution with batch norm and ReLU."""
    return f"{{conv: {{width: {width}}}}}, batch_norm, relu"


def cnn(width: int) -> str:
    """Three convolutions."""
    return f"{conv(width)}, {conv(2 * width)}, {POOL}, {conv(2 * width)}, {AVERAGED}"


def resnet(width: int) -> str:
    """A convolution and three residual blocks of two."""
    blocks = [f"{{basic_block: {{width: {width << power}, stride: {min(2, 1 + power)}}}}}" for power in range(3)]
    return f"{conv(width)}, {', '.join(blocks)}, {AVERAGED}"


def mobile(width: int) -> str:
    """Two inverted residuals, with depthwise convolutions."""
    blocks = [f"{{mbconv: {{width: {width << power}, expansion: 2}}}}" for power in range(2)]
    return f"{conv(width)}, {blocks[0]}, {POOL}, {blocks[1]}, {AVERAGED}"


NETWORKS: Mapping[str, tuple[str, str, int, int]] = {
    "MLP 32, batch 32": ("digits", mlp(32), 32, 3),
    "MLP 32, batch 128": ("digits", mlp(32), 128, 6),
    "MLP 64-64, batch 128": ("digits", mlp(64, 64), 128, 6),
    "MLP 512-256 of 28x28, batch 128": ("28x28", mlp(512, 256), 128, 2),
    "CNN 4-8-8, batch 64": ("digits", cnn(4), 64, 1),
    "CNN 8-16-16, batch 64": ("digits", cnn(8), 64, 1),
    "CNN 16-32-32, batch 128": ("digits", cnn(16), 128, 1),
    "ResNet 8-16-32, batch 64": ("digits", resnet(8), 64, 1),
    "MobileNet 8-16, batch 64": ("digits", mobile(8), 64, 1),
}
"""By name: the data, the layers, the batch size and the epochs."""


def random_images() -> Dataset:
    """1,280 samples of the shape of MNIST."""
    rng = np.random.default_rng(0)
    return from_arrays(rng.integers(0, 256, (1280, 1, 28, 28)).astype(np.uint8), np.arange(1280) % 10)


def apart(bench: Workbench, arch: Architecture, recipe: Recipe, copies: int) -> Sequence[Fitted]:
    """One training after the other."""
    return [fit(bench, arch, recipe, seed=seed) for seed in range(copies)]


def packed(bench: Workbench, arch: Architecture, recipe: Recipe, copies: int) -> Sequence[Fitted]:
    """All trainings at once."""
    return fit_packed(
        [bench] * copies, arch, recipe, seeds=range(copies), epochs=recipe.epochs, on_epoch=lambda *_: None
    )


WAYS = {"apart": apart, "packed": packed}


def measured(bench: Workbench, arch: Architecture, recipe: Recipe, copies: int, repeats: int) -> dict[str, object]:
    """The CPU seconds of both ways, and how far their losses are apart."""
    spent: dict[str, list[float]] = {name: [] for name in WAYS}
    losses: dict[str, list[float]] = {}
    for _ in range(repeats + 1):
        for name, train in WAYS.items():
            begin = time.process_time()
            fitted = train(bench, arch, recipe, copies)
            spent[name].append(time.process_time() - begin)
            found = [one.curves["train_loss"][-1] for one in fitted]
            if losses.setdefault(name, found) != found:
                raise RuntimeError(f"equal seeds gave different results: {losses[name]} and {found}")
    raw = {name: seconds[1:] for name, seconds in spent.items()}
    ratios = [one / other for one, other in zip(raw["apart"], raw["packed"], strict=True)]
    differences = [abs(one - other) / other for one, other in zip(losses["packed"], losses["apart"], strict=True)]
    return {
        "ratio": statistics.median(ratios),
        "ratios": ratios,
        "greatest_relative_difference_of_train_loss": max(differences),
        "raw_cpu_seconds": raw,
    }


def peak_mib(network: str, copies: int, way: str) -> float:
    """The rise of the peak of memory of this process by a second training, in MiB."""
    bench, arch, recipe, _ = prepared(network)
    WAYS[way](bench, arch, recipe, 1)
    Path("/proc/self/clear_refs").write_text("5")  # the peak is that of now
    before = _peak_kib()
    WAYS[way](bench, arch, recipe, copies)
    return (_peak_kib() - before) / 1024


def _peak_kib() -> int:
    """The peak of the resident memory of this process."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


def prepared(network: str) -> tuple[Workbench, Architecture, Recipe, int]:
    """What a network is trained with."""
    torch.set_num_threads(1)
    source, layers, batch_size, epochs = NETWORKS[network]
    data = load_data("digits") if source == "digits" else random_images()
    arch = parse_space(f"layers: [{layers}]", input=data.shape, outputs=len(data.outputs)).rebuild({})
    return Workbench(data, device="cpu"), arch, Recipe(epochs=epochs, batch_size=batch_size), batch_size


def main() -> None:
    """Measures, prints and writes the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--copies", type=int, nargs="+", default=[2, 3, 5])
    options = parser.parse_args()
    found: dict[str, object] = {}
    with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
        for name in NETWORKS:
            bench, arch, recipe, batch_size = prepared(name)
            chosen = max(group_sizes(bench.build(arch), batch_size, max(options.copies)))
            by_copies = {
                str(copies): measured(bench, arch, recipe, copies, options.repeats) for copies in options.copies
            }
            most = max(options.copies)
            memory = {way: pool.apply(peak_mib, (name, most, way)) for way in WAYS}
            found[name] = {
                "params": arch.params,
                "macs": arch.macs,
                "packed": chosen > 1,
                "most_copies": chosen,
                "copies": by_copies,
                f"peak_mib_of_{most}_copies": memory,
            }
            shown = ", ".join(f"{copies}: {one['ratio']:.2f} x" for copies, one in by_copies.items())
            print(f"{name:34} {'packed' if chosen > 1 else 'apart ':6} {shown}; {memory}", flush=True)
    print(write_result("packing", {"settings": vars(options), "networks": found}))


if __name__ == "__main__":
    main()
