"""Why configs/digits.yaml sets `threads: 1`: the same run with one and two threads, alone and beside a busy core.

    python benchmarks/threads.py [--repeats 3]

Pairs of short runs, in turns, each in a process of its own; beside them nothing, or a loop that keeps one core busy.
Written to benchmarks/results/threads.json with all raw values.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from record import write_result

CONFIG = Path(__file__).parents[1] / "configs" / "digits.yaml"
SHORT = ("budget.trials=10", "final.epochs=2", "final.top=1")


def seconds(threads: int) -> float:
    """How long a short run takes, start of the process included."""
    command = [sys.executable, "-m", "nas.cli", "search", str(CONFIG), *SHORT, f"threads={threads}", "--quiet"]
    with tempfile.TemporaryDirectory() as folder:
        begin = time.perf_counter()
        subprocess.run([*command, "--out", f"{folder}/run"], check=True, stdout=subprocess.DEVNULL)
        return time.perf_counter() - begin


def main() -> None:
    """Measures, prints and writes the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    raw: dict[str, list[float]] = {}
    for _ in range(options.repeats):
        for beside in ("alone", "beside a busy core"):
            busy = None if beside == "alone" else subprocess.Popen([sys.executable, "-c", "while True: pass"])
            for threads in (1, 2):
                raw.setdefault(f"{threads} threads, {beside}", []).append(seconds(threads))
            if busy is not None:
                busy.kill()
                busy.wait()
    medians = {name: statistics.median(values) for name, values in raw.items()}
    ratios = {
        beside: medians[f"2 threads, {beside}"] / medians[f"1 threads, {beside}"]
        for beside in ("alone", "beside a busy core")
    }
    for name, value in medians.items():
        print(f"{name:32} {value:6.1f} s")
    print("two threads against one:", {name: round(ratio, 2) for name, ratio in ratios.items()})
    result = {"settings": vars(options), "cores": os.cpu_count(), "median_seconds": medians, "ratio_2_to_1": ratios}
    print(write_result("threads", {**result, "raw_seconds": raw}))


if __name__ == "__main__":
    main()
