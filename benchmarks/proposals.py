"""What a proposal of each controller costs, and whether that grows with the search.

    python benchmarks/proposals.py [--trials 500] [NAME ...]

Milliseconds of the processor for ask and tell together on NAS-Bench-201, whose scores are made up (a hash of the
network), so that nothing but the controller is measured, whatever else the machine does: the mean of the first hundred
trials after a warm-up of 20, and of the last hundred; and by how much the memory of the process grew between them. Each
controller has a process of its own, with one thread. Aims: 1 ms for tabular and evolutionary ones, 50 ms for those with
a model, none slower than Optuna's GPSampler.

Written to benchmarks/results/proposals.json with the milliseconds of every trial.
"""

import argparse
import multiprocessing
import os
import statistics
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import nas
from nas.settings import Setting
from overhead import ask_and_tell
from record import write_result

SPACE = Path(__file__).parents[1] / "search_spaces" / "nasbench201.yaml"
LEARNER = {"alpha": 0.1, "td_lambda": 1, "memory": 0, "initial_q": 1, "repeats": False, "schedule": [[0.1, 1]]}
CONTROLLERS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    **{
        name: (name, {})
        for name in ("random", "grid", "regularized_evolution", "local_search", "nsga2", "bananas", "gp")
    },
    "metaqnn": ("q_learning", {}),
    "q_learning": ("q_learning", LEARNER),
    **{name: (name, {}) for name in ("dqn", "bayesian_q", "reinforce", "ppo", "gpt")},
    "tpe": ("optuna", {"sampler": "TPESampler"}),
    "gp_sampler": ("optuna", {"sampler": "GPSampler"}),
}
HUNDRED = 100
WARM_UP = 20


def memory_mb() -> float:
    """What the process holds, in megabytes."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def measure(name: str, trials: int) -> dict[str, object]:
    """Milliseconds of every trial, and how the memory grew."""
    space = nas.load_space(SPACE)
    factory, arguments = CONTROLLERS[name]
    supplied = {"space": space, "trials": trials}
    controller = Setting(factory, arguments, arguments, nas.CONTROLLERS[factory]).make(supplied, name)
    ours = partial(ask_and_tell, controller, clock=time.process_time)
    first = [one / 1000 for one in ours(WARM_UP + HUNDRED)][WARM_UP:]
    before = memory_mb()
    rest = [one / 1000 for one in ours(trials - WARM_UP - HUNDRED, begin=WARM_UP + HUNDRED)]
    return {
        "first_ms": statistics.mean(first),
        "last_ms": statistics.mean(rest[-HUNDRED:]),
        "grown_mb": memory_mb() - before,
        "raw_ms": [round(one, 3) for one in first + rest],
    }


def main() -> None:
    """Measures, prints and writes the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", default=list(CONTROLLERS))
    parser.add_argument("--trials", type=int, default=500)
    options = parser.parse_args()
    found = {}
    os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"  # of the processes that are started
    context = multiprocessing.get_context("spawn")
    for name in options.names:
        with context.Pool(1) as pool:
            found[name] = one = pool.apply(measure, (name, options.trials))
        print(f"{name}: {one['first_ms']:.2f} ms, then {one['last_ms']:.2f} ms; {one['grown_mb']:+.1f} MB")
    print(write_result("proposals", {"trials": options.trials, "controllers": found}))


if __name__ == "__main__":
    main()
