"""The trainings of `distillation.py`: of the teachers, of the student, and what is chosen by them."""

import json
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache, cached_property
from itertools import pairwise
from pathlib import Path

import numpy as np
from safetensors.torch import save

from distillation_problems import PROBLEMS, Drawn, Layers, drawn
from distillation_ways import Way, ways_of
from nas import Architecture, Dataset, Network, parse_space
from nas.files import read_bytes, write_bytes
from nas.final.networks import network_with, stored_form
from nas.training.fit import fit, training_key
from nas.training.workbench import Workbench

EPOCHS = (6, 12, 24, 48, 96, 192)
LEAST_GAIN = 0.005
"""The validation accuracy that twice the epochs have to gain, for `alone` to have them."""

Cell = Mapping[str, float]
"""`val` and `test`: accuracies; `seconds`: of the processor, for the training."""


class Cells:
    """The cells of one problem.

    Args:
        name: of the problem.
        folder: of the data.
        kept: the folder where cells and teachers are kept. Those of a problem that was changed are to be removed.
    """

    def __init__(self, name: str, folder: Path, kept: Path) -> None:
        self.name, self.problem, self._folder, self._kept = name, PROBLEMS[name], folder, kept
        kept.mkdir(parents=True, exist_ok=True)
        self._file = kept / f"{name}.jsonl"
        lines = self._file.read_text(encoding="utf-8").splitlines() if self._file.exists() else []
        self._known: dict[str, Cell] = dict(json.loads(line) for line in lines)

    @cached_property
    def ways(self) -> Mapping[str, Way]:
        """What is compared."""
        return ways_of(self.problem)

    @cache  # noqa: B019  one object for each problem
    def samples(self, seed: int) -> Drawn:
        """The samples of a seed."""
        return drawn(self.problem, self._folder, seed)

    @cache  # noqa: B019
    def teacher(self, name: str, seed: int) -> Network:
        """The network that knows the labels of the student (`same`), or all (`more`)."""
        samples, problem = self.samples(seed), self.problem
        data = samples.known if name == "more" else samples.data
        bench, arch = Workbench(data, device="cpu"), arch_of(problem.teacher, data)
        epochs = math.ceil(problem.teacher_steps / math.ceil(len(data.train) / problem.recipe.batch_size))
        recipe = replace(problem.recipe, epochs=epochs)
        path = self._kept / f"{training_key(bench, arch, recipe, seed)}.safetensors"
        if not path.exists():
            network = stored_form(fit(bench, arch, recipe, seed=seed).network)
            write_bytes(path, save(network.state_dict()))
        return network_with(read_bytes(path), arch, data)

    def cell(self, way: str, seed: int, value: float, epochs: int) -> Cell:
        """What the student reaches with a value of the setting of a way, if `alone` has so many epochs."""
        one = self.ways[way]
        key = f"{one.trained(value, epochs)} | {seed}"
        if key not in self._known:
            samples = self.samples(seed)
            bench = Workbench(samples.data, device="cpu")
            plain = replace(self.problem.recipe, epochs=epochs)
            teachers = {one.teacher: self.teacher(one.teacher, seed)} if one.kinds else {}
            recipe = one.recipe(plain, value, samples, teachers)
            begin = time.process_time()
            network = fit(bench, arch_of(self.problem.student, samples.data), recipe, seed=seed).network
            self._keep(key, bench, network, time.process_time() - begin)
        return self._known[key]

    def teacher_cell(self, name: str, seed: int) -> Cell:
        """What a teacher reaches."""
        key = f"teacher {name} | {seed}"
        if key not in self._known:
            bench = Workbench(self.samples(seed).data, device="cpu")
            self._keep(key, bench, self.teacher(name, seed), 0.0)
        return self._known[key]

    def _keep(self, key: str, bench: Workbench, network: Network, seconds: float) -> None:
        val = bench.score(network, *bench.val)["val_acc"]
        test = bench.score_samples(network, bench.data.parts["test"], "test")["test_acc"]
        self._known[key] = {"val": val, "test": test, "seconds": seconds}
        with self._file.open("a", encoding="utf-8") as file:
            file.write(json.dumps([key, self._known[key]]) + "\n")
        print(f"{self.name} | {key}: {val:.2%} {test:.2%} {seconds:.1f} s", flush=True)

    def validated(self, way: str, seeds: Sequence[int], value: float, epochs: int) -> float:
        """The mean validation accuracy of some seeds."""
        return float(np.mean([self.cell(way, seed, value, epochs)["val"] for seed in seeds]))

    def epochs(self, seeds: Sequence[int]) -> Mapping[int, float]:
        """The validation accuracies of `alone` by epochs, up to the first ones that gain less than `LEAST_GAIN`."""
        reached: dict[int, float] = {}
        for epochs in EPOCHS:
            reached[epochs] = self.validated("alone", seeds, 1, epochs)
            if converged(reached) < epochs:
                break
        return reached

    def best(self, way: str, seeds: Sequence[int], epochs: int) -> float:
        """The value of the setting of a way with the best validation accuracy. Tried are three in the middle of its
        ladder, and the next one while the best is at an end; of equals, the one nearest to the middle is chosen."""
        ladder = self.ways[way].ladder
        if len(ladder) == 1:
            return ladder[0]
        low = max(0, (len(ladder) - 3) // 2)
        high = min(len(ladder), low + 3)
        middle = (low + high - 1) / 2
        while True:
            places = sorted(range(low, high), key=lambda place: abs(place - middle))
            best = max(places, key=lambda place: self.validated(way, seeds, ladder[place], epochs))
            if best == low > 0:
                low -= 1
            elif best == high - 1 < len(ladder) - 1:
                high += 1
            else:
                return ladder[best]


def converged(reached: Mapping[int, float]) -> int:
    """The fewest epochs beyond which the next ones gain less than `LEAST_GAIN`; the most, if all gain more."""
    pairs = pairwise(reached.items())
    return next((epochs for (epochs, low), (_, high) in pairs if high < low + LEAST_GAIN), max(reached))


def arch_of(layers: Layers, data: Dataset) -> Architecture:
    """The network of some layers for a data set."""
    tokens = "" if data.input.tokens is None else f"tokens: {data.input.tokens}\n"
    return parse_space(f"{tokens}layers: [{layers}]", input=data.shape, outputs=len(data.outputs)).rebuild({})
