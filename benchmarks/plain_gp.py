"""Whether the model of `bayesian_q` is worth more than a plain Gaussian process.

    python benchmarks/plain_gp.py [--seeds 30] [--trials 100]

`plain` is `bayesian_q` with one kernel in the place of its mixture: single decisions and pairs of them, half and half,
over one-hot decisions; the noise is chosen by the likelihood as before. Everything else, plans and normal scores, is
the same. `default` is `bayesian_q` as it is. NAS-Bench-201 CIFAR-10 and ImageNet16-120 were used in choosing nothing;
the other two tables were. Regret, in percentage points, of the incumbent (over recorded runs that the search has not
drawn) and of the best evaluated architecture: mean, standard error and the value of every seed, with two-sided
signed-rank tests of `plain` against `default`, paired by seed, and Holm's correction over all of them.

Written to benchmarks/results/plain_gp.json. Needs the tables (docs/tables.md).
"""

import argparse
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

import nas
from nas.analysis.measures import track_of
from nas.controllers.backends import surrogate
from nas.statistics.significance import holm, wilcoxon
from record import write_result

TABLES = (
    "nasbench201-cifar10-200",
    "nasbench201-cifar100-200",
    "nasbench201-imagenet16-120-200",
    "nasbench_macro-cifar10",
)
PLAIN = np.array([[0.5, 0.5, 0.0, 0.0, 0.0]])
MODELS: Mapping[str, NDArray[np.float64]] = {"default": surrogate.WEIGHTS, "plain": PLAIN}
MEASURES = ("incumbent", "best")


def regrets(problem: nas.Problem, weights: NDArray[np.float64], *, trials: int, seeds: int) -> NDArray[np.float64]:
    """`(seeds, 2)` regret of the incumbent and of the best evaluated architecture."""
    surrogate.WEIGHTS = weights
    found = []
    for seed in range(seeds):
        run = nas.run_one(
            lambda: nas.BayesianQ(problem.space), problem, seed=seed, budget=nas.Budget("evaluations", trials)
        )
        track = track_of(run, problem.facts)
        found.append([float(getattr(track, measure)[-1]) for measure in MEASURES])
    return np.array(found)


def main() -> None:
    """Measures, prints and writes the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=30)
    parser.add_argument("--trials", type=int, default=100)
    options = parser.parse_args()
    found: dict[str, dict[str, dict[str, object]]] = {}
    tests: list[dict[str, Any]] = []
    for name in TABLES:
        problem = nas.problem_of_table(nas.load_table(name))
        values = {
            model: regrets(problem, weights, trials=options.trials, seeds=options.seeds)
            for model, weights in MODELS.items()
        }
        found[name] = {model: {} for model in MODELS}
        for place, measure in enumerate(MEASURES):
            for model, both in values.items():
                column = both[:, place]
                error = float(column.std(ddof=1) / np.sqrt(len(column)))
                raw = [round(float(one), 4) for one in column]
                found[name][model][measure] = {"mean": float(column.mean()), "se": error, "raw": raw}
                print(f"{name}, {model}: {measure} {column.mean():.3f} ± {error:.3f}", flush=True)
            plain, default = values["plain"][:, place], values["default"][:, place]
            p = wilcoxon(plain, default).p
            tests.append({"table": name, "of": measure, "difference": float((plain - default).mean()), "p": p})
    for test, adjusted in zip(tests, holm(np.array([test["p"] for test in tests], dtype=np.float64)), strict=True):
        test["p_holm"] = float(adjusted)
        print("{table} {of}: plain - default {difference:+.4f}, p {p:.3g}, Holm {p_holm:.3g}".format(**test))
    print(write_result("plain_gp", {"settings": vars(options), "regret": found, "tests": tests}))


if __name__ == "__main__":
    main()
