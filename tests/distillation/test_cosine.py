"""Cosine distances."""

import torch

from nas.distillation.cosine import cosine_distance
from tests.distillation.lessons import drawn


def test_it_is_the_formula() -> None:
    one, other = drawn(5, 3), drawn(5, 3, seed=1)
    expected = 1 - torch.nn.functional.cosine_similarity(one, other)
    torch.testing.assert_close(cosine_distance(one, other), expected, atol=1e-6, rtol=1e-5)
    torch.testing.assert_close(cosine_distance(one.T, other.T, dim=0), expected, atol=1e-6, rtol=1e-5)
    assert torch.allclose(cosine_distance(one, -one), torch.tensor(2.0))


def test_a_vector_of_zeros_has_a_distance_and_a_gradient() -> None:
    zero, other = torch.zeros(2, 3, requires_grad=True), drawn(2, 3)
    distance = cosine_distance(zero, other)
    assert torch.equal(distance, torch.ones(2))
    torch.autograd.backward([distance.sum()])
    assert zero.grad is not None
    assert zero.grad.isfinite().all()
