"""What a training is taught is checked before it begins."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from nas.distillation import KINDS, Distill, Hints, Relational, Response
from nas.distillation.kind import Kind
from nas.distillation.pairing import Paired
from nas.errors import UsageError
from nas.evaluate import Train
from nas.training import Recipe
from nas.training.fit import fit
from nas.training.teaching import check_teaching
from nas.training.workbench import Workbench
from tests.distillation.lessons import IMAGES, SEQUENCES, same, teacher_of
from tests.training.networks import arch_of


class Log(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return (-x.square()).log()


FLAT = "flatten, {linear: {units: outputs}}"


def test_networks_that_cannot_be_taught_are_refused() -> None:
    archs = [IMAGES.arch, arch_of(FLAT, IMAGES.data)]
    recipe = IMAGES.recipe(Hints(layers={"conv1": "conv1"}))
    state = torch.get_rng_state()
    check_teaching(IMAGES.bench, archs[:1], recipe)
    assert torch.equal(torch.get_rng_state(), state)
    with pytest.raises(UsageError, match=r"distill\.by\.hints\.layers: the student has no features 'conv1'"):
        check_teaching(IMAGES.bench, archs, recipe)


def test_one_layer_is_in_one_pair() -> None:
    recipe = IMAGES.recipe(Relational(layers={"conv1": "conv1", "conv2": "conv1"}))
    with pytest.raises(UsageError, match=r"relational\.layers: two layers are paired with 'conv1' of the teacher"):
        check_teaching(IMAGES.bench, [IMAGES.arch], recipe)


@pytest.mark.parametrize("kind", KINDS.values())
def test_compiled_students_are_taught_by_their_outputs_alone(kind: type[Kind]) -> None:
    pair = SEQUENCES if kind.timed else IMAGES
    recipe = replace(pair.recipe(kind()), compile="always")
    if not (kind.differentiates or issubclass(kind, Paired)):
        check_teaching(pair.bench, [pair.arch], recipe)
        return
    with pytest.raises(UsageError, match=rf"distill\.by\.{kind.name} .*; expected `compile: never`, got always"):
        check_teaching(pair.bench, [pair.arch], recipe)


@pytest.mark.parametrize(
    ("module", "message"),
    [
        (nn.Linear(5, 3), r"cannot take inputs of the shape \(1, 8, 8\)"),
        (nn.Sequential(nn.Flatten(), nn.Linear(64, 4)), r"expected outputs of the shape \(2, 3\).*got \(2, 4\)"),
        (nn.Sequential(nn.Flatten(), nn.Linear(64, 3), Log()), "expected finite outputs, got nan"),
    ],
)
def test_the_evaluator_refuses_teachers_of_other_outputs(module: nn.Module, message: str) -> None:
    train = Train(IMAGES.data, Recipe(distill=Distill(module.eval())), device="cpu")
    with pytest.raises(UsageError, match=message):
        train.check([IMAGES.arch])


class Wide(nn.Module):
    """Takes float32 alone, as recurrent layers do where a CPU has no others."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if torch.is_autocast_enabled("cpu"):
            raise RuntimeError("could not create a primitive")
        return x.flatten(1)[:, :3]


def test_a_teacher_that_a_device_lacks_the_precision_for_is_refused() -> None:
    train = Train(IMAGES.data, Recipe(distill=Distill(Wide().eval())), device="cpu", precision="bfloat16")
    with pytest.raises(UsageError, match="the precision bfloat16 on this cpu device, only float32: RuntimeError: coul"):
        train.check([IMAGES.arch])


def test_the_evaluator_checks_layers() -> None:
    recipe = Recipe(distill=Distill(teacher_of(IMAGES), by=(Hints(layers={"conv1": "conv7"}),)))
    with pytest.raises(UsageError, match=r"did you mean 'conv"):
        Train(IMAGES.data, recipe, device="cpu").check([IMAGES.arch])


def test_targets_say_nothing_without_a_weight_of_the_task() -> None:
    """By a teacher alone, a student of wrong targets is that of right ones, bit for bit."""
    wrong = Workbench(IMAGES.data, device="cpu")
    inputs, targets = wrong.train
    wrong.train = inputs, (targets + 1) % 3
    for weight, equal in ((0.0, True), (0.5, False)):
        recipe = IMAGES.recipe(Response(), task_weight=weight)
        one, other = (fit(bench, IMAGES.arch, recipe, seed=0) for bench in (IMAGES.bench, wrong))
        assert same(one, other) == equal
