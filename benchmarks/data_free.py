"""What a student learns from a teacher without any of its data.

    python benchmarks/data_free.py [--seeds 8]
    python benchmarks/data_free.py --table

The digits of scikit-learn. A seed splits them, and is that of all trainings and of the inputs that are made, so
differences are paired. The teacher, a network with batch norm, is trained with labels on the training part. Students, a
smaller network, take over its outputs (`response`, with `task_weight: 0`) from

* the inputs of the training part, without labels;
* as many inputs that are made from the teacher (`inverted`);
* as many of noise (`noise`);
* nothing: they are untrained.

Settings of inversions are the defaults, but for the number of steps. These defaults were compared with a few others on
the validation part of the split of seed 0, with other networks, and stayed as they were. Test accuracies, and the
differences to `noise` with 95 % intervals of Student's t over the seeds, are written to
benchmarks/results/data_free.json with all raw values and the CPU seconds of each way; `--table` writes the table of
docs/distillation.md.
"""

import argparse
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import torch

from nas import Architecture, Dataset, Distill, Inverted, Network, Noise, Recipe, load_data, parse_space
from nas.statistics.estimate import mean_interval
from nas.training.fit import fit
from nas.training.seeding import seeded
from nas.training.workbench import Workbench
from record import RESULTS, write_result, write_table

TEACHER = (
    "{conv: {width: 8}}, batch_norm, relu, {max_pool: {kernel: 2}}, {conv: {width: 16}}, batch_norm, relu, "
    "global_avg_pool, {linear: {units: outputs}}"
)
STUDENT = "{conv: {width: 8}}, relu, {max_pool: {kernel: 2}}, flatten, {linear: {units: outputs}}"
RECIPE = Recipe(epochs=25, lr=1e-2)
STEPS = 100

WAYS = {"data": "inputs of the data", "inverted": "`inverted`", "noise": "`noise`", "nothing": "nothing"}
"""What students learn from, in the table."""


def recipes(teacher: Network, count: int, seed: int) -> Mapping[str, Recipe | None]:
    """The recipe of each student; None: it is not trained."""
    sources = {"data": None, "inverted": Inverted(count, seed, steps=STEPS), "noise": Noise(count, seed)}
    taught = {name: Distill(teacher, task_weight=0, unlabelled=one) for name, one in sources.items()}
    return {**{name: replace(RECIPE, distill=one) for name, one in taught.items()}, "nothing": None}


def _arch(layers: str, data: Dataset) -> Architecture:
    return parse_space(f"layers: [{layers}]", input=data.shape, outputs=len(data.outputs)).rebuild({})


def trained(bench: Workbench, arch: Architecture, recipe: Recipe, seed: int) -> Network:
    """A network after its training."""
    return fit(bench, arch, recipe, seed=seed).network


def measured(seed: int) -> dict[str, dict[str, float]]:
    """The test accuracy of the teacher and of each student of a seed, and CPU seconds."""
    data = load_data("digits", split_seed=seed)
    bench = Workbench(data, device="cpu")
    found = {}

    def note(name: str, make: Callable[[], Network]) -> Network:
        begin = time.process_time()
        network = make()
        seconds = time.process_time() - begin
        test = bench.score_samples(network, data.parts["test"], "test")["test_acc"]
        found[name] = {"test": test, "seconds": seconds}
        print(seed, name, found[name], flush=True)
        return network

    teacher = note("teacher", partial(trained, bench, _arch(TEACHER, data), RECIPE, 1000 + seed))
    arch = _arch(STUDENT, data)
    for name, recipe in recipes(teacher, len(data.train), seed).items():
        if recipe is None:
            with seeded(seed, bench.device):
                note(name, partial(bench.build, arch))
        else:
            note(name, partial(trained, bench, arch, recipe, seed))
    return found


def table(result: Mapping[str, Any]) -> str:
    """The result as a table in Markdown."""
    test = {name: np.array(one["test"]) for name, one in result["ways"].items()}
    lines = [
        f"`benchmarks/data_free.py`, on digits of scikit-learn, {len(test['teacher'])} seeds: the teacher reaches "
        f"{100 * test['teacher'].mean():.1f} %. A",
        "smaller student without labels, by what it learns from:",
        "",
        "| inputs of the student | test accuracy | over noise, points | CPU seconds |",
        "| --- | ---: | ---: | ---: |",
    ]
    for name, about in WAYS.items():
        over = mean_interval(100 * (test[name] - test["noise"]))
        shown = "" if name == "noise" else f"{over.value:+.1f} ({over.low:+.1f} to {over.high:+.1f})"
        seconds = np.mean(result["ways"][name]["seconds"])
        lines.append(f"| {about} | {100 * test[name].mean():.1f} % | {shown} | {seconds:.1f} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measures, or writes the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--table", action="store_true")
    given = parser.parse_args()
    if given.table:
        result = json.loads((RESULTS / "data_free.json").read_text(encoding="utf-8"))
        write_table("distillation", table(result), mark="data free")
        return
    torch.set_num_threads(1)
    each = [measured(seed) for seed in range(given.seeds)]
    ways = {name: {key: [one[name][key] for one in each] for key in ("test", "seconds")} for name in ("teacher", *WAYS)}
    settings = {"epochs": RECIPE.epochs, "lr": RECIPE.lr, "steps": STEPS, "teacher": TEACHER, "student": STUDENT}
    print(write_result("data_free", {"settings": settings, "ways": ways}))


if __name__ == "__main__":
    main()
