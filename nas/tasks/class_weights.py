"""Weights of classes in the loss, from their numbers of training samples."""

from collections.abc import Sequence
from typing import Literal

from nas.errors import UsageError, few

ClassWeights = Literal["balanced"] | Sequence[float] | None


def balanced(counts: Sequence[int]) -> tuple[float, ...]:
    """n / (K n_k) for n samples, n_k of them in class k of K: the weights of all samples sum to n (King & Zeng 2001).

    A class without samples has the weight of a class with one.
    """
    return tuple(sum(counts) / (len(counts) * max(count, 1)) for count in counts)


def one_each(weights: Sequence[float], names: Sequence[str], word: str) -> tuple[float, ...]:
    """Weights that were given as a list.

    Raises:
        UsageError: they are not one for each name.
    """
    if len(weights) != len(names):
        raise UsageError(
            f"class_weights: expected `balanced` or {len(names)} numbers, one for each {word} ({few(names)}), got "
            f"{len(weights)}"
        )
    return tuple(map(float, weights))
