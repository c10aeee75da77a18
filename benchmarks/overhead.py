"""What a search costs beside the training: ask and tell of each controller, the loop, and the log.

    python benchmarks/overhead.py [--trials 1000] [--repeats 3] [--stored 10000]

Every figure is the median of `repeats` runs, made in turns (ours, Optuna's, ours, ...) in one process on the space
search_spaces/digits_cnn.yaml, with and without its limit. The evaluator is free: a hash of the decisions. Optuna's
TPE samples the same decisions through `suggest_categorical` with its own study, in memory and on SQLite. Written to
benchmarks/results/overhead.json with all raw values.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import optuna

from nas import (
    CONTROLLERS,
    Architecture,
    Choice,
    Controller,
    MemoryStudy,
    Objective,
    OptunaStudy,
    Space,
    Study,
    Trial,
    load_space,
    search,
)
from nas.driver.seeds import trial_seed
from nas.space import Value
from nas.trial import Metrics
from record import write_result

SPACE = Path(__file__).parents[1] / "search_spaces" / "digits_cnn.yaml"
WINDOW = 200
"""Trials at the start and at the end of a run that are compared to see whether the cost grows with history."""


def free_evaluator(arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
    """A score in [0, 1) that follows from the decisions and costs next to nothing."""
    return {"val_acc": int(arch.id, 16) % 10_007 / 10_007}


CHEAP = ("random", "regularized_evolution", "local_search", "q_learning")
"""Controllers without a model, for which the space matters more than they do; proposals.py has all."""


def make(name: str, space: Space, trials: int) -> Controller:
    """A controller with its defaults."""
    return CONTROLLERS[name](space, **({"trials": trials} if name == "q_learning" else {}))


def ask_and_tell(
    controller: Controller, trials: int, *, begin: int = 0, clock: Callable[[], float] = time.perf_counter
) -> list[float]:
    """Microseconds of ask and tell together, for each trial; the first one has the number `begin`."""
    spent = []
    for number in range(begin, begin + trials):
        rng = np.random.default_rng([0, number])
        watch = clock()
        proposal = controller.ask(rng)
        asked = clock() - watch
        score = free_evaluator(proposal.architecture, epochs=None, seed=0)["val_acc"]
        assert isinstance(score, float)  # noqa: S101  for the type checker
        trial = Trial(number, proposal, trial_seed(0, number), {"val_acc": score}, (score,), 0.0, None, number)
        watch = clock()
        controller.tell(trial)
        spent.append(1e6 * (asked + clock() - watch))
    return spent


def loop_seconds(space: Space, trials: int, study: Study) -> float:
    """Milliseconds a trial of a whole search with random proposals."""
    begin = time.perf_counter()
    search(make("random", space, trials), free_evaluator, study, trials=trials)
    return 1e3 * (time.perf_counter() - begin) / trials


def optuna_loop(space: Space, trials: int, storage: str | None) -> float:
    """Milliseconds a trial of Optuna's TPE, asked and told one by one on the same space."""
    study = optuna.create_study(
        storage=storage, sampler=optuna.samplers.TPESampler(seed=0), direction="maximize", study_name="tpe"
    )
    begin = time.perf_counter()
    for _ in range(trials):
        trial = study.ask()

        def suggest(choice: Choice, trial: optuna.Trial = trial) -> Value:
            value: Value = trial.suggest_categorical(choice.name, space.universe[choice.name])
            # An option that the limit forbids here becomes the nearest legal one, as Optuna knows no such limits.
            return value if value in choice.options else choice.options[0]

        arch = space.walk(suggest)
        study.tell(trial, float(free_evaluator(arch, epochs=None, seed=0)["val_acc"]))  # type: ignore[arg-type]
    return 1e3 * (time.perf_counter() - begin) / trials


def on_disk(space: Space, trials: int, folder: Path) -> tuple[float, float]:
    """Milliseconds a trial of the loop on SQLite, and seconds to open what it wrote."""
    path = folder / "study.db"
    with OptunaStudy.open(path, name="s", space=space, objectives=[Objective("val_acc")], identity={}) as study:
        begin = time.perf_counter()
        search(make("random", space, trials), free_evaluator, study, trials=trials)
        each = 1e3 * (time.perf_counter() - begin) / trials
    begin = time.perf_counter()
    with OptunaStudy.open(path, name="s", space=space, objectives=[Objective("val_acc")], identity={}) as study:
        if len(study) != trials:
            raise RuntimeError(f"expected {trials} stored trials, got {len(study)}")
    return each, time.perf_counter() - begin


def repeated(repeats: int, **measures: Callable[[], float]) -> Mapping[str, list[float]]:
    """Each measure `repeats` times, in turns."""
    raw: dict[str, list[float]] = {name: [] for name in measures}
    for _ in range(repeats):
        for name, measure in measures.items():
            raw[name].append(measure())
    return raw


def main() -> None:
    """Measures, prints and writes the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=1000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--stored", type=int, default=10_000)
    parser.add_argument("--tpe-trials", type=int, default=200, help="Optuna's cost grows, so its share is shorter")
    options = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    limited = load_space(SPACE)
    spaces = {"limited": limited, "free": limited.without_limits()}
    controllers: dict[str, dict[str, object]] = {}
    for space_name, space in spaces.items():
        for name in CHEAP:
            raw, growth = [], []
            for _ in range(options.repeats):
                spent = ask_and_tell(make(name, space, options.trials), options.trials)
                raw.append(statistics.mean(spent))
                growth.append(statistics.median(spent[-WINDOW:]) / statistics.median(spent[WINDOW : 2 * WINDOW]))
            controllers[f"{name} ({space_name})"] = {
                "ask_and_tell_us": statistics.median(raw),
                "growth": statistics.median(growth),
                "raw_us": raw,
            }
    in_memory = repeated(
        options.repeats,
        ours=lambda: loop_seconds(limited, options.trials, MemoryStudy()),
        optuna_tpe=lambda: optuna_loop(limited, options.tpe_trials, None),
    )
    disk: dict[str, list[float]] = {"ours": [], "optuna_tpe": []}
    for _ in range(options.repeats):
        with tempfile.TemporaryDirectory() as folder:
            disk["ours"].append(on_disk(limited, options.tpe_trials, Path(folder))[0])
            disk["optuna_tpe"].append(optuna_loop(limited, options.tpe_trials, f"sqlite:///{folder}/optuna.db"))
    with tempfile.TemporaryDirectory() as folder:
        large_ms, large_open = on_disk(limited, options.stored, Path(folder))
    result = {
        "settings": vars(options),
        "controllers": controllers,
        "loop_in_memory_ms": {name: statistics.median(raw) for name, raw in in_memory.items()},
        "loop_in_memory_raw_ms": in_memory,
        "loop_on_sqlite_ms": {name: statistics.median(raw) for name, raw in disk.items()},
        "loop_on_sqlite_raw_ms": disk,
        "stored": {"trials": options.stored, "loop_ms": large_ms, "open_seconds": large_open},
    }
    for name, figures in controllers.items():
        print(f"{name:34} {figures['ask_and_tell_us']:8.0f} µs   ×{figures['growth']:.2f} from early to late trials")
    print("loop in memory, ms a trial:", {name: round(statistics.median(raw), 2) for name, raw in in_memory.items()})
    print("loop on SQLite, ms a trial:", {name: round(statistics.median(raw), 1) for name, raw in disk.items()})
    print(f"{options.stored:,} stored trials open in {large_open:.1f} s ({large_ms:.1f} ms a trial to write)")
    print(write_result("overhead", result))


if __name__ == "__main__":
    main()
