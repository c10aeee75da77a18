"""What a last training on all samples, and ensembles, are worth, and what they cost.

    python benchmarks/last_step.py [--splits 10] [--seeds 5]

Two problems: the digits of scikit-learn (1,797 images), and its table `diabetes` (442 rows, regression). For each split
of the samples, three random perceptrons are trained in full from `--seeds` seeds each, the best is
selected on the validation part (a fifth of the samples that are not tested), and four networks are tested: the selected
one as its first training left it, the same trained on the training and the validation part (`joined`), the ensemble of
its trainings (`seeds`), and that of the three finalists (`finalists`). Differences are paired by split, with 95 %
intervals of Student's t. Written to benchmarks/results/last_step.json with all raw values.
"""

import argparse
from collections.abc import Sequence
from functools import partial

import numpy as np
import torch

from nas import Architecture, Dataset, Objective, Proposal, Recipe, Trial, parse_space
from nas.final.fine_tune import conclude, train_finalist
from nas.final.replacing import ensemble_made, joined_made
from nas.training.workbench import Workbench
from record import write_result
from two_problems import RECIPES, difference, problems

LAYERS = """
layers: [flatten, {linear: {units: {choice: [16, 32, 64]}}}, {choice: [relu, silu]},
  {linear: {units: {choice: [16, 32]}}}, relu, {linear: {units: outputs}}]
"""


def trial_of(number: int, arch: Architecture, objectives: Sequence[Objective]) -> Trial:
    """A trial of a network that was not searched for."""
    return Trial(number, Proposal(arch), number, {objectives[0].metric: 0.0}, (0.0,), 0.0, None, number)


def tested(data: Dataset, recipe: Recipe, *, split: int, seeds: int) -> dict[str, dict[str, float]]:
    """The test metrics of each network of a split, with its parameters and the seconds of its further trainings."""
    bench = Workbench(data, device="cpu")
    space = parse_space(LAYERS, input=data.shape, outputs=len(data.outputs))
    rng = np.random.default_rng(split)
    archs: dict[str, Architecture] = {}
    while len(archs) < 3:
        arch = space.sample(rng)
        archs[arch.id] = arch
    objectives = (data.task.objective,)
    finalists = [
        train_finalist(
            bench, trial_of(number, arch, objectives), recipe, seed=split, seeds=seeds, objectives=objectives
        )
        for number, arch in enumerate(archs.values())
    ]
    conclusion = partial(conclude, bench, finalists, objectives=objectives, seed=split)
    finals = {
        "selected": conclusion(),
        "joined": conclusion(make=lambda chosen, _: joined_made(bench, chosen, recipe, seed=split)),
        "seeds": conclusion(make=lambda chosen, able: ensemble_made(bench, chosen, able, "seeds")),
        "finalists": conclusion(make=lambda chosen, able: ensemble_made(bench, chosen, able, "finalists")),
    }
    found = {}
    for name, final in finals.items():
        other = final.replacement
        params, seconds = (final.chosen.architecture.params, 0.0) if other is None else (other.params, other.seconds)
        sure = final.probabilities[final.chosen.architecture.id]
        found[name] = {**(final.test or {}), "params": params, "seconds": seconds, "probability": sure}
    return found


def main() -> None:
    """Measures, prints and writes the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--splits", type=int, default=10)
    parser.add_argument("--seeds", type=int, default=5)
    options = parser.parse_args()
    torch.set_num_threads(1)
    raw: dict[str, list[dict[str, dict[str, float]]]] = {name: [] for name in RECIPES}
    for split in range(options.splits):
        for name, data in problems(split).items():
            raw[name].append(tested(data, RECIPES[name], split=split, seeds=options.seeds))
            print(name, split, raw[name][-1], flush=True)
    means, gains = {}, {}
    for name, runs in raw.items():
        for what in ("joined", "seeds", "finalists"):
            gains[f"{name}: {what} - selected"] = {
                metric: difference(runs, what, metric, to="selected")
                for metric in runs[0][what]
                if metric.startswith("test_")
            }
        for what in runs[0]:
            means[f"{name}: {what}"] = {
                metric: float(np.mean([run[what][metric] for run in runs])) for metric in runs[0][what]
            }
    settings = {"splits": options.splits, "seeds": options.seeds, "layers": LAYERS}
    print(write_result("last_step", {"settings": settings, "means": means, "differences": gains, "raw": raw}))


if __name__ == "__main__":
    main()
