"""Candidates an hour and images a second, against a plain PyTorch loop in a warm process and a process for each trial.

    python benchmarks/throughput.py [--data FOLDER] [--seeds 6]

The same networks (benchmarks/plain_loop.py), with the same initial weights, recipe and samples, are trained by each way
in turns; two seeds at a time are a pair, and all ways train a pair before the next one begins. What other programs do
to the machine thus hits all ways. Each ratio is the median of the ratios of the pairs, in seconds of the wall:

* `plain loop`: a DataLoader without workers, `torch.optim.AdamW`, one network after the other in one warm process with
  one thread; `with 2 threads`: with two.
* `process each`: the same loop as a script, in a process for each network.
* `in memory`: the plain loop with batches taken from tensors.
* `contiguous`: our training, in this process, with the plain loop's order of channels.
* `one`: our training in its own order of channels. `two workers`: two at once, in two worker processes.
* `packed`: two workers, each of which trains all seeds of a network by `fit_several`.

The levers are ratios of neighbours in this list: their product is the sum. A warm-up precedes each cell, and workers
have trained once. Ratios in seconds of CPUs are given as well (`cpu_`): other work on the machine changes them less,
and they leave out what two workers gain. That all ways reach the same accuracy is shown by the paired differences over
the seeds, with their 95 % confidence interval. Written to benchmarks/results/throughput.json with all raw values. See
benchmarks/images.py for the data.
"""

import argparse
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import stats

import plain_loop
from images import folder_of, images
from nas import Architecture, Dataset, Network, Recipe, parse_space
from nas.driver.executors.executor import Job
from nas.driver.executors.workers import Workers
from nas.training.device import threads
from nas.training.fit import fit
from nas.training.several import Member, fit_several
from nas.training.workbench import Workbench
from nas.trial import Metrics, Proposal
from plain_loop import Samples
from record import write_result

BATCH = 64
TRAIN, VAL = 1200, 400


def conv(width: int, stride: int = 1) -> str:
    """A convolution with batch norm and ReLU."""
    return f"{{conv: {{width: {width}, kernel: 3, stride: {stride}}}}}, batch_norm, relu"


def block(width: int, stride: int) -> str:
    """A block of a ResNet."""
    return f"{{basic_block: {{width: {width}, stride: {stride}}}}}"


POOL, HEAD = "{max_pool: {kernel: 2}}", "global_avg_pool, {linear: {units: outputs}}"
LAYERS = {
    "MLP": "flatten, {linear: {units: 64}}, relu, {linear: {units: 64}}, relu, {linear: {units: outputs}}",
    "CNN": f"{conv(16)}, {POOL}, {conv(32)}, {POOL}, {conv(32)}, {HEAD}",
    "ResNet-like": f"{conv(16, 2)}, {block(16, 1)}, {block(32, 2)}, {block(32, 1)}, {HEAD}",
}
EPOCHS = {"digits": {"MLP": 12, "CNN": 6, "ResNet-like": 4}, "Fashion-MNIST": {"MLP": 12, "CNN": 3, "ResNet-like": 3}}
EPOCHS["CIFAR-10"] = EPOCHS["Fashion-MNIST"]
LEVERS = (
    ("data in memory", "plain loop", "in memory"),
    ("lean step", "in memory", "contiguous"),
    ("channels last", "contiguous", "one"),
    ("two workers", "one", "two workers"),
    ("packing", "two workers", "packed"),
)
"""By name: how many times as fast the second way is as the first."""


class Contiguous(Workbench):
    """Trains with contiguous weights."""

    def build(self, arch: Architecture) -> Network:
        network = super().build(arch)
        network.to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
        return network


class Trained:
    """An evaluator that trains a network from `count` seeds at once: their accuracies, and the mean of them.

    A job's epochs are those of the recipe, and its seed is the first of the seeds.
    """

    def __init__(self, data: Dataset, count: int) -> None:
        self.data, self.count = data, count

    @cached_property
    def bench(self) -> Workbench:
        """The data set in this process."""
        return Workbench(self.data, device="cpu")

    def __call__(self, arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        recipe, members = Recipe(epochs=epochs or 1, batch_size=BATCH), [Member(seed + n) for n in range(self.count)]
        begin = time.process_time()
        fitted = fit_several(self.bench, arch, recipe, members)
        spent = time.process_time() - begin
        accuracies = tuple(one.curves["val_acc"][-1] for one in fitted)
        return {"val_acc": statistics.mean(accuracies), "val_acc_curve": accuracies, "cpu_seconds": spent}


class Cell:
    """A kind of networks on a data set, trained by each way.

    Args:
        data: the data set.
        kind: of the network.
        epochs: of its training.
        archive: the normalised samples for the processes of the plain loop.
        single, several: two workers that train a network from one seed, and from several.

    Attributes:
        seconds: by way, of the wall for a network, of each pair of seeds.
        cpu_seconds: likewise, of CPUs.
        accuracies: by way, of each seed.
    """

    def __init__(
        self, data: Dataset, kind: str, epochs: int, archive: Path, single: Workers, several: Workers, count: int
    ) -> None:
        self.kind, self.epochs, self.shape = kind, epochs, data.shape
        self.arch = parse_space(f"layers: [{LAYERS[kind]}]", input=data.shape, outputs=len(data.outputs)).rebuild({})
        self.archive, self.single, self.several, self.count = archive, single, several, count
        with np.load(archive) as arrays:
            self.parts = [
                Samples(*(torch.from_numpy(arrays[f"{part}_{what}"]) for what in ("inputs", "targets")))
                for part in ("train", "val")
            ]
        self.benches = {"one": Workbench(data, device="cpu"), "contiguous": Contiguous(data, device="cpu")}
        self.seconds: dict[str, list[float]] = {}
        self.cpu_seconds: dict[str, list[float]] = {}
        self.accuracies: dict[str, list[float]] = {}
        self._numbers = 0

    def warm_up(self) -> None:
        """Trains one epoch in this process by each way, which is not counted."""
        epochs, self.epochs = self.epochs, 1
        self._plain(plain_loop.train, 0)
        self._plain(plain_loop.train_in_memory, 0)
        for bench in self.benches:
            self._ours(bench, 0)
        self.epochs = epochs

    def pair(self, seeds: Sequence[int]) -> None:
        """Trains two seeds by each way; `with 2 threads` and `process each` train the first seed of the first pair."""
        first = seeds[:1]
        self._timed("plain loop", seeds, lambda seed: self._plain(plain_loop.train, seed))
        self._timed("in memory", seeds, lambda seed: self._plain(plain_loop.train_in_memory, seed))
        self._timed("contiguous", seeds, lambda seed: self._ours("contiguous", seed))
        self._timed("one", seeds, lambda seed: self._ours("one", seed))
        self._at_once("two workers", self.single, seeds, 1)
        if "process each" not in self.seconds:
            with threads(2):
                self._timed("with 2 threads", first, lambda seed: self._plain(plain_loop.train, seed))
            self._timed("process each", first, self._process)
        self._at_once("packed", self.several, [seeds[0] * self.count, seeds[1] * self.count], self.count)

    def _timed(self, way: str, seeds: Sequence[int], train: Callable[[int], float]) -> None:
        begin, spent = time.perf_counter(), cpu_seconds()
        found = [train(seed) for seed in seeds]
        self._note(way, time.perf_counter() - begin, cpu_seconds() - spent, len(seeds), found)

    def _at_once(self, way: str, workers: Workers, seeds: Sequence[int], count: int) -> None:
        """Jobs at once, each of which trains from `count` seeds."""
        begin = time.perf_counter()
        for seed in seeds:
            self._numbers += 1
            workers.submit(Job(self._numbers, Proposal(self.arch, epochs=self.epochs), seed))
        outcomes: dict[int, Any] = {}
        while len(outcomes) < len(seeds):
            outcomes |= {one.job.seed: one.outcome for one in workers.next()}
        found = [accuracy for seed in seeds for accuracy in outcomes[seed]["val_acc_curve"]]
        spent = sum(float(one["cpu_seconds"]) for one in outcomes.values())
        self._note(way, time.perf_counter() - begin, spent, len(seeds) * count, found)

    def _note(self, way: str, seconds: float, spent: float, candidates: int, accuracies: Sequence[float]) -> None:
        self.seconds.setdefault(way, []).append(seconds / candidates)
        self.cpu_seconds.setdefault(way, []).append(spent / candidates)
        self.accuracies.setdefault(way, []).extend(accuracies)

    def _plain(self, train: Callable[..., float], seed: int) -> float:
        network = plain_loop.made(self.kind, self.shape, seed)
        return train(network, *self.parts, epochs=self.epochs, batch_size=BATCH, seed=seed)

    def _ours(self, bench: str, seed: int) -> float:
        fitted = fit(self.benches[bench], self.arch, Recipe(epochs=self.epochs, batch_size=BATCH), seed=seed)
        return fitted.curves["val_acc"][-1]

    def _process(self, seed: int) -> float:
        settings = map(str, (self.epochs, BATCH, seed))
        command = [sys.executable, plain_loop.__file__, str(self.archive), self.kind, *settings]
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        return float(subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout)


@contextmanager
def at_work(data: Dataset, count: int, arch: Architecture) -> Iterator[Workers]:
    """Two workers that train from `count` seeds at once, and have each trained once."""
    with Workers(Trained(data, count), 2) as workers:
        for number in range(2):
            workers.submit(Job(-1 - number, Proposal(arch, epochs=1), 0))
        done = 0
        while done < 2:
            done += len(workers.next())
        yield workers


def archive_of(data: Dataset, folder: Path) -> Path:
    """The normalised samples of a data set, for the plain loop."""
    path = folder / f"{data.name}.npz"
    arrays: dict[str, NDArray[Any]] = {}
    for part, samples in (("train", data.train), ("val", data.val)):
        arrays[f"{part}_inputs"] = ((samples.inputs.astype(np.float32) - data.mean) / data.std).astype(np.float32)
        arrays[f"{part}_targets"] = samples.targets.astype(np.int64)
    np.savez(path, allow_pickle=False, **arrays)
    return path


def same_start(cell: Cell) -> float:
    """How far the outputs of the two untrained networks are apart; raises RuntimeError if they are not the same."""
    with torch.random.fork_rng():
        theirs = plain_loop.made(cell.kind, cell.shape, 0).eval()
        torch.manual_seed(0)
        ours = cell.benches["contiguous"].build(cell.arch).eval()
    with torch.no_grad():
        inputs = cell.benches["one"].val[0][:100]
        apart = float((theirs(cell.parts[1].inputs[:100]) - ours(inputs)).abs().max().item())
    if not apart < 1e-3:
        raise RuntimeError(f"{cell.kind}: the networks begin {apart} apart")
    return apart


def cpu_seconds() -> float:
    """CPU seconds of this process and of those that it has waited for."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def differences(one: Sequence[float], other: Sequence[float]) -> dict[str, float]:
    """The mean of paired differences, with half the width of its 95 % confidence interval."""
    apart = [a - b for a, b in zip(one, other, strict=True)]
    half = float(stats.t.ppf(0.975, len(apart) - 1)) * statistics.stdev(apart) / math.sqrt(len(apart))
    return {"mean": statistics.mean(apart), "half_width": half}


def result_of(cell: Cell, samples: int) -> dict[str, object]:
    """What a cell has measured."""
    seconds = {way: statistics.median(each) for way, each in cell.seconds.items()}

    def ratio(slow: str, fast: str, by: Mapping[str, Sequence[float]] = cell.seconds) -> float:
        return statistics.median(one / other for one, other in zip(by[slow], by[fast], strict=False))

    ways = [way for way in seconds if way not in ("plain loop", "process each")]
    return {
        "epochs": cell.epochs,
        "candidates_an_hour": {way: 3600 / each for way, each in seconds.items()},
        "images_a_second": {way: cell.epochs * samples / each for way, each in seconds.items()},
        "times_the_plain_loop": {way: ratio("plain loop", way) for way in ways},
        "times_a_process_each": {way: ratio("process each", way) for way in ("plain loop", *ways)},
        "levers": {name: ratio(slow, fast) for name, slow, fast in LEVERS},
        "cpu_times_the_plain_loop": {way: ratio("plain loop", way, cell.cpu_seconds) for way in ways},
        "cpu_times_a_process_each": {
            way: ratio("process each", way, cell.cpu_seconds) for way in ("plain loop", *ways)
        },
        "cpu_levers": {name: ratio(slow, fast, cell.cpu_seconds) for name, slow, fast in LEVERS},
        "mean_accuracy": {way: statistics.mean(each) for way, each in cell.accuracies.items()},
        "accuracy_against_the_plain_loop": {
            way: differences(cell.accuracies[way], cell.accuracies["plain loop"]) for way in ("one", "two workers")
        },
        "raw_seconds_a_candidate": cell.seconds,
        "raw_cpu_seconds_a_candidate": cell.cpu_seconds,
        "raw_accuracies": cell.accuracies,
    }


def shown(name: str, found: Mapping[str, Any]) -> str:
    """A cell in a line."""
    times, against = found["times_the_plain_loop"], found["accuracy_against_the_plain_loop"]["one"]
    each = found["times_a_process_each"]
    parts = [f"{way} {times[way]:.2f} x" for way in ("one", "two workers", "packed")]
    parts += [f"{way} {each[way]:.1f} x a process each" for way in ("two workers", "packed")]
    return f"{name:28} {', '.join(parts)}; {100 * against['mean']:+.2f} ± {100 * against['half_width']:.2f} points"


def main() -> None:
    """Measures, prints and writes the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="the folder with the images")
    parser.add_argument("--seeds", type=int, default=6, help="even, 6 or more: so many networks of each kind")
    parser.add_argument("--only", help="one data set, and nothing is written")
    options = parser.parse_args()
    if options.seeds < 2 or options.seeds % 2:
        parser.error(f"--seeds is an even number of 2 or more, got {options.seeds}")
    folder, load = folder_of(options.data), os.getloadavg()[0]
    torch.set_num_threads(1)
    begin, cells = time.perf_counter(), {}
    with tempfile.TemporaryDirectory() as temporary:
        for source in EPOCHS if options.only is None else [options.only]:
            data = images(source, folder, train=TRAIN, val=VAL)
            archive = archive_of(data, Path(temporary))
            arch = parse_space(f"layers: [{LAYERS['MLP']}]", input=data.shape, outputs=10).rebuild({})
            with at_work(data, 1, arch) as single, at_work(data, options.seeds, arch) as several:
                for kind in LAYERS:
                    cell = Cell(data, kind, EPOCHS[source][kind], archive, single, several, options.seeds)
                    same_start(cell)
                    cell.warm_up()
                    for seed in range(0, options.seeds, 2):
                        cell.pair([seed, seed + 1])
                    cells[f"{source}: {kind}"] = result_of(cell, len(data.train))
                    print(shown(f"{source}: {kind}", cells[f"{source}: {kind}"]), flush=True)
    settings = {"seeds": options.seeds, "batch_size": BATCH, "train": TRAIN, "val": VAL, "load_average_before": load}
    result = {"settings": settings, "minutes": (time.perf_counter() - begin) / 60, "cells": cells}
    if options.only is None:
        print(write_result("throughput", result))


if __name__ == "__main__":
    main()
