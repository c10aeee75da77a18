"""Which network a search should hand over: true regret of the winner by `observed`, `posterior` and `repeat`.

    python benchmarks/winner.py [--seeds 50] [--trials 100]

On each table, regularized evolution (population 20, tournament 15) and `bayesian_q` with their defaults run as
`nas search` runs them (networks proposed again are answered from memory). All three ways share the seeds: `observed`
and `posterior` choose from the same trials, and `repeat` from the first 90 % of them and repeats in the place of the
rest. Regret is in percentage points of validation accuracy, against the best network of the table. A winner was chosen
by the runs that its search saw, so it is judged by the mean of the recorded runs that the search did not draw, and can
be better than the best mean. Where all were drawn, which happens to `repeat`, it is the mean of all of them. (A table
records two or three runs of a network, so that a repeat may draw a run that was drawn before, which says less than a
new training would.)

* `regret`: mean, standard error and the value of every seed, by way. `best` is the network with the best mean of all
  recorded runs in the trials of `observed`, by that mean.
* `flattered`: the share of the seeds in which all runs of the winner were drawn.
* `tests`: two-sided signed-rank tests, seed by seed, of each way against `observed`, with the mean of the differences
  (below 0: better than `observed`) and Holm's correction over all of them.
* `floor`: the regret of the highest observation where every network of the table is evaluated once: where
  `observed` ends as a search evaluates more and more. It is no bound for one that chooses among few good networks.

Written to benchmarks/results/winner.json. Needs the tables (docs/tables.md).
"""

import argparse
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

import nas
from nas.controllers import Controller
from nas.final.winner import Repeat, measured, repeats_of, winners
from nas.space import Space
from nas.statistics.significance import holm, wilcoxon
from nas.tabular.unseen import unseen
from nas.trial import Trial
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


def worth(tabular: nas.Tabular, study: Sequence[Trial], winner: Trial) -> tuple[float, bool]:
    """The accuracy of a winner in the runs that its search did not draw, or else in all of them, and whether else."""
    made = measured(study)
    row = tabular.table.row(winner.architecture)
    last = max(place for place, trial in enumerate(made) if tabular.table.row(trial.architecture) == row)
    rest = float(unseen(tabular, made)[last])
    return (tabular.table.truth(winner.architecture), True) if np.isnan(rest) else (rest, False)


def regrets(table: nas.Table, make: Callable[[Space], Controller], *, trials: int, seed: int) -> dict[str, float]:
    """The regret of each way's winner, whether it is flattered, and the regret of the best network evaluated."""
    tabular = nas.Tabular(table)
    study = tuple(nas.search(make(table.space), tabular, trials=trials, seed=seed, cache=True))
    repeated = nas.MemoryStudy()
    for trial in study[: trials - repeats_of(trials)]:
        repeated.append(trial)
    nas.search(Repeat(), tabular, repeated, trials=trials, seed=seed)

    chosen: dict[str, tuple[Sequence[Trial], Trial]] = {
        "observed": (study, winners(study)[0]),
        "posterior": (study, winners(study, how="posterior", space=table.space)[0]),
        "repeat": (tuple(repeated), winners(repeated, how="repeat")[0]),
    }
    found: dict[str, float] = {}
    for way, (made, winner) in chosen.items():
        accuracy, flattered = worth(tabular, made, winner)
        found |= {way: 100 * (table.optimum - accuracy), f"{way} flattered": float(flattered)}
    return {**found, "best": 100 * (table.optimum - max(table.truth(trial.architecture) for trial in study))}


def floor(table: nas.Table) -> float:
    """The mean regret of the highest of one observation of every network."""
    runs = table.val_acc[:, :, -1].astype(np.float64)
    rng = np.random.default_rng(0)
    recorded = np.argsort(np.isnan(runs), axis=1, kind="stable")  # recorded runs first
    rows, found = np.arange(len(table)), []
    for _ in range(FLOOR_DRAWS):
        drawn = recorded[rows, (rng.random(len(table)) * table.runs).astype(int)]
        row = int(runs[rows, drawn].argmax())
        found.append((np.nansum(runs[row]) - runs[row, drawn[row]]) / (table.runs[row] - 1))
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
            found[name][controller] = {
                way: summary(column) | ({"flattered": float(flattered.mean())} if flattered is not None else {})
                for way, column in values.items()
                if not way.endswith("flattered")
                for flattered in [values.get(f"{way} flattered")]
            }
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
