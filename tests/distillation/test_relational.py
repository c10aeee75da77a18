from itertools import permutations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from nas.distillation import Relational
from tests.distillation.lessons import drawn, loss_of


def _huber(one: float, other: float) -> float:
    gap = abs(one - other)
    return gap**2 / 2 if gap <= 1 else gap - 0.5


def _relations(x: NDArray[np.float64]) -> tuple[list[float], list[float]]:
    far = [float(np.linalg.norm(x[i] - x[j])) for i, j in permutations(range(len(x)), 2)]
    angles = []
    for i, j, k in permutations(range(len(x)), 3):
        a, b = x[i] - x[j], x[k] - x[j]
        angles.append(float(a @ b / np.linalg.norm(a) / np.linalg.norm(b)))
    return [one / float(np.mean(far)) for one in far], angles


def test_it_is_the_formula_of_the_paper() -> None:
    own, theirs = drawn(5, 3), drawn(5, 2, 2, seed=1) ** 3
    (far, angles), (their_far, their_angles) = (_relations(one.flatten(1).double().numpy()) for one in (own, theirs))
    distance = np.mean([_huber(*pair) for pair in zip(far, their_far, strict=True)])
    angle = np.mean([_huber(*pair) for pair in zip(angles, their_angles, strict=True)])
    found = loss_of(Relational(distance=2, angle=3), [own], [theirs])
    np.testing.assert_allclose(found.item(), 2 * distance + 3 * angle, rtol=1e-5)


def test_units_origins_and_axes_of_features_do_not_matter() -> None:
    own, theirs = drawn(7, 4), drawn(7, 3, seed=1)
    turn = torch.linalg.qr(drawn(4, 4, seed=2))[0]
    known = loss_of(Relational(), [own], [theirs])
    torch.testing.assert_close(loss_of(Relational(), [10 * own @ turn + 3], [theirs / 7 - 1]), known)
    assert loss_of(Relational(), [10 * own @ turn + 3], [own]).item() == pytest.approx(0, abs=1e-5)


@pytest.mark.parametrize(
    "own",
    [
        torch.zeros(4, 3),
        torch.tensor([[1.0, 2]]),
        torch.tensor([[1.0], [1.0], [2.0]]),
        drawn(2, 5) * 65504,
        drawn(70, 2),
    ],
    ids=["dead", "one", "twins", "two", "many"],
)
def test_gradients_are_finite(own: Tensor) -> None:
    own = own.clone().requires_grad_()
    loss = loss_of(Relational(), [own], [drawn(len(own), 3)])
    torch.autograd.backward([loss])
    assert own.grad is not None
    assert torch.isfinite(loss)
    assert torch.isfinite(own.grad).all()
    assert own.grad.abs().max() < 1e4
