"""Cosine distances that are finite, with all their gradients, also of vectors that are 0."""

from torch import Tensor

SMALLEST = 1e-4
"""The length of vectors below which their direction fades, so that its gradient stays bounded."""


def cosine_distance(one: Tensor, other: Tensor, dim: int = -1) -> Tensor:
    """1 - cos of the angle between vectors along a dimension, in [0, 2]; 1, if one of them is 0."""
    return 1 - (_unit(one, dim) * _unit(other, dim)).sum(dim)


def _unit(vectors: Tensor, dim: int) -> Tensor:
    return vectors * (vectors.square().sum(dim, keepdim=True) + SMALLEST**2).rsqrt()
