"""What the features of a network are worth for other data, beside training from scratch, with few labelled samples.

    python benchmarks/transfer.py [--data data] [--seeds 10] [--checked 2] [--cells FILE]
    python benchmarks/transfer.py --table

From MNIST to Fashion-MNIST and the reverse, and from the first five classes of Fashion-MNIST to its other five, in
images of 14 x 14 pixels (means of squares of 2 x 2), in the files of their authors (`application_data.py`). For each
seed, a network is trained on 5,000 images of the source; then 50, 200 or 1,000 labelled images of the target are drawn,
a fifth of which are for validation. All ways have these images, and are tested on the same 2,000 images of the official
test part (or on all of its images of five classes). A seed is that of the images and of all trainings, so differences
are paired.

* `probe`: a linear probe of what the last linear layer reads; `probe of convolutions`: of what the first one reads;
* `knn`: nearest neighbours by what the last linear layer reads;
* `tune`: fine-tuning of all layers, with a tenth of the learning rate for the trunk;
* `scratch`: the same network from scratch, by the recipe of `tune`: 20 epochs, or as many as 300 steps take.

The first `--checked` seeds also train `scratch` for twice as many epochs, and with a third and three times the learning
rate: whether it had converged, and whether the recipe favours `tune`. Results of cells are kept in FILE, so that an
interrupted measurement goes on. Differences to scratch have 95 % intervals of Student's t. Written to
benchmarks/results/transfer.json with all raw values; `--table` writes the table of docs/transfer.md.
"""

import argparse
import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nas import Dataset, Network, Recipe, from_arrays, load_data, parse_space
from nas.data.fewer import fewer
from nas.final.networks import stored_form
from nas.reuse.methods import METHODS, Part, Problem, trained
from nas.reuse.transfer import STEPS, lengthened
from nas.reuse.transferred import Method
from nas.reuse.trunk import trunk_of
from nas.training.fit import fit
from nas.training.workbench import Workbench
from record import RESULTS, write_result, write_table
from two_problems import difference

LAYERS = (
    "{conv: {width: 8, stride: 2}}, batch_norm, relu, {conv: {width: 16, stride: 2}}, batch_norm, relu, flatten, "
    "{linear: {units: 32}}, relu, {linear: {units: outputs}}"
)
CONVOLUTIONS = "flatten1"
SOURCE = Recipe(epochs=6, lr=1e-2, schedule="one_cycle", warmup=0.3)
SOURCE_IMAGES, TESTED = 5_000, 2_000
LABELLED = (50, 200, 1000)
RECIPE = Recipe(epochs=20)
OTHER_RECIPES: Mapping[str, Callable[[Recipe], Recipe]] = {
    "twice the epochs": lambda recipe: replace(recipe, epochs=2 * recipe.epochs),
    "a third of the rate": lambda recipe: replace(recipe, lr=recipe.lr / 3),
    "three times the rate": lambda recipe: replace(recipe, lr=recipe.lr * 3),
}
"""Those that `scratch` is held against."""
NAMES = {"mnist": "MNIST", "fashion_mnist": "Fashion-MNIST"}
FIRST, OTHERS, ALL = tuple(range(5)), tuple(range(5, 10)), tuple(range(10))
PAIRS: Mapping[str, tuple[tuple[str, tuple[int, ...]], tuple[str, tuple[int, ...]]]] = {
    "MNIST → Fashion-MNIST": (("mnist", ALL), ("fashion_mnist", ALL)),
    "Fashion-MNIST → MNIST": (("fashion_mnist", ALL), ("mnist", ALL)),
    "Fashion-MNIST, 0–4 → 5–9": (("fashion_mnist", FIRST), ("fashion_mnist", OTHERS)),
}
"""The source and the target of each pair, with their classes."""

WAYS = ("probe", "probe of convolutions", "knn", "tune", "scratch")


def halved(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Images `(N, 1, 28, 28)` with half the height and width."""
    squares = images.reshape(len(images), 1, 14, 2, 14, 2).astype(np.float32)
    return np.asarray(squares.mean((3, 5)).round().astype(np.uint8))


@cache
def images_of(folder: Path, name: str, classes: tuple[int, ...]) -> Dataset:
    """The images of some classes, of which the first ones of the test part are tested."""
    whole = load_data("idx", path=folder / name)
    parts = {}
    for part, samples in whole.parts.items():
        rows = np.flatnonzero(np.isin(samples.targets, classes))[: TESTED if part == "test" else None]
        parts[part] = halved(samples.inputs[rows]), np.array(whole.outputs)[samples.targets[rows]]
    return from_arrays(*parts["train"], val=parts["val"], test=parts["test"], name=NAMES[name])


@cache
def source_network(folder: Path, name: str, classes: tuple[int, ...], seed: int) -> Network:
    """A network that was trained on the source."""
    data = fewer(images_of(folder, name, classes), SOURCE_IMAGES, seed=seed)
    arch = parse_space(f"layers: [{LAYERS}]", input=data.shape, outputs=len(data.outputs)).rebuild({})
    return stored_form(fit(Workbench(data, device="cpu"), arch, SOURCE, seed=seed).network)


def cell(network: Network, data: Dataset, seed: int, *, checked: bool) -> Mapping[str, Any]:
    """The test accuracy of each way with some labelled samples, what was chosen, and CPU seconds."""
    bench = Workbench(data, device="cpu")
    recipe = lengthened(RECIPE, len(data.train), STEPS)
    plain = Problem(network, trunk_of(network.arch), bench, recipe, 0.1, seed)
    convolutions = replace(plain, trunk=trunk_of(network.arch, CONVOLUTIONS))
    ways: Mapping[str, tuple[Method, Problem]] = {
        "probe": ("probe", plain),
        "probe of convolutions": ("probe", convolutions),
        "knn": ("knn", plain),
        "tune": ("tune", plain),
    }
    found: dict[str, Any] = {}
    for way, (method, problem) in ways.items():
        begin = time.process_time()
        served = METHODS[method](problem)
        found[way] = {**accuracy(problem, served.outputs), **served.chosen, "seconds": time.process_time() - begin}
    begin = time.process_time()
    found["scratch"] = {**scratch(plain), "seconds": time.process_time() - begin}
    for name, change in OTHER_RECIPES.items() if checked else ():
        found[f"scratch, {name}"] = scratch(replace(plain, recipe=change(recipe)))
    return found


def scratch(problem: Problem) -> Mapping[str, float]:
    """The accuracies of a training from scratch."""
    return accuracy(problem, problem.outputs(trained(problem)))


def accuracy(problem: Problem, outputs: Mapping[Part, Tensor]) -> Mapping[str, float]:
    """The accuracies of outputs for the validation and the test part."""
    return {
        f"{part}_acc": problem.bench.judge(values, problem.targets(part), part)[f"{part}_acc"]
        for part, values in outputs.items()
    }


def measured(folder: Path, seeds: int, checked: int, kept: Path) -> dict[str, Any]:
    """All cells by `pair | samples | seed`: those that a file has, and the others, which are added to it."""
    lines = kept.read_text(encoding="utf-8").splitlines() if kept.exists() else []
    known: dict[str, Any] = dict(json.loads(line) for line in lines)
    for seed in range(seeds):
        for pair, (source, target) in PAIRS.items():
            for samples in LABELLED:
                key = f"{pair} | {samples} | {seed}"
                if key not in known:
                    data = fewer(images_of(folder, *target), samples, seed=seed)
                    known[key] = cell(source_network(folder, *source, seed), data, seed, checked=seed < checked)
                    with kept.open("a", encoding="utf-8") as file:
                        file.write(json.dumps([key, known[key]]) + "\n")
                    print(key, {way: f"{100 * one['test_acc']:.1f}" for way, one in known[key].items()}, flush=True)
    return known


def summary(raw: Mapping[str, Any], seeds: int) -> Mapping[str, Any]:
    """The mean test accuracy of each way, and its difference to scratch, by pair and number of samples."""
    found: dict[str, Any] = {}
    for pair in PAIRS:
        for samples in LABELLED:
            cells = [raw[f"{pair} | {samples} | {seed}"] for seed in range(seeds)]
            found[f"{pair} | {samples}"] = {
                "means": {way: float(np.mean([one[way]["test_acc"] for one in cells])) for way in WAYS},
                "differences": {way: difference(cells, way, "test_acc", to="scratch") for way in WAYS[:-1]},
            }
    return found


def checks(raw: Mapping[str, Any], checked: int) -> Mapping[str, Any]:
    """By how much scratch with other recipes differs from scratch, over all pairs of the seeds that have them."""
    found: dict[str, Any] = {}
    for name in OTHER_RECIPES if checked > 1 else ():
        for samples in LABELLED:
            cells = [raw[f"{pair} | {samples} | {seed}"] for pair in PAIRS for seed in range(checked)]
            found.setdefault(name, {})[samples] = difference(cells, f"scratch, {name}", "test_acc", to="scratch")
    return found


def table(result: Mapping[str, Any]) -> Iterator[str]:
    """The table of the documentation: accuracies in percent, and differences to scratch with their intervals."""
    ways = WAYS[:-1]
    yield f"| | labelled | scratch | {' | '.join(ways)} |"
    yield f"| --- | ---: | ---: | {' | '.join(['---'] * len(ways))} |"
    for key, row in result["summary"].items():
        pair, samples = key.split(" | ")
        cells = [_gain(row["differences"][way]) for way in ways]
        yield f"| {pair} | {int(samples):,} | {100 * row['means']['scratch']:.1f} | {' | '.join(cells)} |"


def _gain(found: Mapping[str, float]) -> str:
    """A difference in points, in bold if its interval is above 0."""
    mean, low, high = (100 * found[name] for name in ("mean", "low", "high"))
    shown = f"{mean:+.1f} ({low:+.1f} to {high:+.1f})"
    return f"**{shown}**" if low > 0 else shown


def main() -> None:
    """Measures and writes the result, or writes the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[1] / "data")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--checked", type=int, default=2, help="seeds that train scratch by other recipes too")
    parser.add_argument("--cells", type=Path, default=RESULTS / "transfer_cells.jsonl", help="where cells are kept")
    parser.add_argument("--table", action="store_true", help="write the table of docs/transfer.md")
    options = parser.parse_args()
    if options.table:
        lines = table(json.loads((RESULTS / "transfer.json").read_text(encoding="utf-8")))
        write_table("transfer", "".join(f"{line}\n" for line in lines))
        return
    torch.set_num_threads(1)
    raw = measured(options.data, options.seeds, options.checked, options.cells)
    settings = {"layers": LAYERS, "seeds": options.seeds, "checked": options.checked, "labelled": LABELLED}
    found = {"summary": summary(raw, options.seeds), "scratch by other recipes": checks(raw, options.checked)}
    print(write_result("transfer", {"settings": settings, **found, "raw": raw}))


if __name__ == "__main__":
    main()
