"""Reading tables, and a multilayer perceptron on them beside gradient boosting.

Reads 1,000,000 numbers of a CSV file. Then trains one network of `tabular_mlp` with the defaults of the source `table`,
which infers all it needs, and scikit-learn's `HistGradientBoosting` with its defaults on the same prepared inputs. Both
are held against the same test part, by accuracy or root mean squared error; the network is the one after the epoch that
is best on the validation part. Nothing is tuned.

The tables are `tabular/{adult,letter,california_housing}.csv.gz` in the folder `--data`, or in that of the environment
variable ARCHWRIGHT_TEST_DATA, with the target in the last column.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

from nas import Dataset, Recipe, Samples, load_data, load_space
from nas.data.reading import read_columns
from nas.space.choice import Value
from nas.training.fit import fit
from nas.training.workbench import Workbench
from record import write_result

TABLES = ("adult", "letter", "california_housing")
DECISIONS: Mapping[str, Value] = {
    "first.block.units": 256,
    "rate": 0.1,
    "middle.repeat": 2,
    "middle.0.block.units": 256,
    "last": "identity",
}
RECIPE = Recipe(epochs=30, batch_size=256, lr=0.002)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", default=os.environ.get("ARCHWRIGHT_TEST_DATA"), help="folder with tabular/*.csv.gz")
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    if not options.data or not (Path(options.data) / "tabular").is_dir():
        raise SystemExit("--data or ARCHWRIGHT_TEST_DATA must name a folder with tabular/*.csv.gz")
    torch.set_num_threads(1)
    result: dict[str, object] = {"reading": reading(5), "recipe": str(RECIPE), "decisions": dict(DECISIONS)}
    for name in TABLES:
        path = Path(options.data) / "tabular" / f"{name}.csv.gz"
        result[name] = compared(path, range(options.seeds))
        print(name, result[name], flush=True)
    write_result("tables", result)


def reading(repeats: int) -> Mapping[str, object]:
    """Processor time to read 50,000 rows of 20 numbers."""
    numbers = np.random.default_rng(0).standard_normal((50_000, 20))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "numbers.csv"
        np.savetxt(path, numbers, "%.6g", ",", header=",".join(f"column{place}" for place in range(20)), comments="")
        seconds = []
        for _ in range(repeats):
            began = time.process_time()
            read_columns(path)
            seconds.append(time.process_time() - began)
    return {"cells": numbers.size, "cpu_seconds": seconds, "median": statistics.median(seconds)}


def compared(path: Path, seeds: Sequence[int]) -> Mapping[str, object]:
    """The measure of the test part for networks and for gradient boosting, and their differences by seed."""
    began = time.process_time()
    data = load_data("table", path=path)
    loading = time.process_time() - began
    network, boosting = zip(*((of_network(data, seed), of_boosting(data, seed)) for seed in seeds), strict=True)
    return {
        "rows": [len(data.train), len(data.val), len(tested(data))],
        "numbers": data.input.numbers,
        "categories": len(data.input.categories),
        "loading_cpu_seconds": loading,
        "measure": "rmse" if data.task.name == "regression" else "accuracy",
        "network": [one[0] for one in network],
        "boosting": [one[0] for one in boosting],
        "difference": [one[0] - other[0] for one, other in zip(network, boosting, strict=True)],
        "network_cpu_seconds": [one[1] for one in network],
        "boosting_cpu_seconds": [one[1] for one in boosting],
    }


def of_network(data: Dataset, seed: int) -> tuple[float, float]:
    """The measure of a network after its best epoch, and the processor time of its training."""
    arch = load_space("tabular_mlp", data=data).walk(lambda choice: DECISIONS[choice.name])
    bench = Workbench(data, device="cpu")
    began = time.process_time()
    whole = fit(bench, arch, RECIPE, seed=seed)
    seconds = time.process_time() - began
    name = data.task.objective.metric
    curve = whole.curves[name]
    best = 1 + int(np.argmax(curve) if data.task.objective.direction == "maximize" else np.argmin(curve))
    network = fit(bench, arch, RECIPE, seed=seed, epochs=best).network.eval()
    with torch.no_grad():
        outputs = network(torch.from_numpy(tested(data).inputs))
    predicted = outputs.argmax(dim=1) if data.task.name == "classification" else outputs[:, 0]
    return measured(data, predicted.numpy()), seconds


def of_boosting(data: Dataset, seed: int) -> tuple[float, float]:
    """The measure of gradient boosting, and the processor time of its training."""
    features = data.shape[0]
    codes = [*range(features - len(data.input.categories), features)]
    kind = HistGradientBoostingRegressor if data.task.name == "regression" else HistGradientBoostingClassifier
    began = time.process_time()
    model = kind(categorical_features=codes or None, random_state=seed).fit(
        data.train.inputs, data.train.targets.ravel()
    )
    seconds = time.process_time() - began
    return measured(data, model.predict(tested(data).inputs)), seconds


def tested(data: Dataset) -> Samples:
    """The test part, which all of these tables have."""
    return data.val if data.test is None else data.test


def measured(data: Dataset, predicted: np.ndarray) -> float:
    """Accuracy, or root mean squared error, on the test part."""
    targets = tested(data).targets.ravel()
    if data.task.name == "regression":
        return float(np.sqrt(np.mean((predicted - targets) ** 2)))
    return float(np.mean(predicted == targets))


if __name__ == "__main__":
    main()
