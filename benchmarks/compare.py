"""How fast controllers are compared on a published table, and published results beside ours.

    python benchmarks/compare.py [--repeats 3] [--seeds 100] [--published-seeds 100]

`speed`: `nas compare configs/comparisons/nasbench201.yaml`: random search, regularized evolution, local search and
Q-learning, 100 seeds of 200 evaluations each on NAS-Bench-201, report included, in as many processes as there are
cores. Aim: 60 s on two. `open` is the first and the second time that the table is opened in a process, and one look-up;
aims: 1 s, 10 µs.

`published`: random search and regularized evolution (population 10, tournament 3) with 12,000 simulated seconds on the
12-epoch schedule of CIFAR-10, as in Dong & Yang 2020 (NAS-Bench-201, §5 and table 5), scored by the test accuracies
after 200 epochs, on each data set, of the architecture with the best 12-epoch validation accuracy on CIFAR-10. It needs
the 12-epoch tables (docs/tables.md), and is left out where ARCHWRIGHT_TABLES names none.

Written to benchmarks/results/compare.json.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

import nas
from nas.controllers import Controller, RandomSearch, RegularizedEvolution
from record import write_result

COMPARISON = Path(__file__).parents[1] / "configs" / "comparisons" / "nasbench201.yaml"
PUBLISHED = {
    "random": {"cifar10": (93.70, 0.36), "cifar100": (71.04, 1.07), "imagenet16-120": (44.57, 1.25)},
    "regularized_evolution": {"cifar10": (93.92, 0.30), "cifar100": (71.84, 0.99), "imagenet16-120": (45.54, 1.03)},
}
"""Mean and standard deviation of 500 runs, test accuracy in percent."""


def speed(seeds: int) -> float:
    """Seconds of the whole command."""
    with tempfile.TemporaryDirectory() as folder:
        begin = time.perf_counter()
        command = [sys.executable, "-m", "nas.cli", "compare", str(COMPARISON), "--seeds", str(seeds), "--quiet"]
        subprocess.run([*command, "--out", f"{folder}/found"], check=True, stdout=subprocess.DEVNULL)
        return time.perf_counter() - begin


def opening() -> dict[str, float]:
    """Seconds to open a table twice, and microseconds of a look-up."""
    times = []
    for _ in range(2):
        begin = time.perf_counter()
        table = nas.load_table("nasbench201-cifar10-200")
        times.append(time.perf_counter() - begin)
    tabular = nas.Tabular(table)
    rng = np.random.default_rng(0)
    archs = [table.space.sample(rng) for _ in range(2000)]
    for arch in archs:
        tabular(arch, epochs=None, seed=0)  # costs of an architecture are worked out once
    begin = time.perf_counter()
    for number, arch in enumerate(archs):
        tabular(arch, epochs=None, seed=number)
    return {"first_s": times[0], "second_s": times[1], "look_up_us": 1e6 * (time.perf_counter() - begin) / len(archs)}


def published(seeds: int) -> dict[str, object]:
    """Test accuracies of our runs beside the published means."""
    table = nas.load_table("nasbench201-cifar10-12")
    problem = nas.problem_of_table(table)
    tests = {data: nas.load_table(f"nasbench201-{data}-12").hidden["test_acc_200"] for data in PUBLISHED["random"]}
    makers: dict[str, Callable[[], Controller]] = {
        "random": partial(RandomSearch, table.space),
        "regularized_evolution": partial(RegularizedEvolution, table.space, population=10, tournament=3),
    }
    found: dict[str, object] = {}
    for name, make in makers.items():
        runs = [nas.run_one(make, problem, seed=seed, budget=nas.Budget("seconds", 12_000)) for seed in range(seeds)]
        chosen = [int(run.row[int(np.argmax(run.observed))]) for run in runs]
        for data, (theirs, spread) in PUBLISHED[name].items():
            raw = [100 * float(tests[data][row]) for row in chosen]
            mean, deviation = statistics.mean(raw), statistics.stdev(raw)
            print(f"{name}, {data}: {mean:.2f} ± {deviation:.2f}, published {theirs:.2f} ± {spread:.2f}")
            found[f"{name}, {data}"] = {
                "mean": mean,
                "sd": deviation,
                "published_mean": theirs,
                "published_sd": spread,
                "within_one_published_sd": abs(mean - theirs) <= spread,
                "raw": raw,
            }
    return found


def main() -> None:
    """Measures, prints and writes the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--published-seeds", type=int, default=100)
    options = parser.parse_args()
    opened = opening()
    print(", ".join(f"{name} {value:.3g}" for name, value in opened.items()))
    seconds = [speed(options.seeds) for _ in range(options.repeats)]
    print(f"{options.seeds} seeds: {statistics.median(seconds):.1f} s of {os.cpu_count()} cores")
    beside = published(options.published_seeds) if os.environ.get("ARCHWRIGHT_TABLES") else "no 12-epoch tables here"
    result = {"settings": vars(options), "open": opened, "speed_s": seconds, "published": beside}
    print(write_result("compare", result))


if __name__ == "__main__":
    main()
