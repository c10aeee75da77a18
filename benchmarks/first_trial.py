"""What a run costs before it trains: CPU seconds until its first trial begins, and what is not loaded for it.

    python benchmarks/first_trial.py [--repeats 5]

Each repeat is a process of its own with one thread, which runs `configs/digits.yaml` for one trial, without workers,
and then loads what trainings did without: the compiler of torch, which the first `torch.optim.Optimizer` of a process
loads, and `sklearn.metrics`. Written to benchmarks/results/first_trial.json with all raw values.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from record import write_result

CONFIG = Path(__file__).parents[1] / "configs" / "digits.yaml"
SETTINGS = ["workers=in_process", "budget.trials=1", "final.top=1", "final.epochs=1"]
CODE = """
import json, sys, time
from nas import load_config, run
from nas.events import TrialBegan, TrialEnded

def look(event):
    if isinstance(event, TrialBegan):
        spent["until the first trial began"] = time.process_time()
    elif isinstance(event, TrialEnded):
        spent["until it ended"] = time.process_time()
        import torch
        began = time.process_time()
        torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))])
        spent["not loaded: the compiler of torch"] = time.process_time() - began
        began = time.process_time()
        import sklearn.metrics
        spent["not loaded: sklearn.metrics"] = time.process_time() - began
        print(json.dumps(spent))

spent = {}
config, out, *settings = sys.argv[1:]
run(load_config(config, settings), out=out, on_event=look)
"""


def cpu_seconds() -> dict[str, float]:
    """CPU seconds of one process, by what they were spent for."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", CODE, str(CONFIG), f"{folder}/run", *SETTINGS]
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[0])
    return found


def main() -> None:
    """Measures, prints and writes the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    raw = [cpu_seconds() for _ in range(options.repeats)]
    medians = {name: statistics.median(one[name] for one in raw) for name in raw[0]}
    for name, value in medians.items():
        print(f"{name:36} {value:5.2f} CPU s")
    result = {"settings": {**vars(options), "overrides": SETTINGS}, "median_cpu_seconds": medians}
    print(write_result("first_trial", {**result, "raw_cpu_seconds": raw}))


if __name__ == "__main__":
    main()
