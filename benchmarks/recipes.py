"""What the recipes by name cost and gain: a network for each of three data sets, trained from five seeds or more.

    python benchmarks/recipes.py [--data FOLDER] [--seeds 5]

* digits: scikit-learn's, its own test part; two convolutions;
* Fashion-MNIST (see `images.py`): 1,000 images to train on, 500 to validate on, 2,000 to test; the same network, with
  a stride in the first convolution;
* California housing (`tabular/california_housing.csv.gz` of the folder): the first 2,000 rows of a random order to
  train on, 500 to validate on, 2,000 to test; a multilayer perceptron, and the logarithm of the value as the target.

Seeds are those of trainings; the network, the data and their split are fixed, so intervals say nothing about others.
Differences to `standard` are paired by seed, with 95 % intervals of Student's t. Costs are CPU seconds of one thread
for one training, of several that are packed. Written to benchmarks/results/recipes.json with all raw values.
"""

import argparse
import gzip
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from scipy import stats

from images import folder_of, images
from nas import RECIPES, Dataset, Recipe, from_arrays, load_data, parse_space
from nas.training.several import Member, fit_several
from nas.training.workbench import Workbench
from record import write_result

CNN = (
    "{conv: {width: 8}}, batch_norm, relu, {conv: {width: 16, stride: 2}}, batch_norm, relu, flatten, "
    "{linear: {units: 32}}, relu, {linear: {units: outputs}}"
)
SMALLER = CNN.replace("{width: 8}", "{width: 8, stride: 2}")
TARGET = "medianHouseValue"
MLP = "{linear: {units: 64}}, relu, {linear: {units: 32}}, relu, {linear: {units: outputs}}"


def fashion(folder: Path) -> Dataset:
    """A part of Fashion-MNIST, with a test part."""
    whole = images("Fashion-MNIST", folder, train=1000, val=2500)
    inputs, targets = whole.val.inputs, whole.val.targets
    parts = [(inputs[start:end], targets[start:end]) for start, end in ((0, 500), (500, 2500))]
    return from_arrays(*whole.train, val=parts[0], test=parts[1], classes=whole.outputs, name="Fashion-MNIST")


def california(folder: Path) -> Dataset:
    """A part of California housing: the logarithm of the median value of a house, in dollars."""
    with gzip.open(folder / "tabular" / "california_housing.csv.gz", "rt", encoding="utf-8") as file:
        names = file.readline().strip().split(",")
        rows = np.genfromtxt(file, delimiter=",", dtype=np.float32)
    rows = np.random.default_rng(0).permutation(rows[np.isfinite(rows).all(1)])
    target = names.index(TARGET)
    inputs, targets = np.delete(rows, target, axis=1), np.log(rows[:, target])
    parts = [(inputs[start:end], targets[start:end]) for start, end in ((0, 2000), (2000, 2500), (2500, 4500))]
    return from_arrays(*parts[0], val=parts[1], test=parts[2], name="California housing")


def measure(data: Dataset, layers: str, recipe: Recipe, seeds: int) -> Mapping[str, Any]:
    """Metrics on the test data of trainings with a recipe, one for each seed."""
    arch = parse_space(f"layers: [{layers}]", input=data.shape, outputs=len(data.outputs)).rebuild({})
    bench = Workbench(data, device="cpu")
    begin = time.process_time()
    fitted = fit_several(bench, arch, recipe, [Member(seed) for seed in range(seeds)])
    seconds = (time.process_time() - begin) / seeds
    if data.test is None:
        raise RuntimeError(f"{data.name} has no test part")
    tested = [bench.score_samples(one.network, data.test, "test") for one in fitted]
    return {"seconds": seconds, **{name: [one[name] for one in tested] for name in tested[0]}}


def gain(values: Sequence[float], usual: Sequence[float]) -> Mapping[str, float]:
    """The mean of paired differences, with its 95 % interval."""
    differences = np.subtract(values, usual)
    mean, error = float(differences.mean()), float(stats.sem(differences))
    margin = float(stats.t.ppf(0.975, len(differences) - 1)) * error
    return {"mean": mean, "low": mean - margin, "high": mean + margin}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", help="folder of archives")
    parser.add_argument("--seeds", type=int, default=5)
    options = parser.parse_args()
    if options.seeds < 5:
        raise SystemExit("--seeds: expected 5 or more")
    folder = folder_of(options.data)
    torch.set_num_threads(1)
    problems = {
        "digits": (load_data("digits"), CNN),
        "Fashion-MNIST": (fashion(folder), SMALLER),
        "California housing": (california(folder), MLP),
    }
    found: dict[str, Any] = {}
    for problem, (data, layers) in problems.items():
        rows = {name: dict(measure(data, layers, recipe, options.seeds)) for name, recipe in RECIPES.items()}
        metric = "test_acc" if "test_acc" in rows["standard"] else "test_rmse"
        for name, row in rows.items():
            row["gain"] = gain(row[metric], rows["standard"][metric])
            shown = f"{np.mean(row[metric]):.4f} ± {np.std(row[metric], ddof=1):.4f}"
            span = "{mean:+.4f} ({low:+.4f} to {high:+.4f})".format(**row["gain"])
            print(f"{problem} · {name} · {metric} {shown} · {span} · {row['seconds']:.2f} s", flush=True)
        found[problem] = {"network": layers, "metric": metric, "recipes": rows}
    print(write_result("recipes", {"seeds": options.seeds, "problems": found}))


if __name__ == "__main__":
    main()
