"""What averages of weights gain and cost: `swa` and `ema` of a recipe, beside the same recipe without an average.

    python benchmarks/averages.py [--splits 100]

Two problems: the digits of scikit-learn, and its table `diabetes` (regression). Each split of the samples is also the
seed of a training of one multilayer perceptron with batch norm. Three recipes differ in the average alone; all train
on the same samples, in the same order, from the same weights. Differences on the test part are paired by split, with
95 % intervals of Student's t. Costs are CPU seconds of one thread. Written to benchmarks/results/averages.json with all
raw values.
"""

import argparse
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from nas import Dataset, Recipe, parse_space
from nas.training.fit import fit
from nas.training.workbench import Workbench
from record import write_result
from two_problems import RECIPES, difference, problems

LAYERS = "layers: [flatten, {linear: {units: 64}}, batch_norm, relu, {linear: {units: outputs}}]"
AVERAGES: Mapping[str, Mapping[str, Any]] = {"none": {}, "swa: 0.25": {"swa": 0.25}, "ema: 0.99": {"ema": 0.99}}
METRIC: Mapping[str, str] = {"digits": "test_acc", "diabetes": "test_rmse"}


def tested(data: Dataset, plain: Recipe, seed: int) -> dict[str, dict[str, float]]:
    """The test metrics and CPU seconds of a training with each average."""
    bench = Workbench(data, device="cpu")
    (arch,) = parse_space(LAYERS, input=data.shape, outputs=len(data.outputs))
    found = {}
    for name, changes in AVERAGES.items():
        begin = time.process_time()
        network = fit(bench, arch, replace(plain, **changes), seed=seed).network
        seconds = time.process_time() - begin
        if data.test is None:
            raise RuntimeError(f"{data.name} has no test part")
        found[name] = {**bench.score_samples(network, data.test, "test"), "seconds": seconds}
    return found


def main() -> None:
    """Measures, prints and writes the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--splits", type=int, default=100)
    options = parser.parse_args()
    torch.set_num_threads(1)
    raw: dict[str, list[dict[str, dict[str, float]]]] = {name: [] for name in RECIPES}
    for split in range(options.splits):
        for name, data in problems(split).items():
            raw[name].append(tested(data, RECIPES[name], split))
            print(name, split, raw[name][-1], flush=True)
    averages = [name for name in AVERAGES if name != "none"]
    result = {
        "settings": {"splits": options.splits, "layers": LAYERS},
        "means": {
            name: {
                average: {key: float(np.mean([run[average][key] for run in runs])) for key in runs[0][average]}
                for average in AVERAGES
            }
            for name, runs in raw.items()
        },
        "differences": {
            name: {
                average: {key: difference(runs, average, key, to="none") for key in (METRIC[name], "test_loss")}
                for average in averages
            }
            for name, runs in raw.items()
        },
        "raw": raw,
    }
    print(write_result("averages", result))


if __name__ == "__main__":
    main()
