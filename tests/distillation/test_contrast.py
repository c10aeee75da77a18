"""The bank of vectors in which samples are found again."""

import torch
from torch import Tensor

from nas.distillation.contrast import Contrast
from tests.distillation.lessons import drawn

FEATURES = drawn(4, 3), drawn(4, 5, seed=1)
PLACES, GROUPS = torch.tensor([7, 2, 9, 4]), torch.tensor([0, 1, 0, 1])


def _contrast(negatives: int = 100, momentum: float = 0.5) -> Contrast:
    torch.manual_seed(0)
    return Contrast((3, 5), 12, dimensions=6, negatives=negatives, temperature=0.5, momentum=momentum)


def _lengths(bank: Tensor) -> Tensor:
    return bank.square().sum(dim=2).sqrt()


def test_the_vectors_of_a_batch_are_taken_into_the_bank() -> None:
    contrast = _contrast()
    before = contrast.bank.clone()
    contrast(FEATURES, PLACES, GROUPS)
    others = [place for place in range(12) if place not in PLACES]
    assert torch.equal(contrast.bank[:, others], before[:, others])
    assert (contrast.bank[:, PLACES] != before[:, PLACES]).any(dim=2).all()
    torch.testing.assert_close(_lengths(contrast.bank), torch.ones(2, 12))
    assert contrast.groups[PLACES].tolist() == GROUPS.tolist()
    assert (contrast.groups[others] == -1).all()
    assert not contrast.bank.requires_grad


def test_momentum_keeps_the_old_vectors() -> None:
    contrast = _contrast(momentum=1.0)
    before = contrast.bank.clone()
    contrast(FEATURES, PLACES, GROUPS)
    torch.testing.assert_close(contrast.bank, before)


def test_the_constants_are_those_of_the_first_batch() -> None:
    contrast = _contrast()
    assert contrast.constants.isnan().all()
    contrast(FEATURES, PLACES, GROUPS)
    first = contrast.constants.clone()
    assert first.isfinite().all()
    contrast((FEATURES[0] * 3, -FEATURES[1]), PLACES, GROUPS)
    assert torch.equal(contrast.constants, first)


def test_a_batch_draws_some_samples_of_a_large_bank() -> None:
    contrast = _contrast(negatives=5)
    torch.manual_seed(1)
    first = contrast(FEATURES, PLACES, GROUPS)
    assert first.isfinite()
    torch.manual_seed(2)
    assert _contrast(negatives=5)(FEATURES, PLACES, GROUPS) != first


def test_samples_of_one_group_are_not_told_apart() -> None:
    """Where all of the bank is of the group of the batch, only the pairs count: their vectors are drawn together."""
    contrast, groups = _contrast(), torch.zeros(4, dtype=torch.int64)
    contrast.groups.zero_()
    own, theirs = (one.clone().requires_grad_() for one in FEATURES)

    def alike(own: Tensor, theirs: Tensor) -> float:
        with torch.no_grad():
            vectors = [embed(one) for embed, one in zip(contrast.maps, (own, theirs), strict=True)]
        return float(torch.nn.functional.cosine_similarity(*vectors).mean())

    gradients = torch.autograd.grad(contrast((own, theirs), PLACES, groups), (own, theirs))
    before = alike(own, theirs)
    assert alike(own - 0.01 * gradients[0], theirs) > before
    assert alike(own, theirs - 0.01 * gradients[1]) > before
