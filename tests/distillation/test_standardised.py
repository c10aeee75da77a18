import numpy as np
import pytest
import torch
from torch import Tensor, nn

from nas.distillation import Standardised
from nas.distillation.kind import Answers, Lesson
from nas.errors import UsageError
from nas.tasks import Classification
from tests.distillation.lessons import shown

LESSON = Lesson(Classification(tuple("abcde")), 60, nn.Module)


def _loss(own: Tensor, theirs: Tensor) -> Tensor:
    batch = shown(own, torch.zeros(len(own)))
    return Standardised().loss(Answers(own), Answers(theirs), batch, None, LESSON)


def test_it_is_the_formula_of_the_paper() -> None:
    rng = np.random.default_rng(0)
    own, theirs = rng.normal(size=(2, 6, 5)) * 4
    sides = [(one - one.mean(1, keepdims=True)) / one.std(1, keepdims=True) / 2 for one in (own, theirs)]
    q, p = (np.exp(one) / np.exp(one).sum(1, keepdims=True) for one in sides)
    found = _loss(torch.from_numpy(own), torch.from_numpy(theirs)).item()
    np.testing.assert_allclose(found, 4 * np.mean(np.sum(p * np.log(p / q), axis=1)), rtol=1e-5)


def test_scales_and_shifts_of_a_sample_do_not_matter() -> None:
    own, theirs = torch.randn(2, 6, 5, generator=torch.Generator().manual_seed(0))
    scales, shifts = torch.tensor([[0.1], [1], [3], [10], [100], [1000]]), torch.arange(6)[:, None] - 3
    torch.testing.assert_close(_loss(own * scales + shifts, theirs), _loss(own, theirs), rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(_loss(own, theirs * scales + shifts), _loss(own, theirs), rtol=1e-4, atol=1e-5)
    assert _loss(theirs * scales + shifts, theirs).item() == pytest.approx(0, abs=1e-5)


def test_equal_logits_have_finite_gradients() -> None:
    own = torch.ones(2, 5, requires_grad=True)
    torch.autograd.backward([_loss(own, torch.arange(10.0).reshape(2, 5))])
    assert own.grad is not None
    assert torch.isfinite(own.grad).all()


def test_two_classes_are_too_few() -> None:
    with pytest.raises(UsageError, match=r"distill\.by\.standardised: expected 3 classes or more, got 2"):
        Standardised().check(Classification(("a", "b")))
