"""Small data, students and teachers for the tests of kinds."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from torch import Tensor, nn

from nas.data import Dataset, from_arrays
from nas.distillation import Distill
from nas.distillation.kind import Answers, Kind, Lesson, StudentBatch
from nas.model import Network
from nas.space import Architecture
from nas.tasks import Classification
from nas.training import Recipe
from nas.training.fit import Fitted, fit
from nas.training.workbench import Workbench
from tests.training.networks import arch_of


@dataclass(frozen=True)
class Pair:
    """Data, and the layers of two networks for them.

    Attributes:
        shape: of a sample.
        student, teacher: their layers.
    """

    shape: tuple[int, ...]
    student: str
    teacher: str

    @property
    def data(self) -> Dataset:
        """60 samples of three classes, whose means differ."""
        return data_of(self.shape)

    @property
    def bench(self) -> Workbench:
        """The data on the CPU."""
        return bench_of(self.shape)

    @property
    def arch(self) -> Architecture:
        """The architecture of the student."""
        return arch_of(self.student, self.data)

    def taught(self, *kinds: Kind, epochs: int = 2, **settings: object) -> Fitted:
        """The student after a distilled training; settings are those of `Distill`."""
        return fit(self.bench, self.arch, self.recipe(*kinds, epochs=epochs, **settings), seed=0)

    def recipe(self, *kinds: Kind, epochs: int = 2, **settings: object) -> Recipe:
        """The recipe of that training."""
        given = {"teacher": teacher_of(self), **settings}
        return Recipe(epochs=epochs, batch_size=16, distill=Distill(by=kinds, **given))  # type: ignore[arg-type]

    @property
    def plain(self) -> Fitted:
        """The student after a training without a teacher."""
        return fit(self.bench, self.arch, Recipe(epochs=2, batch_size=16), seed=0)


IMAGES = Pair(
    (1, 8, 8),
    "{conv: {width: 4}}, relu, {max_pool: {kernel: 2}}, {conv: {width: 4}}, relu, {dropout: {p: 0.1}}, flatten, "
    "{linear: {units: outputs}}",
    "{conv: {width: 8}}, batch_norm, relu, {max_pool: {kernel: 2}}, {conv: {width: 6}}, relu, global_avg_pool, "
    "{linear: {units: 8}}, relu, {linear: {units: outputs}}",
)
SEQUENCES = Pair(
    (2, 12),
    "{conv: {width: 4}}, relu, {gru: {units: 4, output: last}}, {linear: {units: outputs}}",
    "{lstm: {units: 6}}, {lstm: {units: 6, output: last}}, {linear: {units: outputs}}",
)
PAIRS: Mapping[str, Pair] = {"images": IMAGES, "sequences": SEQUENCES}


@cache
def data_of(shape: tuple[int, ...]) -> Dataset:
    rng = np.random.default_rng(0)
    labels = np.arange(60) % 3
    centres = rng.normal(size=(3, *shape))[labels]
    return from_arrays((centres + rng.normal(size=(60, *shape))).astype(np.float32), labels)


@cache
def bench_of(shape: tuple[int, ...]) -> Workbench:
    return Workbench(data_of(shape), device="cpu")


@cache
def teacher_of(pair: Pair) -> Network:
    network = fit(pair.bench, arch_of(pair.teacher, pair.data), Recipe(epochs=6, batch_size=16), seed=1).network
    network.zero_grad()
    return network


def shown(inputs: Tensor, targets: Tensor, loss: Callable[[Tensor], Tensor] = torch.sum) -> StudentBatch:
    """A batch of samples, of which the first have targets."""
    return StudentBatch(inputs, targets, torch.arange(len(targets)), loss)


def lesson_of(own: Sequence[Tensor], theirs: Sequence[Tensor]) -> Lesson:
    """Of ten classes and 60 training samples, for features of these shapes."""
    student, teacher = ([tuple(one.shape[1:]) for one in side] for side in (own, theirs))
    return Lesson(Classification(tuple("abcdefghij")), 60, nn.Module, student, teacher)


def loss_of(
    kind: Kind,
    own: Sequence[Tensor],
    theirs: Sequence[Tensor],
    *,
    targets: Tensor | None = None,
    parts: nn.Module | None = None,
) -> Tensor:
    """The loss of some features, of samples of class 0 unless targets are given; without parts, of those it makes."""
    lesson, count = lesson_of(own, theirs), len(own[0])
    if parts is None:
        torch.manual_seed(0)
        parts = kind.parts(lesson)
    outputs = torch.zeros(count, 10)
    batch = shown(outputs, torch.zeros(count, dtype=torch.int64) if targets is None else targets)
    return kind.loss(Answers(outputs, tuple(own)), Answers(outputs, tuple(theirs)), batch, parts, lesson)


def drawn(*shape: int, seed: int = 0) -> Tensor:
    """Standard normal numbers."""
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def same(one: Fitted, other: Fitted) -> bool:
    """Whether two networks have the same weights, bit for bit."""
    first, second = one.network.state_dict(), other.network.state_dict()
    return first.keys() == second.keys() and all(torch.equal(first[name], second[name]) for name in first)
