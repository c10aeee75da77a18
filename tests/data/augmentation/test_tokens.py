"""Tokens that become unknown."""

import torch

from nas.data.augmentation.tokens import token_dropout
from tests.data.augmentation.batch import seeded


def test_tokens_become_unknown_and_padding_stays() -> None:
    texts = torch.randint(2, 50, (100, 30), generator=seeded(1)).float()
    texts[:, 20:] = 0
    found = token_dropout(texts, 0.2, seeded())
    assert found.dtype == texts.dtype
    assert torch.equal(found[:, 20:], texts[:, 20:])
    dropped = found[:, :20] != texts[:, :20]
    assert (found[:, :20][dropped] == 1).all()
    # A binomial of 2000: 400 ± 6 standard deviations; the seed is fixed.
    assert abs(dropped.sum().item() - 400) < 108
    assert dropped.any(dim=0).all()
    assert len({tuple(row) for row in dropped.tolist()}) > 90, "texts are changed each by itself"


def test_none_and_all() -> None:
    texts = torch.tensor([[5.0, 1.0, 0.0]])
    assert torch.equal(token_dropout(texts, 0, seeded()), texts)
    assert token_dropout(texts, 1, seeded()).tolist() == [[1, 1, 0]]
