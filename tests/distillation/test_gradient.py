"""Gradients of students and teachers, held against formulas in NumPy, finite differences, and a known function."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from nas.data import Augment, Dataset, InputSpec, from_arrays
from nas.distillation import Distill, Gradient
from nas.distillation.answering import gradients_along
from nas.distillation.kind import Answers, Lesson
from nas.errors import UsageError
from nas.model import Network
from nas.model.differentiable import differentiable
from nas.space import parse_space
from nas.tasks import Classification, Multilabel, Regression
from nas.tasks.task import Task
from nas.training import Recipe
from nas.training.fit import fit
from nas.training.workbench import Workbench
from tests.distillation.lessons import IMAGES, shown
from tests.training.networks import arch_of

CLASSES = Classification(("a", "b", "c"))
VALUES = Regression(("a", "b", "c"), (1.0, 2.0, 3.0), (1.0, 4.0, 0.5))


def _compared(kind: Gradient, task: Task, networks: list[Any], inputs: Tensor, unit: Tensor) -> Tensor:
    """The loss of a student, the first network, in what its weights can be trained by."""
    with differentiable(nn.ModuleList(one for one in networks if isinstance(one, nn.Module))):
        answers = [network(inputs) for network in networks]
    along = kind.along(answers[1].detach(), task)
    own, theirs = (Answers(one, gradients=gradients_along(one, inputs, along, unit, keep=True)) for one in answers)
    theirs = theirs._replace(gradients=None if theirs.gradients is None else theirs.gradients.detach())
    lesson = Lesson(task, len(inputs), nn.Module)
    return kind.loss(own, theirs, shown(inputs, inputs), None, lesson)


@pytest.mark.parametrize(("task", "of"), [(CLASSES, "all"), (CLASSES, "answer"), (VALUES, "all")])
@pytest.mark.parametrize("distance", ["cosine", "squared"])
def test_it_is_the_formula(task: Task, of: Any, distance: Any) -> None:
    """Of V tanh(W x), whose Jacobian is V diag(1 - tanh²) W."""
    rng = np.random.default_rng(0)
    x, unit = rng.normal(size=(5, 4)), rng.uniform(0.5, 2, size=4)
    weights = [(rng.normal(size=(3, 6)), rng.normal(size=(6, 4))) for _ in range(2)]
    jacobians = []
    for v, w in weights:
        slope = 1 - np.tanh(x @ w.T) ** 2
        jacobian = np.einsum("kh,nh,hd->nkd", v, slope, w) * unit
        jacobians.append(
            jacobian - jacobian.mean(1, keepdims=True) if task is CLASSES else jacobian / [[1], [4], [0.5]]
        )
    if of == "answer":
        answer = (np.tanh(x @ weights[1][1].T) @ weights[1][0].T).argmax(1)
        jacobians = [one[np.arange(5), answer][:, None] for one in jacobians]
    own, theirs = jacobians
    norms = [np.linalg.norm(one, axis=2) for one in jacobians]
    expected = 1 - (own * theirs).sum(2) / norms[0] / norms[1] if distance == "cosine" else ((own - theirs) ** 2).sum(2)

    def network(place: int) -> Any:
        v, w = map(torch.tensor, weights[place])
        return lambda inputs: (inputs @ w.T).tanh() @ v.T

    inputs = torch.tensor(x, requires_grad=True)
    found = _compared(Gradient(of=of, distance=distance), task, [network(0), network(1)], inputs, torch.tensor(unit))
    np.testing.assert_allclose(found.item(), expected.mean(), rtol=1e-6)


def test_random_directions_follow_from_the_outputs_of_each_sample() -> None:
    """They are of length 1, of no direction in particular, and the same in another batch."""
    outputs = torch.randn(6, 4, generator=torch.Generator().manual_seed(0)).double()
    task = Classification(tuple("abcd"))
    found = Gradient(directions=500).along(outputs, task)
    assert found.shape == (500, 6, 4)
    torch.testing.assert_close(found.norm(dim=2), torch.ones(500, 6).double())
    torch.testing.assert_close(found.sum(dim=2), torch.zeros(500, 6).double())
    second = torch.einsum("pni,pnj->nij", found, found) / 500
    free = (torch.eye(4) - 1 / 4).double() / 3  # of the three dimensions in which they may lie
    torch.testing.assert_close(second, free.expand(6, 4, 4), atol=0.08, rtol=0)
    assert torch.equal(Gradient(directions=500).along(outputs[2:4], task), found[:, 2:4])
    assert (found[:, 0] - found[:, 1]).norm(dim=1).min() > 1e-3


def test_what_is_added_to_all_logits_does_not_count() -> None:
    """The probabilities stay as they are."""
    layer = nn.Linear(4, 3).double()
    inputs = torch.randn(7, 4, generator=torch.Generator().manual_seed(0)).double().requires_grad_()
    for of in ("random", "answer", "all"):
        kind = Gradient(of=of, distance="squared")
        moved = [lambda x: layer(x) + x.square().sum(1, keepdim=True), layer]
        assert _compared(kind, CLASSES, moved, inputs, torch.ones(4)) < 1e-12


CONV = "{conv: {width: 4}}, batch_norm, relu, {max_pool: {kernel: 2}}, {conv: {width: 4}}, relu, global_avg_pool"
SOUND = "{log_mel: {rate: 8000, mels: 8, window_ms: 8, hop_ms: 4, level: true}}, {conv: {width: 3}}, relu, flatten"


@pytest.mark.parametrize(
    ("shape", "layers"),
    [
        ((2, 6, 6), CONV),
        ((3, 5), "{lstm: {units: 4, output: last}}"),
        ((3, 5), "{gru: {units: 4, bidirectional: true}}, {lstm: {units: 3, mask: true}}, flatten"),
        ((4, 5), "{attention: {heads: 2}}, feed_forward, layer_norm, global_avg_pool"),
        ((1, 256), SOUND),
    ],
    ids=["images", "lstm", "gru", "attention", "sounds"],
)
def test_second_derivatives_are_those_of_finite_differences(shape: tuple[int, ...], layers: str) -> None:
    """Also for a sample that is all 0, and for relu, whose gradient jumps."""
    space = parse_space(f"layers: [{layers}, {{linear: {{units: outputs}}}}]", input=shape, outputs=3)
    torch.manual_seed(0)
    student, teacher = (Network(space.rebuild({})).double() for _ in range(2))
    teacher.eval()
    inputs = torch.randn(4, *shape).double()
    inputs[0] = 0
    inputs.requires_grad_()

    def loss() -> Tensor:
        return _compared(Gradient(of="all", distance="squared"), CLASSES, [student, teacher], inputs, torch.ones(()))

    torch.autograd.backward([loss()])
    assert torch.backends.cudnn.enabled
    slope = 0.0
    directions = [torch.randn_like(one) for one in student.parameters()]
    for parameter, direction in zip(student.parameters(), directions, strict=True):
        assert parameter.grad is None or torch.isfinite(parameter.grad).all()
        slope += 0.0 if parameter.grad is None else (parameter.grad * direction).sum().item()

    def moved(by: float) -> float:
        with torch.no_grad():
            for parameter, direction in zip(student.parameters(), directions, strict=True):
                parameter.add_(direction, alpha=by)
        return loss().item()

    step = 1e-6
    ahead, behind = moved(step), moved(-2 * step)
    assert slope != 0
    np.testing.assert_allclose((ahead - behind) / (2 * step), slope, rtol=1e-4)


class Known(nn.Module):
    """sin(2 a) cos(b) of the inputs (a, b)."""

    def forward(self, x: Tensor) -> Tensor:
        return ((2 * x[:, 0]).sin() * x[:, 1].cos())[:, None]


def test_a_student_learns_a_function_from_few_samples_and_its_gradients() -> None:
    """The teacher is the function itself, whose values the targets are."""
    rng = np.random.default_rng(0)
    inputs = rng.uniform(-1.5, 1.5, size=(224, 2)).astype(np.float32)
    targets = Known()(torch.tensor(inputs)).numpy()
    data = from_arrays(inputs[:24], targets[:24], val=(inputs[24:], targets[24:]))
    bench, arch = (
        Workbench(data, device="cpu"),
        arch_of("{linear: {units: 32}}, tanh, {linear: {units: 32}}, tanh, {linear: {units: outputs}}", data),
    )
    losses = []
    for by in ((), (Gradient(distance="squared"),)):
        distill = Distill(teacher=Known().eval(), by=by)
        recipe = Recipe(epochs=80, batch_size=24, lr=0.02, weight_decay=0, distill=distill)
        losses.append(fit(bench, arch, recipe, seed=0).curves["val_loss"][-1])
    assert losses[1] < losses[0] / 4


def test_inputs_that_are_no_numbers_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    data = IMAGES.data
    distill = Distill(teacher=Known().eval(), by=(Gradient(),))
    distill.check(data, Augment())
    for spec, named in (
        (InputSpec("text", (9,), tokens=20), "token indices"),
        (InputSpec("table", (9,), categories=(4,)), "codes of categories"),
    ):
        monkeypatch.setattr(Dataset, "input", spec)
        with pytest.raises(UsageError, match=rf"distill\.by\.gradient .* expected numbers, got {named}"):
            distill.check(data, Augment())


def test_settings_that_say_nothing_are_refused() -> None:
    with pytest.raises(UsageError, match=r"distill\.by\.gradient\.of: no value is the answer"):
        Gradient(of="answer").check(VALUES)
    for task in (CLASSES, Multilabel(("a", "b"))):
        Gradient(of="answer").check(task)
        with pytest.raises(UsageError, match=r"distill\.by\.gradient\.directions: .* expected 1 with `of: all`, got 3"):
            Gradient(of="all", directions=3).check(task)
