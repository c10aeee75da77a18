"""What a small network learns from a teacher, by each kind of distillation, beside tuned controls.

    python benchmarks/distillation.py PROBLEM ... [--ways NAME ...] [--data data] [--seeds 16] [--tuned 3]
    python benchmarks/distillation.py --table

A seed draws the labelled samples, and is that of all trainings, so differences are paired. Two teachers, larger
networks: `same` was trained on the labels of the student, `more` also on those of the samples that the
student has without labels. What is compared:

* `alone`, for the fewest of 25, 50, 100, 200 and 400 epochs with which it comes within 0.1 points of its best
  validation accuracy (on the first `--tuned` seeds, which no reported difference contains); all other trainings have as
  many;
* controls: `label smoothing`, `weight decay`, the augmentations of the problem, and `alone, twice the inputs`: with as
  many inputs per step as those that learn from samples without labels;
* each kind of distillation with the teacher `same`; and `response`, alone and with other kinds, with the teacher `more`
  on samples without labels.

Settings of controls and weights of kinds are chosen by the validation accuracy on the first `--tuned` seeds, from grids
around their defaults that are widened where the best value is at an end. The next `--seeds` seeds are reported: the
mean test accuracy, its difference to `alone` and to the best control (by validation accuracy) with 95 % intervals of
Student's t, p-values of paired t tests against the best control adjusted by Holm over all kinds of all problems, the
share of the teacher's lead that is closed, and CPU seconds relative to `alone`. Cells are kept in
benchmarks/results/distillation_cells.json, so that an interrupted measurement goes on. Written to
benchmarks/results/distillation.json with all raw values; `--table` writes the table of docs/distillation.md.
"""

import argparse
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from scipy import stats

from distillation_problems import PROBLEMS, Drawn, Problem, drawn
from nas import Architecture, Dataset, Network, Recipe, parse_space
from nas.distillation import KINDS, Distill, Response
from nas.distillation.kind import Kind
from nas.distillation.teacher import teacher_of
from nas.distillation.unlabelled import unlabelled_of
from nas.final.networks import stored_form
from nas.statistics.estimate import mean_interval
from nas.statistics.significance import holm
from nas.training.fit import fit
from nas.training.workbench import Workbench
from record import RESULTS, write_result

EPOCHS = (25, 50, 100, 200, 400)
TEACHER_EPOCHS = 40
GRID = (0.3, 1.0, 3.0)
"""Factors of the default weight of a kind."""
WIDENED = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
LEAST_GAIN = 0.001
WITH_RESPONSE = ("hints", "attention", "relational", "gradient")
"""The kinds that are added to a response on samples without labels."""

Teachers = Mapping[str, Network]


@dataclass(frozen=True)
class Way:
    """A way to train the student.

    Attributes:
        grid: the values of its setting; one: nothing is chosen.
        changes: of the recipe of `alone`, for a value.
        inputs: by which the inputs of a step are multiplied, and the epochs, so that there are as many steps.
        kinds: of distillation, for a value; None: there is none.
        teacher: `same` or `more`; the latter teaches on samples without labels.
    """

    grid: tuple[float, ...] = (1.0,)
    changes: Callable[[float], Mapping[str, Any]] = lambda _: {}
    inputs: int = 1
    kinds: Callable[[float], Sequence[Kind]] | None = None
    teacher: str = "same"

    def recipe(self, plain: Recipe, value: float, samples: Drawn, teachers: Teachers) -> Recipe:
        """The recipe of the student, given that of `alone`."""
        longer = replace(plain, batch_size=self.inputs * plain.batch_size, epochs=self.inputs * plain.epochs)
        changed = replace(longer, **self.changes(value))
        if self.kinds is None:
            return changed
        unlabelled = samples.unlabelled if self.teacher == "more" else None
        kinds = tuple(self.kinds(value))
        return replace(
            changed, distill=Distill(teacher_of(teachers[self.teacher]), kinds, unlabelled=unlabelled_of(unlabelled))
        )


def _weighted(name: str, factor: float) -> Kind:
    kind = KINDS[name]()
    return replace(kind, weight=kind.weight * factor)


def ways_of(problem: Problem) -> Mapping[str, Way]:
    """All that is compared on a problem, `alone` first."""
    augmented = {name: Way(changes=lambda _, one=one: {"augment": one}) for name, one in problem.augment.items()}  # type: ignore[misc]
    kinds = {
        name: Way(GRID, kinds=lambda factor, name=name: [_weighted(name, factor)])  # type: ignore[misc]
        for name in KINDS
        if name != "memory"  # no network here is recurrent
    }
    response = Way(GRID, kinds=lambda factor: [_weighted("response", factor)], teacher="more")
    further = {
        f"response on unlabelled + {name}": Way(
            GRID,
            kinds=lambda factor, name=name: [Response(), _weighted(name, factor)],  # type: ignore[misc]
            teacher="more",
        )
        for name in WITH_RESPONSE
    }
    ways: dict[str, Way] = {
        "alone": Way(),
        "label smoothing": Way((0.05, 0.1, 0.2), lambda value: {"label_smoothing": value}),
        "weight decay": Way((0.03, 0.1, 0.3), lambda value: {"weight_decay": value}),
        **augmented,
        "alone, twice the inputs": Way(inputs=2),
        **kinds,
        "response on unlabelled": response,
        **further,
    }
    return ways


class Measuring:
    """The cells of one problem.

    Args:
        name: of the problem.
        folder: of the data.
        cells: the file of cells that are known.
    """

    def __init__(self, name: str, folder: Path, cells: Path) -> None:
        self.name, self.problem, self._folder, self._file = name, PROBLEMS[name], folder, cells
        self.known: dict[str, dict[str, float]] = json.loads(cells.read_text()) if cells.exists() else {}

    @cache  # noqa: B019  one object for each problem
    def samples(self, seed: int) -> Drawn:
        """The samples of a seed."""
        return drawn(self.problem, self._folder, seed)

    @cache  # noqa: B019
    def teachers(self, seed: int) -> Mapping[str, Network]:
        """The networks that know the labels of the student, and more of them."""
        samples = self.samples(seed)
        found = {}
        for name, data in (("same", samples.data), ("more", samples.known)):
            bench = Workbench(data, device="cpu")
            arch = _arch(self.problem.teacher, data)
            recipe = replace(self.problem.recipe, epochs=TEACHER_EPOCHS)
            found[name] = stored_form(fit(bench, arch, recipe, seed=1000 + seed).network)
        return found

    def cell(self, way: str, seed: int, value: float, epochs: int) -> Mapping[str, float]:
        """What the student reaches: accuracies on validation and test data, and CPU seconds."""
        key = f"{self.name} | {way} | {seed} | {value:g} | {epochs}"
        if key not in self.known:
            samples = self.samples(seed)
            bench = Workbench(samples.data, device="cpu")
            plain = replace(self.problem.recipe, epochs=epochs)
            one = ways_of(self.problem)[way]
            recipe = one.recipe(plain, value, samples, {} if one.kinds is None else self.teachers(seed))
            begin = time.process_time()
            network = fit(bench, _arch(self.problem.student, samples.data), recipe, seed=seed).network
            self._keep(key, bench, network, time.process_time() - begin)
        return self.known[key]

    def teacher_cell(self, teacher: str, seed: int) -> Mapping[str, float]:
        """What a teacher reaches."""
        key = f"{self.name} | teacher {teacher} | {seed}"
        if key not in self.known:
            bench = Workbench(self.samples(seed).data, device="cpu")
            self._keep(key, bench, self.teachers(seed)[teacher], 0.0)
        return self.known[key]

    def _keep(self, key: str, bench: Workbench, network: Network, seconds: float) -> None:
        val = bench.score(network, *bench.val)["val_acc"]
        self.known[key] = {
            "val": val,
            "test": bench.score_samples(network, bench.data.parts["test"], "test")["test_acc"],
            "seconds": seconds,
        }
        self._file.write_text(json.dumps(self.known, indent=0) + "\n")
        print(key, self.known[key], flush=True)

    def epochs(self, seeds: Sequence[int]) -> int:
        """The fewest epochs with which `alone` reaches its best validation accuracy, but for `LEAST_GAIN`."""
        reached = {
            epochs: float(np.mean([self.cell("alone", seed, 1.0, epochs)["val"] for seed in seeds]))
            for epochs in EPOCHS
        }
        return next(epochs for epochs in EPOCHS if reached[epochs] > max(reached.values()) - LEAST_GAIN)

    def best(self, way: str, seeds: Sequence[int], epochs: int) -> float:
        """The value of the setting of a way with the best validation accuracy; a grid is widened at its ends."""
        grid = list(ways_of(self.problem)[way].grid)

        def reached(value: float) -> float:
            return float(np.mean([self.cell(way, seed, value, epochs)["val"] for seed in seeds]))

        while True:
            best = max(grid, key=reached)
            if len(grid) == 1 or grid[0] < best < grid[-1] or ways_of(self.problem)[way].kinds is None:
                return best
            beyond = [one for one in WIDENED if one < grid[0]][-1:] if best == grid[0] else []
            beyond += [one for one in WIDENED if one > grid[-1]][:1] if best == grid[-1] else []
            if not beyond:
                return best
            grid = sorted({*grid, *beyond})


def _arch(layers: str, data: Dataset) -> Architecture:
    return parse_space(f"layers: [{layers}]", input=data.shape, outputs=len(data.outputs)).rebuild({})


def measured(measuring: Measuring, wanted: Sequence[str], seeds: int, tuned: int) -> dict[str, Any]:
    """All cells of a problem, as plain data: the values of each way on each seed, in the order of the seeds."""
    tuning, reported = range(tuned), range(tuned, tuned + seeds)
    epochs = measuring.epochs(tuning)
    chosen = {way: measuring.best(way, tuning, epochs) for way in wanted}
    cells = {way: [measuring.cell(way, seed, value, epochs) for seed in reported] for way, value in chosen.items()}
    for name in ("same", "more"):
        cells[f"teacher {name}"] = [measuring.teacher_cell(name, seed) for seed in reported]
    return {
        "epochs": epochs,
        "chosen": chosen,
        "ways": {
            way: {key: [one[key] for one in each] for key in ("val", "test", "seconds")} for way, each in cells.items()
        },
        "recipe": {key: getattr(measuring.problem.recipe, key) for key in ("lr", "batch_size")},
        "student": measuring.problem.student,
        "teacher": measuring.problem.teacher,
    }


def judged(found: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The differences to `alone` and to the best control, with p-values adjusted over all kinds of all problems."""
    rows: list[dict[str, Any]] = []
    for name, one in found.items():
        values = one["ways"]
        ways = {way: of for way, of in ways_of(PROBLEMS[name]).items() if way in values}
        control = max(
            (way for way in ways if ways[way].kinds is None), key=lambda way: float(np.mean(values[way]["val"]))
        )
        for way in ways:
            test, alone = np.array(values[way]["test"]), np.array(values["alone"]["test"])
            against = np.array(values[control]["test"])
            lead = float(np.mean(values[f"teacher {ways[way].teacher}"]["test"]) - alone.mean())
            gain = mean_interval(test - alone) if way != "alone" else None
            rows.append(
                {
                    "problem": name,
                    "way": way,
                    "taught": ways[way].kinds is not None,
                    "test": float(test.mean()),
                    "gain": None if gain is None else [gain.value, gain.low, gain.high],
                    "best control": control,
                    "over control": _interval(test - against) if way != control else None,
                    "p": float(stats.ttest_rel(test, against).pvalue) if (test != against).any() else 1.0,
                    "closed": None if gain is None or lead <= 0 else gain.value / lead,
                    "cost": float(np.sum(values[way]["seconds"]) / np.sum(values["alone"]["seconds"])),
                }
            )
    taught = [row for row in rows if row["taught"]]
    for row, adjusted in zip(taught, holm([row["p"] for row in taught]) if taught else [], strict=True):
        row["holm"] = float(adjusted)
    return {"rows": rows}


def _interval(differences: np.ndarray[Any, Any]) -> list[float]:
    found = mean_interval(differences)
    return [found.value, found.low, found.high]


def table(result: Mapping[str, Any]) -> str:
    """The result as tables in Markdown, one for each problem."""
    lines: list[str] = []
    for name, one in result["problems"].items():
        values = one["ways"]
        reached = {teacher: 100 * np.mean(values[f"teacher {teacher}"]["test"]) for teacher in ("same", "more")}
        seeds = len(values["alone"]["test"])
        rows = [row for row in result["rows"] if row["problem"] == name]
        lines += [
            f"`{name}`: {seeds} seeds, {one['epochs']} epochs; the teacher with the same labels reaches "
            f"{reached['same']:.2f} %, the one with more {reached['more']:.2f} %.",
            "",
            "| student | test accuracy | over alone, points | over the best control | Holm's p | lead closed | cost |",
            "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
        ]
        for row in rows:
            p = f"{row['holm']:.2g}" if "holm" in row else ""
            closed = "" if row["closed"] is None or not row["taught"] else f"{100 * row['closed']:.0f} %"
            lines.append(
                f"| {row['way']} | {100 * row['test']:.2f} % | {_shown(row['gain'])} | {_shown(row['over control'])} | "
                f"{p} | {closed} | {row['cost']:.1f} × |"
            )
        lines.append("")
    return "\n".join(lines)


def _shown(gain: Sequence[float] | None) -> str:
    return "" if gain is None else f"{100 * gain[0]:+.2f} ({100 * gain[1]:+.2f} to {100 * gain[2]:+.2f})"


def main() -> None:
    """Measures, or writes the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("problems", nargs="*", choices=[[], *PROBLEMS])
    parser.add_argument("--data", type=Path, default=Path("data"))
    parser.add_argument("--ways", nargs="*", default=[], help="some of what is compared; else all")
    parser.add_argument("--seeds", type=int, default=16)
    parser.add_argument("--tuned", type=int, default=3)
    parser.add_argument("--cells", type=Path, default=RESULTS / "distillation_cells.json")
    parser.add_argument("--table", action="store_true")
    options = parser.parse_args()
    path = RESULTS / "distillation.json"
    before: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    if options.table:
        document = Path(__file__).parents[1] / "docs" / "distillation.md"
        head, begin, rest = document.read_text(encoding="utf-8").partition("<!-- measured -->\n")
        document.write_text(f"{head}{begin}{table(before)}{rest[rest.index('<!-- end -->') :]}", encoding="utf-8")
        return
    torch.set_num_threads(1)
    options.cells.parent.mkdir(parents=True, exist_ok=True)
    found = dict(before.get("problems", {}))
    for name in options.problems or PROBLEMS:
        wanted = [way for way in ways_of(PROBLEMS[name]) if way in (*options.ways, "alone") or not options.ways]
        found[name] = measured(Measuring(name, options.data, options.cells), wanted, options.seeds, options.tuned)
        result = {"settings": {"seeds": options.seeds, "tuned": options.tuned}, **judged(found), "problems": found}
        print(write_result("distillation", result))


if __name__ == "__main__":
    main()
