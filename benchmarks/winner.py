"""Which network a search should hand over: true regret of the winner by `observed`, `posterior` and `repeat`.

    python benchmarks/winner.py [--seeds 50] [--trials 100]

On each table, regularized evolution (population 20, tournament 15) and Bayesian Q-learning with their defaults run as
`nas search` runs them (networks proposed again are answered from memory). All three ways share the seeds: `observed`
and `posterior` choose from the same trials, and `repeat` from the first 90 % of them and repeats in the place of the
rest. Regret is in percentage points of validation accuracy, against the best network of the table; a network's true
accuracy is the mean of its recorded runs, one of which is drawn for each evaluation. (A table records one to three runs
of a network. So a repeat may draw a run that was drawn before, which says less than a new training would; but who has
drawn all of them knows the true accuracy, which says more.)

* `regret`: mean, standard error and the value of every seed, by way. `best` is the best network evaluated in the trials
  of `observed`: no choice among them can do better.
* `tests`: two-sided signed-rank tests, seed by seed, of each way against `observed`, with the mean of the differences
  (below 0: better than `observed`) and Holm's correction over all of them.
* `floor`: the regret of the highest observation where every network of the table is evaluated once: where
  `observed` ends as a search evaluates more and more. It is no bound for one that chooses among few good networks.

Written to benchmarks/results/winner.json. Needs the tables (docs/tables.md).
"""

import argparse
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

import nas
from nas.comparison.statistics import holm, wilcoxon
from nas.controllers import Controller
from nas.space import Space
from nas.trial import Trial
from nas.winner import Repeat, repeats_of, winners
from record import write_result

TABLES = (
    "nasbench201-cifar10-200",
    "nasbench201-cifar100-200",
    "nasbench201-imagenet16-120-200",
    "nasbench_macro-cifar10",
)
CONTROLLERS: Mapping[str, Callable[[Space], Controller]] = {
    "regularized_evolution": partial(nas.RegularizedEvolution, population=20, tournament=15),
    "bayesian_q": nas.BayesianQ,
}
FLOOR_DRAWS = 200


def regrets(table: nas.Table, make: Callable[[Space], Controller], *, trials: int, seed: int) -> dict[str, float]:
    """The regret of each way's winner, and of the best network evaluated."""
    tabular = nas.Tabular(table)
    study = tuple(nas.search(make(table.space), nas.Cached(tabular), trials=trials, seed=seed))
    repeated = nas.MemoryStudy()
    for trial in study[: trials - repeats_of(trials)]:
        repeated.append(trial)
    nas.search(Repeat(), tabular, repeated, trials=trials, seed=seed)

    def regret(trial: Trial) -> float:
        return 100 * (table.optimum - table.truth(trial.architecture))

    return {
        "observed": regret(winners(study)[0]),
        "posterior": regret(winners(study, how="posterior", space=table.space)[0]),
        "repeat": regret(winners(repeated, how="repeat")[0]),
        "best": min(map(regret, study)),
    }


def floor(table: nas.Table) -> float:
    """The mean regret of the highest of one observation of every network."""
    runs = table.val_acc[:, :, -1]
    rng = np.random.default_rng(0)
    drawn = np.argsort(np.where(np.isnan(runs), np.inf, runs), axis=1)  # recorded runs first
    found = []
    for _ in range(FLOOR_DRAWS):
        column = (rng.random(len(table)) * table.runs).astype(int)
        rows = np.arange(len(table))
        found.append(table.truths[runs[rows, drawn[rows, column]].argmax()])
    return float(100 * (table.optimum - np.mean(found)))


def summary(values: NDArray[np.float64]) -> dict[str, object]:
    """Mean, standard error and values."""
    error = float(values.std(ddof=1) / np.sqrt(len(values)))
    return {"mean": float(values.mean()), "se": error, "raw": [round(float(value), 4) for value in values]}


def main() -> None:
    """Measures, prints and writes the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=50)
    parser.add_argument("--trials", type=int, default=100)
    options = parser.parse_args()
    begin = time.perf_counter()
    found: dict[str, dict[str, dict[str, object]]] = {}
    tests: list[dict[str, Any]] = []
    floors = {}
    for name in TABLES:
        table = nas.load_table(name)
        found[name] = {}
        floors[name] = floor(table)
        print(f"{name}: the highest of all observations has regret {floors[name]:.3f}")
        for controller, make in CONTROLLERS.items():
            runs = [regrets(table, make, trials=options.trials, seed=seed) for seed in range(options.seeds)]
            values = {way: np.array([run[way] for run in runs]) for way in runs[0]}
            found[name][controller] = {way: summary(column) for way, column in values.items()}
            shown = [f"{way} {column.mean():.3f}" for way, column in values.items()]
            print(f"  {controller}: {', '.join(shown)} ({time.perf_counter() - begin:.0f} s)", flush=True)
            for way in ("posterior", "repeat"):
                difference = float((values[way] - values["observed"]).mean())
                p = wilcoxon(values[way], values["observed"]).p
                tests.append({"table": name, "controller": controller, "way": way, "difference": difference, "p": p})
    for test, adjusted in zip(tests, holm(np.array([test["p"] for test in tests], dtype=np.float64)), strict=True):
        test["p_holm"] = float(adjusted)
        print("{table} {controller}: {way} - observed {difference:+.4f}, p {p:.3g}, Holm {p_holm:.3g}".format(**test))
    print(write_result("winner", {"settings": vars(options), "floor": floors, "regret": found, "tests": tests}))


if __name__ == "__main__":
    main()
