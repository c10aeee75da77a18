"""Merges that average predictions: against the probabilities, and where these are rounded to 0 or 1."""

import pytest
import torch
from torch import nn

from nas.errors import ShapeError
from nas.ops import MEANS, Mean, MeanSigmoid, MeanSoftmax, Merge

LOGITS = torch.randn(3, 5, 4, generator=torch.Generator().manual_seed(0))


def test_probabilities_are_averaged() -> None:
    members = list(LOGITS)
    torch.testing.assert_close(Mean().combine(members), LOGITS.mean(0))
    found = MeanSoftmax().combine(members)
    torch.testing.assert_close(found.exp(), LOGITS.softmax(2).mean(0))
    torch.testing.assert_close(found.softmax(1), found.exp(), msg="they are decoded as logits are")
    torch.testing.assert_close(MeanSigmoid().combine(members).sigmoid(), LOGITS.sigmoid().mean(0))


@pytest.mark.parametrize("cls", MEANS.values(), ids=lambda cls: cls.name)
def test_one_network_is_its_own_mean(cls: type[Merge]) -> None:
    found = cls().combine([LOGITS[0]])
    if cls is MeanSoftmax:
        torch.testing.assert_close(found, LOGITS[0].log_softmax(1))
    else:
        torch.testing.assert_close(found, LOGITS[0])


def test_extreme_logits_stay_finite() -> None:
    members = [torch.tensor([[500.0, -500.0]]), torch.tensor([[400.0, -300.0]])]
    assert MeanSoftmax().combine(members).isfinite().all()
    torch.testing.assert_close(MeanSigmoid().combine(members)[0, 0].item(), 400.0 + 0.6931472, rtol=1e-4, atol=0)


@pytest.mark.parametrize("cls", MEANS.values(), ids=lambda cls: cls.name)
@pytest.mark.parametrize("count", [1, 2, 3])
def test_source_does_what_combine_does(cls: type[Merge], count: int) -> None:
    tensors = dict(zip("abc"[:count], LOGITS, strict=False))
    found = eval(cls().source(list(tensors)), {"torch": torch, "nn": nn, **tensors})  # noqa: S307  one of ours
    torch.testing.assert_close(found, cls().combine(list(tensors.values())), rtol=0, atol=0)


@pytest.mark.parametrize("cls", MEANS.values(), ids=lambda cls: cls.name)
def test_shapes(cls: type[Merge]) -> None:
    assert cls().shape([(4,), (4,)]) == (4,)
    assert cls.commutative
    with pytest.raises(ShapeError, match=f"{cls.name} needs values of equal shape, got 4 and 5"):
        cls().shape([(4,), (5,)])
