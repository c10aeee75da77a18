import numpy as np
import pytest
import torch

from nas.distillation import Attention
from tests.distillation.lessons import drawn, loss_of


def test_it_is_the_formula_of_the_paper() -> None:
    own, theirs = [drawn(3, 4, 6, 5), drawn(3, 2, 7)], [drawn(3, 2, 6, 5, seed=1), drawn(3, 3, 7, seed=2)]
    found = []
    for pair in zip(own, theirs, strict=True):
        maps = [np.square(one.numpy()).sum(axis=1).reshape(3, -1) for one in pair]
        q, p = (one / np.linalg.norm(one, axis=1, keepdims=True) for one in maps)
        found.append(np.square(q - p).mean() / 2)
    np.testing.assert_allclose(loss_of(Attention(), own, theirs).item(), np.mean(found), rtol=1e-5)


def test_units_and_channels_do_not_matter() -> None:
    own, theirs = drawn(3, 4, 6, 6), drawn(3, 2, 3, 3, seed=1)
    scales = torch.tensor([0.1, 3, 100])[:, None, None, None]
    known = loss_of(Attention(), [own], [theirs])
    torch.testing.assert_close(loss_of(Attention(), [own * scales], [-theirs]), known)
    torch.testing.assert_close(loss_of(Attention(), [own.flip(1).repeat(1, 3, 1, 1)], [theirs]), known)
    assert loss_of(Attention(), [own * scales], [own]).item() == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("size", [0.0, 1e-6, 1e-3, 65504.0])
def test_gradients_are_finite(size: float) -> None:
    own = (drawn(2, 3, 4) * size).requires_grad_()
    torch.autograd.backward([1000 * loss_of(Attention(), [own], [drawn(2, 3, 4, seed=1)])])
    assert own.grad is not None
    assert own.grad.abs().max() < 65504
