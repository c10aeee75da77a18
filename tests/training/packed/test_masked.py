"""Packed networks of padded texts: each copy leaves out what it would leave out alone."""

import pytest
import torch

from nas.ops import (
    Attention,
    Dropout,
    Embedding,
    FeedForward,
    GlobalAvgPool,
    GlobalMaxPool,
    Linear,
    Op,
    Tanh,
    TransformerBlock,
    WideConv,
)
from nas.training.packed.masked import padding
from tests.model.layers import chain
from tests.training.packed.copies import assert_alike, networks_of

NETWORKS: dict[str, list[Op]] = {
    "words": [Embedding(4, 6, mask=True), Dropout(0.2), GlobalAvgPool(mask=True)],
    "windows": [Embedding(4, 6, mask=True), WideConv(5, 3), Tanh(), WideConv(4, 2), GlobalMaxPool(mask=True)],
    "attention": [
        Embedding(4, 6, "learned", mask=True),
        Attention(2, mask=True),
        FeedForward(1.5, mask=True),
        GlobalAvgPool(mask=True),
    ],
    "block": [Embedding(4, 6, "sinusoidal", mask=True), TransformerBlock(3, mask=True), GlobalMaxPool(mask=True)],
}


@pytest.mark.parametrize("name", NETWORKS)
def test_copies_are_as_alone(name: str) -> None:
    """A quarter of the tokens is 0, at random: padding at the beginning, at the end and between."""
    assert_alike(networks_of(chain((7,), *NETWORKS[name], Linear(3))))


def test_dropout_of_embeddings_draws_what_it_draws_alone() -> None:
    assert_alike(networks_of(chain((7,), Embedding(4, 6), Dropout(0.5), GlobalAvgPool(), Linear(3))))


def test_flat_values_of_zeros_remain() -> None:
    assert_alike(networks_of(chain((7,), Embedding(4, 6, mask=True), GlobalAvgPool(mask=True), FeedForward(mask=True))))


def test_padding_is_that_of_each_copy() -> None:
    x = torch.zeros(1, 4, 3)  # 2 copies of 2 channels
    x[0, 1, 0] = x[0, 2, 2] = 1
    assert padding(x, 2).tolist() == [[[[False, True, True]], [[True, True, False]]]]
