"""What a network gives away of its training samples, and how accurate it is: trained plainly, and privately.

    nice -n 10 python benchmarks/privacy.py [--seeds 5] [--shadows 8]
    python benchmarks/privacy.py --table          writes the table of docs/privacy.md from the result

A perceptron learns the digits of scikit-learn from 300 labels; 300 other samples are validation data, and 1,197 test
data. For each seed, of the split and of the trainings, the same network is trained plainly, and with DP-SGD at ε of 8
and of 2, with δ of 1e-3. All take the same steps; each has the learning rate of `RATES` with the best validation
accuracy on a split of its own. The attacks are those of `nas.infer_membership`: by losses, and beside shadow networks
that are trained in the same way. Means over the seeds, with 95 % intervals of Student's t. Written to
benchmarks/results/privacy.json with all raw values.
"""

import argparse
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from nas import Architecture, Dataset, Recipe, from_arrays, infer_membership, load_data, parse_space
from nas.statistics.estimate import mean_interval
from nas.training import Privacy
from nas.training.fit import fit
from nas.training.workbench import Workbench
from record import RESULTS, write_result, write_table

LAYERS = "layers: [flatten, {linear: {units: 64}}, relu, {linear: {units: outputs}}]"
RATES = (0.003, 0.01, 0.03, 0.1)
TUNED = 1000
"""The seed of the split on which learning rates are chosen."""

PLAIN = Recipe(epochs=30, batch_size=150, weight_decay=0.0)
EPSILONS: Mapping[str, float | None] = {"plain": None, "ε = 8": 8.0, "ε = 2": 2.0}


def recipe_of(epsilon: float | None, rate: float) -> Recipe:
    """Its noise follows from the seed, so that the benchmark can be repeated."""
    bound = None if epsilon is None else Privacy(epsilon, 1e-3, noise="seeded", input_range=(0, 16))
    return replace(PLAIN, lr=rate, privacy=bound)


def digits(seed: int) -> Dataset:
    """300 training and 300 validation samples, and the others for tests."""
    parts = load_data("digits").parts.values()
    inputs = np.concatenate([part.inputs for part in parts])
    targets = np.concatenate([part.targets for part in parts])
    order = np.random.default_rng(seed).permutation(len(targets))
    train, val, test = ((inputs[rows], targets[rows]) for rows in np.split(order, [300, 600]))
    return from_arrays(*train, val=val, test=test, name="digits")


def arch_of(data: Dataset) -> Architecture:
    return parse_space(LAYERS, input=data.shape, outputs=len(data.outputs)).rebuild({})


def best_rate(epsilon: float | None) -> float:
    """The learning rate with the best mean accuracy on validation data, of two trainings."""
    data = digits(TUNED)
    bench, arch = Workbench(data, device="cpu"), arch_of(data)

    def accuracy(rate: float) -> float:
        fitted = (fit(bench, arch, recipe_of(epsilon, rate), seed=seed) for seed in range(2))
        return float(np.mean([one.curves["val_acc"][-1] for one in fitted]))

    return max(RATES, key=accuracy)


def measured(epsilon: float | None, rate: float, seed: int, shadows: int) -> dict[str, Any]:
    """The accuracies of a network, and what attacks find."""
    data = digits(seed)
    bench, recipe = Workbench(data, device="cpu"), recipe_of(epsilon, rate)
    fitted = fit(bench, arch_of(data), recipe, seed=seed)
    found = infer_membership(fitted.network, data, shadows=shadows, recipe=recipe, seed=seed)
    accuracies = {
        f"{part}_acc": bench.score(fitted.network, *bench.moved(part), part)[f"{part}_acc"] for part in data.parts
    }
    attacks = {
        f"{attack}: {figure}": getattr(exposure, figure).value
        for attack, exposure in found.attacks.items()
        for figure in ("advantage", "auc", "caught")
    }
    return {**accuracies, **attacks, **fitted.privacy}


def table(result: Mapping[str, Any]) -> str:
    """The table of the documentation."""
    return "\n".join(_rows(result)) + "\n"


def _rows(result: Mapping[str, Any]) -> Iterator[str]:
    columns = {
        "test accuracy": ("test_acc", ".3f"),
        "advantage by loss": ("loss: advantage", ".2f"),
        "AUC by loss": ("loss: auc", ".2f"),
        "advantage beside shadows": ("shadow networks: advantage", ".2f"),
        "AUC beside shadows": ("shadow networks: auc", ".2f"),
    }
    yield "| training | " + " | ".join(columns) + " |"
    yield "|---" * (len(columns) + 1) + "|"
    for name, means in result["means"].items():
        cells = ("{:{form}} ({:{form}} to {:{form}})".format(*means[key], form=form) for key, form in columns.values())
        yield f"| {name} | " + " | ".join(cells) + " |"


def main() -> None:
    """Measures and writes the result, or writes the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--shadows", type=int, default=8)
    parser.add_argument("--table", action="store_true", help="write the table of docs/privacy.md")
    options = parser.parse_args()
    if options.table:
        write_table("privacy", table(json.loads((RESULTS / "privacy.json").read_text(encoding="utf-8"))))
        return
    torch.set_num_threads(1)
    rates = {name: best_rate(epsilon) for name, epsilon in EPSILONS.items()}
    print(rates, flush=True)
    raw: dict[str, list[dict[str, Any]]] = {name: [] for name in EPSILONS}
    for seed in range(options.seeds):
        for name, epsilon in EPSILONS.items():
            raw[name].append(measured(epsilon, rates[name], seed, options.shadows))
            print(name, seed, raw[name][-1], flush=True)
    means = {}
    for name, runs in raw.items():
        intervals = {key: mean_interval([run[key] for run in runs]) for key in runs[0]}
        means[name] = {key: [one.value, one.low, one.high] for key, one in intervals.items()}
    settings = {"seeds": options.seeds, "shadows": options.shadows, "layers": LAYERS, "rates": rates}
    print(write_result("privacy", {"settings": settings, "means": means, "raw": raw}))


if __name__ == "__main__":
    main()
