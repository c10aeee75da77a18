"""What several proposals in flight cost each controller.

    python benchmarks/window.py [--seeds 50] [--out comparisons] [--jobs N] [--windows K ...] [--problems NAME ...]

A search with `window: k` asks for trial n when all trials up to n - k are known, so each proposal is made with k - 1
fewer results than in a sequential search. The runs are those of configs/comparisons/controllers/all.yaml with
`order: number` and k simulated workers, paired by seed, made through `nas compare` and resumed where they stop.

* `best`: the regret of the best architecture evaluated, in percentage points by the mean of its recorded runs, after
  `EVALUATIONS` evaluations.
* `incumbent`: that of the architecture with the highest observed score, by the recorded runs that the search had not
  drawn.
* `cost`: the mean difference of `best` to the window of 1 with the same seeds, with a 95 % bootstrap interval.

Written to benchmarks/results/window.json with the values of every seed. Needs the tables (docs/tables.md).
"""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import nas
from controllers import COMPARISONS, curves
from nas.comparison.config import load_comparison
from nas.progress import make_display
from record import write_result

WINDOWS = (1, 2, 8, 32)
EVALUATIONS = 100
MEASURES = ("best", "incumbent")


def regrets(results: nas.Results) -> Mapping[str, Mapping[str, Mapping[str, NDArray[np.float64]]]]:
    """Problem to controller to measure to the regret of each seed at the end, in percentage points."""
    return {
        problem.name: {
            controller: {by: curves(results, problem, controller, by=by)[:, -1] for by in MEASURES}
            for controller in results.controllers
        }
        for problem in results.problems
    }


def interval(differences: NDArray[np.float64]) -> tuple[float, float]:
    """A 95 % bootstrap interval of the mean."""
    rng = np.random.default_rng(0)
    rows = rng.integers(len(differences), size=(10_000, len(differences)))
    low, high = np.quantile(differences[rows].mean(axis=1), (0.025, 0.975))
    return float(low), float(high)


def summary(found: Mapping[int, Any]) -> dict[str, Any]:
    """Problem to controller to window to figures."""
    first = min(found)
    rows: dict[str, Any] = {}
    for problem, controllers in found[first].items():
        for controller in controllers:
            for window, regret in found.items():
                values = regret[problem][controller]
                one: dict[str, Any] = {
                    by: {
                        "mean": float(values[by].mean()),
                        "se": float(values[by].std(ddof=1) / np.sqrt(len(values[by]))),
                        "raw": [round(float(value), 3) for value in values[by]],
                    }
                    for by in MEASURES
                }
                if window != first:
                    differences = values["best"] - found[first][problem][controller]["best"]
                    one["cost"] = {"mean": float(differences.mean()), "interval": interval(differences)}
                rows.setdefault(problem, {}).setdefault(controller, {})[window] = one
    return rows


def table(rows: Mapping[str, Any], windows: Sequence[int]) -> str:
    """A Markdown table of `best` for each window, a column for each problem."""
    problems = list(rows)
    lines = ["| | " + " | ".join(problems) + " |", "|---|" + "---|" * len(problems)]
    for controller in next(iter(rows.values())):
        cells = [
            " / ".join(f"{rows[problem][controller][window]['best']['mean']:.3f}" for window in windows)
            for problem in problems
        ]
        lines.append(f"| `{controller}` | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    """Runs, prints and writes the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=50)
    parser.add_argument("--out", type=Path, default=Path("comparisons"))
    parser.add_argument("--jobs", type=int)
    parser.add_argument("--windows", type=int, nargs="+", default=WINDOWS)
    parser.add_argument("--problems", nargs="+")
    options = parser.parse_args()
    found: dict[int, Any] = {}
    recorded: Mapping[str, str] = {}
    for window in options.windows:
        overrides = [
            f"seeds={options.seeds}",
            f"workers={window}",
            "order=number",
            f"budget={{evaluations: {EVALUATIONS}}}",
            *([] if options.jobs is None else [f"jobs={options.jobs}"]),
        ]
        config = load_comparison(COMPARISONS / "all.yaml", overrides)
        problems = {name: config.problems[name] for name in options.problems or config.problems}
        config = replace(config, problems=problems)
        with make_display(quiet=False) as display:
            results = nas.compare(config, out=options.out / f"window_{window}", resume=True, on_event=display).results
        found[window], recorded = regrets(results), results.recorded
    rows = summary(found)
    print(table(rows, options.windows))
    content = {
        "windows": list(options.windows),
        "evaluations": EVALUATIONS,
        "seeds": options.seeds,
        "recorded": recorded,
        "results": rows,
    }
    print(write_result("window", content))


if __name__ == "__main__":
    main()
