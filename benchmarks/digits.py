"""Whether the main job keeps its promise: configs/digits.yaml from start to end, with several seeds.

    python benchmarks/digits.py [--seeds 3]

Each run searches, trains the best at full length and scores the chosen network on the 360 test digits once. Written to
benchmarks/results/digits.json with all raw values.
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path

from nas import load_config, run
from record import write_result

CONFIG = Path(__file__).parents[1] / "configs" / "digits.yaml"


def main() -> None:
    """Runs, prints and writes the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    runs: list[dict[str, object]] = []
    accuracies: list[float] = []
    for seed in range(options.seeds):
        with tempfile.TemporaryDirectory() as folder:
            begin = time.perf_counter()
            result = run(load_config(CONFIG, [f"seed={seed}"]), out=Path(folder) / "run")
            seconds = time.perf_counter() - begin
        content = result.to_dict()
        del content["folder"]
        runs.append({"seed": seed, "run_seconds": seconds, **content})
        accuracies.append(content["test_acc"])
        print(f"seed {seed}: test_acc {content['test_acc']:.4f} in {seconds:.0f} s", flush=True)
    summary = {
        "mean_test_acc": statistics.mean(accuracies),
        "sd_test_acc": statistics.stdev(accuracies) if len(accuracies) > 1 else 0.0,
        "mean_run_seconds": statistics.mean(float(str(one["run_seconds"])) for one in runs),
    }
    print(summary)
    print(write_result("digits", {"settings": vars(options), "summary": summary, "runs": runs}))


if __name__ == "__main__":
    main()
