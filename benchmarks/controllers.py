"""How soon each controller finds the best architectures of published tables.

    python benchmarks/controllers.py [FILE ...] [--out comparisons] [--seeds N] [--jobs N]

Runs the comparisons of configs/comparisons/controllers/ through `nas compare`, or resumes them, and derives from their
runs:

* `incumbent`: the regret, in percentage points, of the architecture with the highest observed score, which a search
  would select, after 50, 100 and 200 evaluations: the highest mean of the table minus the mean of the recorded runs of
  the architecture that the search had not drawn (or of all of them if none is left).
* `best`: the same for the best architecture evaluated so far, by the mean of all of its recorded runs, which a search
  cannot identify. It measures the search apart from noise.
* `optimum`: evaluations until the best architecture of the table is evaluated for the first time: the median over the
  seeds (None: not reached in half of the runs), and the number of runs that reach it.
* `ms`: the controller's own time per evaluation. Several processes run at the same time, so it is a rough figure.
* `tests`: two-sided signed-rank tests, paired by seed, of `bayesian_q` against each other controller on `incumbent` and
  on `best`, with Holm's correction over all tests of a comparison.

Written to benchmarks/results/controllers_<comparison>.json with the values of every seed, and drawn to
docs/images/controllers_<comparison>.svg. Needs the tables (docs/tables.md).
"""

import argparse
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

import nas
from nas.analysis.measures import track_of
from nas.comparison.config import load_comparison
from nas.progress import make_display
from nas.statistics.significance import holm, wilcoxon
from nas.statistics.survival import survival, until_within
from record import write_result

ROOT = Path(__file__).parents[1]
COMPARISONS = ROOT / "configs" / "comparisons" / "controllers"
IMAGES = ROOT / "docs" / "images"
AFTER = (50, 100, 200)
OURS = "bayesian_q"
MEASURES = ("incumbent", "best")


def curves(results: nas.Results, problem: nas.ProblemFacts, controller: str, *, by: str) -> np.ndarray[Any, Any]:
    """Regret in percentage points after each evaluation, `(seeds, evaluations)`."""
    found = []
    for seed in results.seeds:
        track = track_of(results.runs[problem.name, controller, seed], problem)
        found.append(track.best if by == "best" else track.incumbent)
    return np.array(found)


def summary(results: nas.Results) -> dict[str, dict[str, dict[str, object]]]:
    """Problem to controller to figures."""
    found: dict[str, dict[str, dict[str, object]]] = {}
    for problem in results.problems:
        found[problem.name] = {}
        for controller in results.controllers:
            best = curves(results, problem, controller, by="best")
            shown = [count for count in AFTER if count <= best.shape[1]]
            taken = curves(results, problem, controller, by="incumbent")
            when, reached = until_within(list(best), 0.0)
            own = [results.runs[problem.name, controller, seed].own_seconds.mean() for seed in results.seeds]
            found[problem.name][controller] = {
                **{
                    f"{name}_{count}": {
                        "mean": float(values[:, count - 1].mean()),
                        "se": float(values[:, count - 1].std(ddof=1) / np.sqrt(len(values))),
                        "raw": [round(float(value), 3) for value in values[:, count - 1]],
                    }
                    for name, values in (("incumbent", taken), ("best", best))
                    for count in shown
                },
                "optimum": {"median": survival(when, reached).median, "reached": int(reached.sum())},
                "ms": 1000 * float(np.mean(own)),
            }
    return found


def tests(results: nas.Results) -> list[dict[str, object]]:
    """Signed-rank tests of ours against every other controller, on every problem, by both measures, at every count."""
    found: list[dict[str, object]] = []
    others = [controller for controller in results.controllers if controller != OURS]
    if OURS not in results.controllers:
        return found
    for problem, by in product(results.problems, MEASURES):
        ours = curves(results, problem, OURS, by=by)
        for other in others:
            theirs = curves(results, problem, other, by=by)
            for count in (count for count in AFTER if count <= ours.shape[1]):
                one, two = ours[:, count - 1], theirs[:, count - 1]
                found.append(
                    {
                        "problem": problem.name,
                        "of": by,
                        "against": other,
                        "after": count,
                        "difference": float((one - two).mean()),
                        "p": wilcoxon(one, two).p,
                    }
                )
    for test, adjusted in zip(found, holm(np.array([test["p"] for test in found], dtype=np.float64)), strict=True):
        test["p_holm"] = float(adjusted)
    return found


def draw(results: nas.Results, path: Path) -> None:
    """Mean regret of the incumbent and of the best evaluated architecture, a panel for each problem."""
    with mpl.rc_context({"svg.hashsalt": "archwright", "svg.fonttype": "none", "font.size": 9}):
        figure = Figure(figsize=(12, 5.6), layout="constrained")
        colours = [*mpl.color_sequences["tab20"]]
        for place, (by, problem) in enumerate(product(MEASURES, results.problems)):
            axes = figure.add_subplot(len(MEASURES), len(results.problems), place + 1)
            for controller, colour in zip(results.controllers, colours, strict=False):
                mean = curves(results, problem, controller, by=by).mean(axis=0)
                ours = controller == OURS
                axes.plot(
                    np.arange(1, len(mean) + 1),
                    np.maximum(mean, 1e-3),
                    label=controller,
                    color="black" if ours else colour,
                    linewidth=2.2 if ours else 1.2,
                )
            axes.set(title=problem.name, yscale="log", xlim=(1, len(mean)))
            axes.set_xlabel("evaluations")
            axes.set_ylabel(f"regret of the {by}, points")
            axes.spines[["top", "right"]].set_visible(False)
        handles, labels = axes.get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside right center", frameon=False)
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, metadata={"Date": None})


def table(found: dict[str, dict[str, dict[str, Any]]], controllers: Sequence[str], count: int) -> str:
    """Markdown tables of `incumbent` and of `best`, the latter with the evaluations until the optimum."""
    return "\n\n".join(_table(found, controllers, count, by) for by in MEASURES)


def _table(found: dict[str, dict[str, dict[str, Any]]], controllers: Sequence[str], count: int, by: str) -> str:
    problems = list(found)
    lines = ["| | " + " | ".join(problems) + " |", "|---|" + "---|" * len(problems)]
    for controller in controllers:
        cells = []
        for problem in problems:
            row = found[problem][controller]
            median = row["optimum"]["median"]
            numbers = " / ".join(f"{row[f'{by}_{after}']['mean']:.3f}" for after in AFTER if after <= count)
            reached = f" ({'-' if median is None else f'{median:.0f}'})" if by == "best" else ""
            cells.append(numbers + reached)
        lines.append(f"| `{controller}` | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    """Runs, prints, draws and writes the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("comparisons", nargs="*", type=Path, default=sorted(COMPARISONS.glob("*.yaml")))
    parser.add_argument("--out", type=Path, default=Path("comparisons"))
    parser.add_argument("--seeds", type=int)
    parser.add_argument("--jobs", type=int)
    options = parser.parse_args()
    given = {"seeds": options.seeds, "jobs": options.jobs}
    overrides = [f"{key}={value}" for key, value in given.items() if value is not None]
    for path in options.comparisons:
        config = load_comparison(path, overrides)
        with make_display(quiet=False) as display:
            results = nas.compare(config, out=options.out / config.name, resume=True, on_event=display).results
        print(write(results))


def write(results: nas.Results) -> Path:
    """Prints, draws and writes what a comparison found."""
    found = summary(results)
    print(table(found, list(results.controllers), int(results.budget[1])))
    draw(results, IMAGES / f"controllers_{results.name}.svg")
    content = {
        "controllers": results.controllers,
        "budget": dict([results.budget]),
        "seeds": list(results.seeds),
        "recorded": results.recorded,
        "results": found,
        "tests": tests(results),
    }
    return write_result(f"controllers_{results.name}", content)


if __name__ == "__main__":
    main()
