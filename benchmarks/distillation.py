"""What a small network learns from a teacher, by each kind of distillation, beside tuned controls.

    python benchmarks/distillation.py PROBLEM ... [--data data] [--kinds response ...] [--seeds 16] [--tuned 3]
    python benchmarks/distillation.py --table

A seed draws the labelled samples, and is that of all trainings, so differences are paired. Two teachers, larger
networks: `same` was trained on the labels of the student, `more` also on those of the samples that the
student has without labels. What is compared (`distillation_ways.py`):

* `alone`, for the fewest of 6, 12, 24, ... epochs that gain less than 0.5 points of validation accuracy (over all
  seeds) when doubled; all other trainings have as many;
* controls: `label smoothing`, `weight decay`, the augmentations of the problem, `alone, twice the epochs`: whether it
  had converged, and `alone, twice the inputs`: with as many inputs per step as those that learn from samples without
  labels;
* each kind of distillation with the teacher `same`; and `response`, alone and with other kinds, with the teacher `more`
  on samples without labels.

Settings of controls and weights of kinds are chosen by the validation accuracy on the first `--tuned` seeds, which
no reported difference contains: from three values, and further ones while the best is at an end. The next `--seeds`
seeds are reported: the
mean test accuracy, its difference to `alone` and to the best control (by validation accuracy) with 95 % intervals of
Student's t, p-values of paired t tests against the best control adjusted by Holm over all kinds of all problems, the
share of the teacher's lead that is closed, and CPU seconds relative to `alone`. With `--kinds`, only ways that have no
other kinds are measured. Cells and teachers are kept in a folder, so that an interrupted measurement goes on, and
problems can be measured at the same time. Written to benchmarks/results/distillation.json with all raw values;
`--table` writes the table of docs/distillation.md.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from scipy import stats

from distillation_cells import Cells, converged
from distillation_problems import PROBLEMS
from distillation_ways import ways_of
from nas.distillation import KINDS
from nas.settings import plain
from nas.statistics.estimate import mean_interval
from nas.statistics.significance import holm
from record import RESULTS, write_result, write_table


def measured(cells: Cells, wanted: Sequence[str], seeds: int, tuned: int) -> dict[str, Any]:
    """All cells of a problem, as plain data: the values of each way on each seed, in the order of the seeds."""
    tuning, reported = range(tuned), range(tuned, tuned + seeds)
    reached = cells.epochs(range(tuned + seeds))
    epochs = converged(reached)
    chosen = {way: cells.best(way, tuning, epochs) for way in wanted}
    found = {way: [cells.cell(way, seed, value, epochs) for seed in reported] for way, value in chosen.items()}
    for name in ("same", "more"):
        found[f"teacher {name}"] = [cells.teacher_cell(name, seed) for seed in reported]
    problem = cells.problem
    return {
        "tuned": tuned,
        "epochs": epochs,
        "validated": reached,
        "chosen": chosen,
        "ways": {
            way: {key: [one[key] for one in each] for key in ("val", "test", "seconds")} for way, each in found.items()
        },
        "samples": [problem.labelled, problem.validation, problem.known],
        "recipe": plain(problem.recipe),
        "student": problem.student,
        "teacher": problem.teacher,
    }


def judged(found: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The differences to `alone` and to the best control, with p-values adjusted over all kinds of all problems."""
    rows: list[dict[str, Any]] = []
    for name, one in found.items():
        values = one["ways"]
        ways = {way: of for way, of in ways_of(PROBLEMS[name]).items() if way in values}
        control = max((way for way in ways if not ways[way].kinds), key=lambda way: float(np.mean(values[way]["val"])))
        for way in ways:
            test, alone = np.array(values[way]["test"]), np.array(values["alone"]["test"])
            against = np.array(values[control]["test"])
            lead = float(np.mean(values[f"teacher {ways[way].teacher}"]["test"]) - alone.mean())
            gain = mean_interval(test - alone) if way != "alone" else None
            rows.append(
                {
                    "problem": name,
                    "way": way,
                    "taught": bool(ways[way].kinds),
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
        seeds = len(values["alone"]["test"])
        reached = {teacher: 100 * np.mean(values[f"teacher {teacher}"]["test"]) for teacher in ("same", "more")}
        rows = [row for row in result["rows"] if row["problem"] == name]
        lines += [
            f"`{name}`: {seeds} seeds, {one['epochs']} epochs. The teacher with the same labels reaches "
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
    parser.add_argument("problems", nargs="*", choices=[[], *PROBLEMS], help="else all")
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[1] / "data")
    parser.add_argument("--kinds", nargs="*", choices=KINDS, default=[*KINDS], help="of distillation; else all")
    parser.add_argument("--seeds", type=int, default=16)
    parser.add_argument("--tuned", type=int, default=3)
    parser.add_argument("--cells", type=Path, default=RESULTS / "distillation_cells", help="where cells are kept")
    parser.add_argument("--table", action="store_true", help="write the table of docs/distillation.md")
    options = parser.parse_args()
    path = RESULTS / "distillation.json"
    if options.table:
        write_table("distillation", table(json.loads(path.read_text(encoding="utf-8"))))
        return
    torch.set_num_threads(1)
    for name in options.problems or PROBLEMS:
        cells = Cells(name, options.data, options.cells)
        wanted = [way for way, one in cells.ways.items() if {*one.kinds} <= {*options.kinds}]
        one = measured(cells, wanted, options.seeds, options.tuned)
        known = json.loads(path.read_text(encoding="utf-8"))["problems"] if path.exists() else {}
        found = {other: {**known, name: one}[other] for other in PROBLEMS if other in {*known, name}}
        print(write_result("distillation", {**judged(found), "problems": found}))


if __name__ == "__main__":
    main()
