"""Distillation in the steps of a training: the loss of the task, and those of the kinds."""

import json
from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import partial

import torch
from torch import Tensor, nn

from nas.descent import Descent
from nas.distillation import Distill
from nas.distillation.answering import (
    anatomy_of,
    anatomy_over_time,
    check_outputs,
    features_of,
    gradients_along,
)
from nas.distillation.kind import OVER_TIME, Anatomy, Answers, Kind, Layers, Lesson, StudentBatch
from nas.errors import UsageError
from nas.model import Network
from nas.model.differentiable import differentiable
from nas.ops import Augment
from nas.settings import plain
from nas.space import Architecture
from nas.training.batch import Batch
from nas.training.drop_path import drop_branches
from nas.training.losses import Loss
from nas.training.optimizer import make_optimizer
from nas.training.recipe import Recipe
from nas.training.residence import Inputs
from nas.training.seeding import companion_seed, seeded
from nas.training.taught import Asked, Taught, joined, some
from nas.training.trainable import augment_for
from nas.training.unlabelled import Adding, UnlabelledPool, further_inputs
from nas.training.workbench import Workbench


@dataclass(frozen=True)
class Taken:
    """What a student takes over by one kind.

    Attributes:
        kind: the kind.
        layers: the names of the student's features.
        asked: what the teacher is asked.
        lesson: what the parts were made for.
        parts: what is trained or remembered beside the student; None: nothing.
    """

    kind: Kind
    layers: tuple[str, ...]
    asked: Asked
    lesson: Lesson
    parts: nn.Module | None


class Teaching:
    """What is distilled in a training.

    Args:
        bench: the data set, device and precision.
        network: the student, on the device.
        recipe: with something to distill.
        seed: of the training. What is made beside the student follows from it, and leaves torch's global generators as
            they are.

    Attributes:
        parts: what is trained or remembered beside the student; None: nothing.
        optimizer: of the parameters of that; None: it has none.

    Raises:
        UsageError: the teacher cannot take the inputs or has other outputs, or layers do not suit.
        IntegrityError, StorageError: a file is damaged or cannot be read.
    """

    def __init__(self, bench: Workbench, network: Network, recipe: Recipe, *, seed: int) -> None:
        distill = recipe.distill
        assert distill is not None  # noqa: S101  the caller has asked
        self._network, self._task_weight = network, distill.task_weight
        teacher = _teacher(bench, distill)
        self._taken = _taken(bench, network, recipe, distill, teacher, seed)
        beside = [one.parts for one in self._taken if one.parts is not None]
        self.parts = nn.ModuleList(beside).to(bench.device) if beside else None
        self.optimizer = _optimizer(self.parts, recipe)
        self._pool = None
        further = distill.unlabelled is not None and not distill.alone  # those are the samples of the bench
        if further and not all(kind.labelled for kind in distill.acting):
            self._pool = UnlabelledPool(further_inputs(bench, distill), bench.device, seed=seed)
        self._inputs = bench.train[0]
        self._differentiates = any(kind.differentiates for kind in distill.acting)
        self._unit = torch.as_tensor(bench.std, device=bench.device)
        self._plain = distill.view == "plain" or augment_for(network.arch, recipe) == Augment()
        self._taught = None
        if teacher is not None:
            asked = [one.asked for one in self._taken]
            self._taught = Taught(bench, teacher, asked, _identity(distill, asked))
            if self._plain:  # before the first step, which may be captured
                for inputs in (self._inputs, *([] if self._pool is None else [self._pool.inputs])):
                    self._taught.kept(inputs)

    def more(self, epoch: int, count: int) -> Adding | None:
        """What adds inputs without targets to the samples of an epoch; None: there are none."""
        return None if self._pool is None else self._pool.adding(epoch, count)

    def __call__(
        self, forward: Callable[[Tensor], Tensor], loss: Loss, batch: Batch, progress: float | Tensor
    ) -> Tensor:
        """The mean loss of a batch.

        Args:
            forward: the student as its steps run it.
            loss: that of the task.
            batch: the samples.
            progress: the fraction of all steps that have been taken, in [0, 1).
        """
        count = len(batch.samples)
        inputs = batch.inputs if batch.more is None else torch.cat([batch.inputs, batch.more])
        if self._differentiates:  # detached: the buffers of captured steps stay without gradients
            inputs = inputs.detach().float().requires_grad_()
        ready = differentiable(self._network) if self._differentiates else nullcontext()
        names = tuple(dict.fromkeys(name for one in self._taken for name in one.layers))
        with ready, features_of(self._network, names) as found:
            outputs = forward(inputs).float()
        features = found()
        shown = StudentBatch(
            inputs,
            batch.targets,
            batch.samples,
            loss=lambda found: self._task_weight * loss(found, batch.targets, batch.mixture()),
        )
        total = shown.loss(outputs[:count])
        taught = self._answers(batch, inputs)
        for place, one in enumerate(self._taken):
            kind = one.kind
            student = Answers(outputs, tuple(features[name] for name in one.layers))
            teacher = student if taught is None else taught[place]
            if kind.differentiates:
                directions = kind.along(teacher.outputs.detach(), one.lesson.task)
                along = gradients_along(outputs, inputs, directions, self._unit, keep=True)
                student = student._replace(gradients=along)
            if kind.labelled:
                student, teacher = some(student, slice(count)), some(teacher, slice(count))
            total = total + kind.weight_at(progress) * kind.loss(student, teacher, shown, one.parts, one.lesson)
        return total

    def _answers(self, batch: Batch, inputs: Tensor) -> Sequence[Answers] | None:
        """What the teacher answers to the samples of a batch, for each kind."""
        if self._taught is None:
            return None
        if not self._plain:
            return self._taught(inputs.detach())
        known = self._kept(self._inputs, batch.samples)
        if self._pool is None or batch.places is None:
            return known
        more = self._kept(self._pool.inputs, batch.places)
        return [joined(pair) for pair in zip(known, more, strict=True)]

    def _kept(self, inputs: Inputs, rows: Tensor) -> Sequence[Answers]:
        assert self._taught is not None  # noqa: S101  there is a teacher
        known = self._taught.kept(inputs)
        return self._taught(inputs[rows]) if known is None else [some(one, rows) for one in known]


def check_teaching(bench: Workbench, networks: Iterable[Architecture], recipe: Recipe) -> None:
    """Raises the errors of `Teaching`, if one of some networks cannot be taught as a recipe says."""
    if recipe.distill is None or not recipe.learns:
        return
    teacher = _teacher(bench, recipe.distill)
    with seeded(0, bench.device):
        for arch in networks:
            _taken(bench, bench.build(arch), recipe, recipe.distill, teacher, 0)


def _teacher(bench: Workbench, distill: Distill) -> nn.Module | None:
    """The teacher on the device; None: no kind needs one."""
    if distill.teacher is None or not any(kind.taught for kind in distill.acting):
        return None
    network = distill.teacher.network(bench.device)
    check_outputs(network, bench.train[0][:2], len(bench.task.outputs), bench.dtype)
    return network


def _check_compiled(kind: Kind, layers: Layers, recipe: Recipe, device: torch.device) -> None:
    """Raises UsageError if gradients would have to be differentiated of what torch compiled, or layers read: hooks that
    are set for one step are not called."""
    does = "differentiates gradients" if kind.differentiates else "reads layers" if layers else ""
    if does and recipe.compiles(device.type):
        raise UsageError(
            f"distill.by.{kind.name} {does}, which compiled networks do not allow; expected `compile: never`, got "
            f"{recipe.compile}"
        )


def _another(bench: Workbench, arch: Architecture, recipe: Recipe) -> Network:
    """A network as the student is, with other initial weights."""
    network = bench.build(arch)
    if recipe.drop_path:
        drop_branches(network, recipe.drop_path)
    return network


def _taken(
    bench: Workbench, network: Network, recipe: Recipe, distill: Distill, teacher: nn.Module | None, seed: int
) -> Sequence[Taken]:
    """What a network takes over by each kind."""
    few = bench.train[0][:2]
    another, padded = partial(_another, bench, network.arch, recipe), bench.data.input.tokens is not None
    lesson = Lesson(bench.task, len(bench.train[1]), another, padded=padded)
    seen = {}
    for timed in {kind.timed for kind in distill.acting}:
        look = anatomy_over_time if timed else anatomy_of
        seen[timed] = look(network, few), Anatomy({}) if teacher is None else look(teacher, few)
    found = []
    with torch.random.fork_rng([bench.device] if bench.device.type == "cuda" else []):
        torch.manual_seed(companion_seed(seed))
        for kind in distill.acting:
            (own, theirs), suffix = seen[kind.timed], OVER_TIME if kind.timed else ""
            pairs = _pairs(kind, own, theirs)
            _check_compiled(kind, pairs, recipe, bench.device)
            ours, asked = (tuple(pair[side] + suffix for pair in pairs) for side in (0, 1))
            shapes = [own[name] for name, _ in pairs], [theirs[name] for _, name in pairs]
            one = replace(lesson, student=shapes[0], teacher=shapes[1])
            found.append(Taken(kind, ours, Asked(kind, asked), one, kind.parts(one)))
    return found


def _pairs(kind: Kind, own: Anatomy, theirs: Anatomy) -> Layers:
    """The pairs of layers of a kind. Raises UsageError if one layer is in two of them."""
    found = kind.pairs(own, theirs)
    for whose, side in zip(("student", "teacher"), zip(*found, strict=True), strict=False):
        if twice := [name for name in side if side.count(name) > 1]:
            raise UsageError(f"distill.by.{kind.name}.layers: two layers are paired with {twice[0]!r} of the {whose}")
    return found


def _optimizer(parts: nn.Module | None, recipe: Recipe) -> Descent | None:
    """The optimizer of what is trained beside a network, as that of the network, but none of `muon`: that is made for
    hidden weights."""
    if parts is None or not any(True for _ in parts.parameters()):
        return None
    return make_optimizer(parts, replace(recipe, optimizer="adamw") if recipe.optimizer == "muon" else recipe)


def _identity(distill: Distill, asked: Sequence[Asked]) -> str:
    """What answers follow from besides the inputs."""
    teacher = "" if distill.teacher is None else distill.teacher.sha256
    return json.dumps([teacher, [[one.kind.name, plain(one.kind), one.layers] for one in asked]])
