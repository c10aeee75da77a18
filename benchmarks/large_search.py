"""What the report and the explanation of a large search cost.

    python benchmarks/large_search.py [--trials 1000 10000] [--controllers bayesian_q q_learning] [--repeats 3]

A run folder is made as `nas search` makes it, on search_spaces/digits_cnn.yaml, and filled with trials: random
architectures whose score is a free function of their decisions. `nas explain --json` and `nas report` then run as
processes of their own. Seconds, and seconds of the processor, are medians over `repeats`. Written to
benchmarks/results/large_search.json with all raw values.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from nas import OptunaStudy, Space, Trial
from nas.driver.seeds import trial_seed
from nas.manifest import Manifest
from nas.runs.folder import STUDY
from nas.runs.prepare import for_data, load_run, prepare
from nas.runs.record import identity_of, record
from nas.trial import Proposal
from record import write_result

SPACE = Path(__file__).parents[1] / "search_spaces" / "digits_cnn.yaml"
COMMANDS = {"explain": ("explain", "--json"), "report": ("report",)}


def trials_of(space: Space, count: int) -> Sequence[Trial]:
    """Random trials, one in 50 of them failed; most decisions add something to the score, and 0.02 is noise."""
    rng = np.random.default_rng(0)
    worth = {name: rng.normal(size=len(options)) for name, options in space.universe.items()}
    found = []
    for number in range(count):
        arch = space.sample(rng)
        gain = sum(float(worth[name][space.universe[name].index(value)]) for name, value in arch.choices)
        score = float(1 / (1 + np.exp(-gain / len(arch.choices) ** 0.5)) + rng.normal(scale=0.02))
        failed = number % 50 == 49
        metrics = {} if failed else {"val_acc": score}
        scores = None if failed else (score,)
        error = "BUILD_ERROR: none" if failed else None
        found.append(Trial(number, Proposal(arch), trial_seed(0, number), metrics, scores, 1.5, error, number))
    return found


def make_run(folder: Path, controller: str, count: int) -> None:
    """The folder of a run that searched with a controller and has not selected a network yet."""
    run_file = folder.with_suffix(".yaml")
    document = {"name": "large", "space": str(SPACE), "data": "digits", "controller": controller}
    run_file.write_text(json.dumps({**document, "budget": {"trials": count + 1}}))
    config = load_run(run_file)
    data, space, evaluator, *_ = prepare(config)
    config = for_data(config, data)
    folder.mkdir()
    record(Manifest(folder), config, space, data, evaluator, device="cpu")
    identity = identity_of(config, space=space.fingerprint, data=data.fingerprint)
    opened = OptunaStudy.open(
        folder / STUDY, name=config.name, space=space, objectives=config.objectives, identity=identity, alone=True
    )
    with opened as study:
        for trial in trials_of(space, count):
            study.append(trial)


def measured(*command: str) -> tuple[float, float]:
    """Seconds, and seconds of the processor, of `nas` with some arguments."""
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([str(Path(sys.executable).with_name("nas")), *command], check=True, stdout=subprocess.DEVNULL)
    seconds, after = time.perf_counter() - begin, resource.getrusage(resource.RUSAGE_CHILDREN)
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Measures, prints and writes the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, nargs="+", default=[1000, 10_000])
    parser.add_argument("--controllers", nargs="+", default=["bayesian_q", "q_learning"])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="where the folders are made; a file system in memory is quickest")
    options = parser.parse_args()
    figures = []
    for controller in options.controllers:
        for count in options.trials:
            with tempfile.TemporaryDirectory(dir=options.folder) as temporary:
                folder = Path(temporary) / "run"
                make_run(folder, controller, count)
                for name, command in COMMANDS.items():
                    raw = [measured(*command, str(folder)) for _ in range(options.repeats)]
                    seconds, cpu = (statistics.median(column) for column in zip(*raw, strict=True))
                    print(f"{name:8} {controller:12} {count:6} trials: {seconds:6.1f} s, {cpu:6.1f} CPU-s", flush=True)
                    figures.append(
                        {
                            "command": name,
                            "controller": controller,
                            "trials": count,
                            "seconds": seconds,
                            "cpu_seconds": cpu,
                            "raw": [{"seconds": one, "cpu_seconds": other} for one, other in raw],
                        }
                    )
    settings = {**vars(options), "folder": str(options.folder or tempfile.gettempdir()), "seed": 0}
    print(write_result("large_search", {"settings": settings, "figures": figures}))


if __name__ == "__main__":
    main()
