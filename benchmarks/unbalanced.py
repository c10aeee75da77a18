"""What class weights, the focal loss and tuned thresholds are worth where some classes or labels are rare.

    python benchmarks/unbalanced.py [--data FOLDER] [--seeds 5] [--epochs 6]

Both problems are made of Fashion-MNIST (see `images.py`), and class k of 10 is 50^(k/9) times rarer than class 0, the
classes in a random order for each seed (the long tail of Cui et al. 2019):

* classes: 1,000 images of the largest class, 20 of the smallest, a fifth of all to validate on; tested on 2,000 images
  with all classes alike, on which accuracy is balanced accuracy;
* labels: images of four clothes in the corners, each a half as wide and high, whose labels are the classes that occur;
  3,000 images to train on, 600 to validate on, 2,000 to test.

One network of two convolutions is trained with each recipe from the same seeds. Differences are paired by seed, with
95 % intervals of Student's t. Written to benchmarks/results/unbalanced.json with all raw values.
"""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import stats

from images import folder_of
from nas import Dataset, Recipe, from_arrays, parse_space
from nas.final.outputs import Outputs
from nas.training.fit import fit
from nas.training.workbench import Workbench
from record import write_result

LAYERS = """
layers: [{conv: {width: 16}}, batch_norm, relu, {max_pool: {kernel: 2}}, {conv: {width: 32}}, batch_norm, relu,
  {max_pool: {kernel: 2}}, flatten, {linear: {units: 64}}, relu, {linear: {units: outputs}}]
"""
RARER = 50 ** (np.arange(10) / 9)
"""How many times rarer than the first class each class is."""

CLASSES: Mapping[str, Mapping[str, Any]] = {
    "cross_entropy": {},
    "cross_entropy, balanced": {"class_weights": "balanced"},
    "focal": {"loss": "focal"},
    "focal, balanced": {"loss": "focal", "class_weights": "balanced"},
}
LABELS: Mapping[str, Mapping[str, Any]] = {
    "bce": {},
    "bce, balanced": {"class_weights": "balanced"},
    "focal": {"loss": "focal"},
}
Arrays = tuple[NDArray[Any], NDArray[Any]]


def long_tail(train: Arrays, test: Arrays, rng: np.random.Generator) -> Dataset:
    """The problem of classes."""
    order = rng.permutation(10)
    counts = (1000 / RARER).round().astype(int)
    places = np.concatenate(
        [
            rng.choice(np.flatnonzero(train[1] == label), count, replace=False)
            for label, count in zip(order, counts, strict=True)
        ]
    )
    tested = rng.choice(len(test[1]), 2000, replace=False)
    return from_arrays(
        train[0][places], train[1][places], test=(test[0][tested], test[1][tested]), name="classes", seed=0
    )


def corners(images: Arrays, count: int, shares: NDArray[Any], rng: np.random.Generator) -> Arrays:
    """Images with four small ones in their corners, and which classes occur."""
    small = images[0].reshape(-1, 1, 14, 2, 14, 2).mean(axis=(3, 5)).astype(np.uint8)
    by_class = [np.flatnonzero(images[1] == label) for label in range(10)]
    classes = rng.choice(10, (count, 4), p=shares)
    parts = [np.array([rng.choice(by_class[label]) for label in column]) for column in classes.T]
    rows = [np.concatenate([small[parts[side]], small[parts[side + 1]]], axis=3) for side in (0, 2)]
    labels = np.zeros((count, 10), np.uint8)
    labels[np.arange(count)[:, None], classes] = 1
    return np.concatenate(rows, axis=2), labels


def several_labels(train: Arrays, test: Arrays, rng: np.random.Generator) -> Dataset:
    """The problem of labels."""
    shares = (1 / RARER)[rng.permutation(10)]
    shares /= shares.sum()
    inputs, targets = corners(train, 3600, shares, rng)
    return from_arrays(inputs, targets, test=corners(test, 2000, shares, rng), name="labels", val_share=1 / 6)


def trained(data: Dataset, changes: Mapping[str, Any], *, epochs: int, seed: int) -> dict[str, float]:
    """The metrics of one training on the test part; of labels, also with tuned thresholds (`tuned_...`)."""
    metrics = ["f1", "balanced_acc", "ece"] if data.name == "classes" else ["f1", "micro_f1", "exact_match"]
    bench = Workbench(data, device="cpu", metrics=metrics)
    arch = parse_space(LAYERS, input=data.shape, outputs=len(data.outputs)).rebuild({})
    network = fit(bench, arch, Recipe(epochs=epochs, **changes), seed=seed).network
    if data.test is None:
        raise RuntimeError("the problems have test parts")
    outputs = Outputs(bench, network, "test")
    found = outputs.measured(bench)
    if data.name == "labels":
        tuned = outputs.measured(Outputs(bench, network, "val").tuned(""))
        found |= {f"tuned_{name}": tuned[name] for name in ("test_f1", "test_micro_f1", "test_exact_match")}
    return found


def difference(first: Sequence[float], second: Sequence[float]) -> dict[str, float]:
    """The mean of second - first, paired, with a 95 % interval."""
    apart = np.subtract(second, first)
    half = float(stats.t.ppf(0.975, len(apart) - 1) * apart.std(ddof=1) / np.sqrt(len(apart)))
    return {"mean": float(apart.mean()), "low": float(apart.mean() - half), "high": float(apart.mean() + half)}


def main() -> None:
    """Measures, prints and writes the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=6)
    options = parser.parse_args()
    torch.set_num_threads(1)
    with np.load(folder_of(options.data) / Path("vision/fashion_mnist.npz")) as archive:
        parts = [(archive[f"{part}_images"][:, None], archive[f"{part}_labels"]) for part in ("train", "test")]
    raw: dict[str, dict[str, list[dict[str, float]]]] = {"classes": {}, "labels": {}}
    for seed in range(options.seeds):
        for make, recipes in ((long_tail, CLASSES), (several_labels, LABELS)):
            data = make(parts[0], parts[1], np.random.default_rng(seed))
            for name, changes in recipes.items():
                found = trained(data, changes, epochs=options.epochs, seed=seed)
                raw[data.name].setdefault(name, []).append(found)
                print(data.name, seed, name, {key: round(value, 4) for key, value in found.items()}, flush=True)
    means: dict[str, Any] = {}
    gains: dict[str, Any] = {}
    for problem, by_recipe in raw.items():
        first = next(iter(by_recipe.values()))
        for recipe, runs in by_recipe.items():
            names = runs[0].keys()
            means[f"{problem}: {recipe}"] = {name: float(np.mean([run[name] for run in runs])) for name in names}
            if runs is not first:
                gains[f"{problem}: {recipe} - {next(iter(by_recipe))}"] = {
                    name: difference([run[name] for run in first], [run[name] for run in runs]) for name in names
                }
            if problem == "labels":
                gains[f"labels: {recipe}, thresholds tuned - 1/2"] = {
                    name: difference([run[name] for run in runs], [run[f"tuned_{name}"] for run in runs])
                    for name in ("test_f1", "test_micro_f1", "test_exact_match")
                }
    settings = {"seeds": options.seeds, "epochs": options.epochs, "layers": LAYERS}
    print(write_result("unbalanced", {"settings": settings, "means": means, "differences": gains, "raw": raw}))


if __name__ == "__main__":
    main()
