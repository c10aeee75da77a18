import numpy as np
import pytest
import torch
from torch import Tensor, nn

from nas.distillation import Decoupled
from nas.distillation.decoupled import divergences
from nas.distillation.kind import Answers, Lesson
from nas.errors import UsageError
from nas.tasks import Classification, Regression
from tests.distillation.lessons import shown


def _lesson(classes: int) -> Lesson:
    task = Classification(tuple(map(str, range(classes))))
    return Lesson(task, 60, nn.Module)


def _drawn(classes: int) -> tuple[Tensor, Tensor, Tensor]:
    rng = np.random.default_rng(classes)
    own, theirs = (torch.from_numpy(rng.normal(size=(7, classes)).astype(np.float32)) * 3 for _ in range(2))
    return own, theirs, torch.from_numpy(rng.integers(classes, size=7))


def _loss(kind: Decoupled, own: Tensor, theirs: Tensor, targets: Tensor) -> Tensor:
    batch = shown(own, targets)
    return kind.loss(Answers(own), Answers(theirs), batch, None, _lesson(own.shape[1]))


@pytest.mark.parametrize("temperature", [1.0, 4.0])
def test_it_is_the_formula_of_the_paper(temperature: float) -> None:
    own, theirs, targets = _drawn(5)
    found = 0.0
    for student, teacher, target in zip(own.numpy(), theirs.numpy(), targets.tolist(), strict=True):
        q, p = (np.exp(one / temperature) / np.exp(one / temperature).sum() for one in (student, teacher))
        rest = np.arange(5) != target
        tckd = p[target] * np.log(p[target] / q[target]) + (1 - p[target]) * np.log((1 - p[target]) / (1 - q[target]))
        qs, ps = q[rest] / q[rest].sum(), p[rest] / p[rest].sum()
        found += (2 * tckd + 3 * np.sum(ps * np.log(ps / qs))) * temperature**2 / len(own)
    kind = Decoupled(alpha=2, beta=3, temperature=temperature)
    np.testing.assert_allclose(_loss(kind, own, theirs, targets).item(), found, rtol=1e-5)


@pytest.mark.parametrize("classes", [2, 3, 10])
def test_its_terms_make_up_the_divergence_of_all_classes(classes: int) -> None:
    """KD = TCKD + (1 - p) NCKD."""
    own, theirs, targets = _drawn(classes)
    task = _lesson(classes).task
    tckd, nckd = divergences(task, own, theirs, targets, 2.0)
    known = (theirs / 2).softmax(dim=1).gather(1, targets[:, None])[:, 0]
    torch.testing.assert_close(tckd + (1 - known) * nckd, task.divergence(own, theirs, 2.0), rtol=1e-4, atol=1e-5)


def test_answers_that_are_sure_have_finite_gradients() -> None:
    own = (torch.tensor([[65504.0, -65504, 0], [-65504, 65504, 0], [0, 0, 0]])).requires_grad_()
    found = _loss(Decoupled(temperature=1), own, own.detach().flip(1), torch.tensor([0, 0, 2]))
    torch.autograd.backward([found])
    assert torch.isfinite(found)
    assert own.grad is not None
    assert torch.isfinite(own.grad).all()


def test_it_is_for_classes() -> None:
    with pytest.raises(UsageError, match=r"distill\.by\.decoupled: expected the task classification, got regression"):
        Decoupled().check(Regression(("y",), (0.0,), (1.0,)))
