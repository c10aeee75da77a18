"""What each augmentation of a batch costs, in CPU milliseconds of one thread.

    python benchmarks/augment.py [--rounds 15]

Batches of 128 samples: random images of uint8 (3 × 32 × 32 as in CIFAR-10, 1 × 8 × 8 as digits), waveforms of a second
at 8 kHz, texts of 40 tokens, and rows of a table with 6 numbers and 8 categories as in Adult. In each round, every
setting augments its batch as often as takes about 20 ms, in turns; the first round is not counted. For orientation, a
step of a training without augmentation is measured likewise: of a CNN with three convolutions on images. Written to
benchmarks/results/augment.json with all raw values.
"""

import argparse
import statistics
import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch

from nas import Augment, Recipe, from_arrays, parse_space
from nas.data import InputSpec
from nas.data.augmentation.batches import Augmentation, known_of
from nas.descent import Pace
from nas.training.batch import Batch
from nas.training.step import Step
from nas.training.workbench import Workbench
from record import write_result

SEED = 0
BATCH = 128
SECONDS = 0.02
LAYERS = "{conv: {width: 16}}, relu, {conv: {width: 32}}, relu, {conv: {width: 32}}, relu, global_avg_pool, "

IMAGES: Mapping[str, Mapping[str, Any]] = {
    "shift": {"shift": 2},
    "flip": {"flip": True},
    "crop": {"crop": 0.5},
    "rotate": {"rotate": 15},
    "crop, rotate": {"crop": 0.5, "rotate": 15},
    "rand_augment": {"policy": "rand_augment"},
    "trivial_augment": {"policy": "trivial_augment"},
    "brightness": {"brightness": 0.3},
    "contrast": {"contrast": 0.3},
    "noise": {"noise": 0.1},
    "cutout": {"cutout": 4},
    "erase": {"erase": 0.5},
    "mixup": {"mixup": 0.2},
    "cutmix": {"cutmix": 1.0},
    "mixup, cutmix": {"mixup": 0.2, "cutmix": 1.0},
}
DATA: Mapping[str, tuple[InputSpec, Mapping[str, Mapping[str, Any]]]] = {
    "images 3x32x32": (InputSpec("image", (3, 32, 32)), {**IMAGES, "saturation": {"saturation": 0.3}}),
    "images 1x8x8": (InputSpec("image", (1, 8, 8)), IMAGES),
    "sounds 1x8000": (
        InputSpec("sound", (1, 8000), rate=8000),
        {
            "shift": {"shift": 800},
            "speed": {"speed": 0.15},
            "noise": {"noise": 0.1},
            "gain": {"gain": 6},
            "time_mask": {"time_mask": 0.2},
            "mixup": {"mixup": 0.2},
            "cutmix": {"cutmix": 1.0},
        },
    ),
    "texts 40": (InputSpec("text", (40,), tokens=1000), {"token_dropout": {"token_dropout": 0.1}}),
    "table 6 + 8": (
        InputSpec("table", (14,), categories=(20,) * 8),
        {"noise": {"noise": 0.1}, "swap": {"swap": 0.1}},
    ),
}
"""By name: what the inputs are, and the settings that are measured."""


def inputs_of(input: InputSpec) -> torch.Tensor:
    """A random batch."""
    drawn = torch.randint(0, 20 if input.categories else 256, (BATCH, *input.shape), generator=seeded())
    return drawn.to(torch.uint8) if input.modality == "image" else drawn.float()


def seeded() -> torch.Generator:
    """A new generator."""
    return torch.Generator().manual_seed(SEED)


def augmenting(input: InputSpec, settings: Mapping[str, Any]) -> Callable[[], object]:
    """Augments a batch once."""
    batch, generator = inputs_of(input), seeded()
    augmentation = Augmentation(Augment(**settings), input, known_of(*input.moments(batch.numpy()), batch))
    return lambda: augmentation(batch, generator)


def stepping(input: InputSpec) -> Callable[[], object]:
    """Takes a step of a training."""
    images = inputs_of(input)
    data = from_arrays(images.numpy(), np.arange(BATCH) % 10, val_share=0.2)
    bench = Workbench(data, device="cpu")
    layers = f"layers: [{LAYERS}{{linear: {{units: outputs}}}}]"
    network = bench.build(parse_space(layers, input=data.shape, outputs=10).rebuild({})).train()
    step = Step(bench, network, Recipe())
    batch = Batch(images, torch.arange(BATCH) % 10, torch.arange(BATCH))
    return lambda: step(batch, 0.5, Pace(1e-3))


def spent(run: Callable[[], object], times: int) -> float:
    """CPU milliseconds of a run, the mean of several."""
    begin = time.thread_time()
    for _ in range(times):
        run()
    return (time.thread_time() - begin) / times * 1e3


def main() -> None:
    """Measures, prints and writes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    torch.set_num_threads(1)
    runs: dict[tuple[str, str], Callable[[], object]] = {}
    for name, (input, all_settings) in DATA.items():
        for label, settings in all_settings.items():
            runs[name, label] = augmenting(input, settings)
        if input.modality == "image":
            runs[name, "a training step"] = stepping(input)
    times = {key: max(1, round(SECONDS * 1e3 / min(spent(run, 3) for _ in range(3)))) for key, run in runs.items()}
    raw: dict[tuple[str, str], list[float]] = {key: [] for key in runs}
    for counted in [False] + [True] * rounds:
        for key, run in runs.items():
            found = spent(run, times[key])
            if counted:
                raw[key].append(found)
    result: dict[str, dict[str, object]] = {}
    for (name, label), values in raw.items():
        median = statistics.median(values)
        print(f"{name:16} {label:16} {median:8.3f} ms  ({min(values):.3f} to {max(values):.3f})")
        settings = DATA[name][1].get(label, {})
        result.setdefault(name, {})[label] = {
            "settings": settings,
            "median_ms": round(median, 4),
            "raw_ms": [round(value, 4) for value in values],
        }
    write_result("augment", {"batch": BATCH, "threads": 1, "seed": SEED, "rounds": rounds, "cpu_milliseconds": result})


if __name__ == "__main__":
    main()
