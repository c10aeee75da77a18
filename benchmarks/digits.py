"""Whether the main job keeps its promise: configs/digits.yaml from start to end, with several seeds.

    python benchmarks/digits.py [--seeds 3]

Each run searches, trains the best at full length and scores the chosen network on the 360 test digits once. Beside it,
in the same process: the best of as many uniformly random architectures, through the same end. Written to
benchmarks/results/digits.json with all raw values.
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path

from record import write_result

from nas import load_config, run

CONFIG = Path(__file__).parents[1] / "configs" / "digits.yaml"


def main() -> None:
    """Runs, prints and writes the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    runs: list[dict[str, object]] = []
    accuracies: dict[str, list[float]] = {"q_learning": [], "random": []}
    for seed in range(options.seeds):
        for name, overrides in (("q_learning", []), ("random", ["controller=random"])):
            with tempfile.TemporaryDirectory() as folder:
                begin = time.perf_counter()
                config = load_config(CONFIG, [f"seed={seed}", *overrides])
                result = run(config, out=Path(folder) / "run")
                seconds = time.perf_counter() - begin
            content = {"controller": name, "seed": seed, "run_seconds": seconds, **result.to_dict()}
            del content["folder"]
            runs.append(content)
            accuracies[name].append(float(str(content["test_acc"])))
            print(f"{name} seed {seed}: test_acc {content['test_acc']:.4f} in {seconds:.0f} s", flush=True)
    summary = {
        name: {"mean_test_acc": statistics.mean(values), "sd": statistics.stdev(values) if len(values) > 1 else 0.0}
        for name, values in accuracies.items()
    }
    print(summary)
    print(write_result("digits", {"settings": vars(options), "summary": summary, "runs": runs}))


if __name__ == "__main__":
    main()
