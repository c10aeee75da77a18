"""Whether networks rank by brief trainings with a teacher as by brief trainings alone, and which ranking holds.

    python benchmarks/ranking.py [--networks 48]
    python benchmarks/ranking.py --table

Networks are drawn from a small space of convolutional networks (`SPACE`). Each is trained in three ways on 300 labelled
digits of scikit-learn: alone, with the responses of a teacher that was trained on the same labels, and with those of
one that saw the labels of 595 further samples, which the network has without labels. Each way is repeated with two
seeds, briefly (`BRIEF` epochs) and at length (`LONG`). A brief training is scored by the validation accuracy (300
samples), as in a search, and a long one by the mean test accuracy (601 samples) over its seeds.

Rank correlations (Spearman's) have 95 % intervals by the bootstrap over networks, the same resamples for all, so that
their differences have intervals too. The correlation of two seeds of one way is the noise of repetition, beside which
the correlation of two ways is to be read. Written to benchmarks/results/ranking.json with all raw values; cells are
kept beside it, so that an interrupted measurement goes on. `--table` writes the table of docs/distillation.md.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from distillation_problems import IMAGE_TEACHER, IMAGES, PROBLEMS, drawn
from nas import Architecture, Network, Recipe, parse_space
from nas.distillation import Distill, Response
from nas.distillation.teacher import teacher_of
from nas.final.networks import stored_form
from nas.statistics.correlation import Ranked
from nas.statistics.estimate import Estimate
from nas.training.fit import fit
from nas.training.workbench import Workbench
from record import RESULTS, write_result, write_table

SPACE = """
layers:
  - name: body
    repeat: {choice: [1, 2]}
    of:
      - conv: {width: {choice: [4, 6, 8, 12]}, kernel: {choice: [3, 5]}}
      - name: norm
        choice: [batch_norm, identity]
      - name: activation
        choice: [relu, gelu, tanh]
      - name: pool
        choice: [identity, {max_pool: {kernel: 2}}, {avg_pool: {kernel: 2}}]
  - name: flat
    choice: [flatten, global_avg_pool]
  - name: head
    repeat: {choice: [0, 1]}
    of: [{linear: {units: {choice: [8, 16, 32]}}}, {name: activation, choice: [relu, tanh]}]
  - linear: {units: outputs}
"""
PROBLEM = replace(PROBLEMS["digits_300"], validation=300, known=895)
BRIEF, LONG = 12, 96
WAYS = ("alone", "the same labels", "more labels")
"""By what the teacher saw."""
SEEDS = (0, 1)
RESAMPLES = 10_000

Cells = dict[str, Mapping[str, float]]


def recipes() -> Mapping[str, Recipe]:
    """The recipe of each way, but for its epochs; teachers are trained first."""
    samples = drawn(PROBLEM, Path(), 0)
    found = {"alone": IMAGES}
    for way, data in zip(WAYS[1:], (samples.data, samples.known), strict=True):
        bench = Workbench(data, device="cpu")
        arch = parse_space(f"layers: [{IMAGE_TEACHER}]", input=data.shape, outputs=len(data.outputs)).rebuild({})
        epochs = PROBLEM.teacher_steps * IMAGES.batch_size // len(data.train)
        teacher = stored_form(fit(bench, arch, replace(IMAGES, epochs=epochs), seed=0).network)
        print(f"the teacher with {way}: {tested(bench, teacher):.2%}", flush=True)
        unlabelled = samples.unlabelled if way == "more labels" else None
        found[way] = replace(IMAGES, distill=Distill(teacher_of(teacher), (Response(),), unlabelled=unlabelled))
    return found


def tested(bench: Workbench, network: Network) -> float:
    """The test accuracy."""
    return bench.score_samples(network, bench.data.parts["test"], "test")["test_acc"]


def networks(count: int) -> Sequence[Architecture]:
    """Different networks of the space."""
    data = drawn(PROBLEM, Path(), 0).data
    space, rng = parse_space(SPACE, input=data.shape, outputs=len(data.outputs)), np.random.default_rng(0)
    found: dict[str, Architecture] = {}
    while len(found) < count:
        arch = space.sample(rng)
        found.setdefault(arch.id, arch)
    return list(found.values())


def measured(archs: Sequence[Architecture], file: Path) -> Cells:
    """All trainings, of which those in the file are not repeated."""
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    known: Cells = dict(json.loads(line) for line in lines)
    bench, recipe_of = Workbench(drawn(PROBLEM, Path(), 0).data, device="cpu"), recipes()
    for arch, way, epochs, seed in product(archs, WAYS, (BRIEF, LONG), SEEDS):
        key = cell_of(arch, way, epochs, seed)
        if key in known:
            continue
        fitted = fit(bench, arch, replace(recipe_of[way], epochs=epochs), seed=seed)
        val, test = fitted.curves["val_acc"][-1], tested(bench, fitted.network)
        known[key] = {"val": val, "test": test, "seconds": fitted.seconds}
        with file.open("a", encoding="utf-8") as lines_out:
            lines_out.write(json.dumps([key, known[key]]) + "\n")
        print(key, known[key], flush=True)
    return known


def cell_of(arch: Architecture, way: str, epochs: int, seed: int) -> str:
    """The key of a training."""
    return f"{arch.id} | {way} | {epochs} | {seed}"


def judged(archs: Sequence[Architecture], cells: Cells) -> dict[str, Any]:
    """The rank correlations."""
    ranked = Ranked.of(len(archs), resamples=RESAMPLES, seed=0)

    def values(way: str, epochs: int, seed: int, metric: str) -> NDArray[np.float64]:
        return np.array([cells[cell_of(arch, way, epochs, seed)][metric] for arch in archs])

    brief = {way: [values(way, BRIEF, seed, "val") for seed in SEEDS] for way in WAYS}
    long = {way: np.mean([values(way, LONG, seed, "test") for seed in SEEDS], axis=0) for way in WAYS}
    pairs = [(one, other) for place, one in enumerate(WAYS) for other in WAYS[place:]]
    agreement = {
        f"{one} / {other}": np.mean(
            [ranked.spearman(brief[one][i], brief[other][j]) for i, j in _crossed(one == other)], axis=0
        )
        for one, other in pairs
    }
    held = {
        f"{one} -> {other}": np.mean([ranked.spearman(scores, long[other]) for scores in brief[one]], axis=0)
        for one in WAYS
        for other in WAYS
    }
    gains = {
        f"{way} -> {way}, over alone": held[f"{way} -> {way}"] - held[f"alone -> {way}"]
        for way in WAYS
        if way != "alone"
    }
    best = {way: float(long[way].max()) for way in WAYS}
    return {
        "networks": len(archs),
        "brief": BRIEF,
        "long": LONG,
        "agreement": {name: _shown(ranked.estimate(one)) for name, one in agreement.items()},
        "held": {name: _shown(ranked.estimate(one)) for name, one in {**held, **gains}.items()},
        "best": best,
        "mean": {way: float(long[way].mean()) for way in WAYS},
        "selected": {
            f"{one} -> {other}": float(np.mean([long[other][int(scores.argmax())] for scores in brief[one]]))
            for one in WAYS
            for other in WAYS
        },
    }


def _crossed(same: bool) -> Sequence[tuple[int, int]]:
    """The pairs of seeds that are compared: different ones, also of two ways, which would share the initial weights."""
    return [(0, 1)] if same else [(0, 1), (1, 0)]


def _shown(one: Estimate | None) -> list[float] | None:
    return None if one is None else [one.value, one.low, one.high]


def table(result: Mapping[str, Any]) -> str:
    """The result as tables in Markdown."""
    name = {"alone": "alone", "the same labels": "with the teacher of the same labels"}
    name["more labels"] = "with the teacher that saw more labels"
    agreement, held = result["agreement"], result["held"]

    def told(found: Sequence[float] | None) -> str:
        return "" if found is None else f"{found[0]:.2f} ({found[1]:.2f} to {found[2]:.2f})"

    lines = [
        f"| {result['brief']} epochs | " + " | ".join(name[way] for way in WAYS) + " |",
        "| --- |" + " ---: |" * len(WAYS),
    ]
    for way in WAYS:
        cells = [told(agreement.get(f"{way} / {other}") or agreement[f"{other} / {way}"]) for other in WAYS]
        lines.append(f"| {name[way]} | {' | '.join(cells)} |")
    lines += [
        "",
        f"| {result['brief']} epochs, for {result['long']} epochs | " + " | ".join(name[way] for way in WAYS) + " |",
        "| --- |" + " ---: |" * len(WAYS),
    ]
    for way in WAYS:
        lines.append(f"| {name[way]} | {' | '.join(told(held[f'{way} -> {other}']) for other in WAYS)} |")
    return "\n".join([*lines, ""])


def main() -> None:
    """Measures, or writes the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--networks", type=int, default=48)
    parser.add_argument("--cells", type=Path, default=RESULTS / "ranking_cells.jsonl", help="where cells are kept")
    parser.add_argument("--table", action="store_true", help="write the table of docs/distillation.md")
    options = parser.parse_args()
    if options.table:
        result = json.loads((RESULTS / "ranking.json").read_text(encoding="utf-8"))
        write_table("distillation", table(result), mark="ranked")
        return
    torch.set_num_threads(1)
    archs = networks(options.networks)
    cells = measured(archs, options.cells)
    wanted = {cell_of(*one) for one in product(archs, WAYS, (BRIEF, LONG), SEEDS)}
    raw = {key: value for key, value in cells.items() if key in wanted}
    print(write_result("ranking", {**judged(archs, cells), "cells": raw}))


if __name__ == "__main__":
    main()
