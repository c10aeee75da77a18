from dataclasses import replace

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from nas.distillation import Contrastive
from nas.distillation.contrast import Contrast
from nas.distillation.kind import Answers
from nas.tasks import Regression
from tests.distillation.lessons import drawn, lesson_of, loss_of, shown

OWN, THEIRS, TARGETS = drawn(6, 4, 2), drawn(6, 5, seed=1), torch.tensor([0, 0, 1, 1, 2, 2])


def _parts(kind: Contrastive) -> Contrast:
    torch.manual_seed(0)
    parts = kind.parts(lesson_of([OWN], [THEIRS]))
    assert isinstance(parts, Contrast)
    return parts


def _vectors(parts: Contrast) -> list[NDArray[np.float32]]:
    maps = (parts.get_submodule(f"maps.{side}") for side in (0, 1))
    found = [embed(one.flatten(1)).detach().numpy() for embed, one in zip(maps, (OWN, THEIRS), strict=True)]
    return [one / np.linalg.norm(one, axis=1, keepdims=True) for one in found]


def test_it_is_the_formula_of_the_paper() -> None:
    """In the second batch of the same samples, whose classes and constants are known."""
    kind = Contrastive(dimensions=3, temperature=0.5)
    parts = _parts(kind)
    bank = parts.bank.clone().numpy()
    own, theirs = _vectors(parts)
    first = [np.exp(one @ other.T / 0.5).mean() for one, other in ((own, bank[1]), (theirs, bank[0]))]
    loss_of(kind, [OWN], [THEIRS], targets=TARGETS, parts=parts)
    bank[:, :6] = 0.5 * bank[:, :6] + 0.5 * np.stack([own, theirs])
    bank /= np.linalg.norm(bank, axis=2, keepdims=True)
    np.testing.assert_allclose(parts.bank.numpy(), bank, rtol=1e-5, atol=1e-6)

    expected, classes = 0.0, [*TARGETS.tolist(), *[-1] * 54]
    for vectors, other, bank_of, z in ((own, theirs, bank[1], first[0]), (theirs, own, bank[0], first[1])):
        for place in range(6):
            p = np.exp(vectors[place] @ other[place] / 0.5) / z / 60
            away = [one for one, label in zip(bank_of, classes, strict=True) if label != classes[place]]
            ps = np.exp(np.stack(away) @ vectors[place] / 0.5) / z / 60
            expected -= np.log(p / (p + 1)) / 6
            expected -= 60 * np.log(1 - ps / (ps + 1)).sum() / (60 * 6 - 6 * 2)  # N / M = 1
    found = loss_of(kind, [OWN], [THEIRS], targets=TARGETS, parts=parts)
    np.testing.assert_allclose(found.item(), expected, rtol=1e-4)


def test_features_of_one_sample_are_brought_together() -> None:
    kind = Contrastive(dimensions=8, negatives=20)
    parts = _parts(kind)
    optimizer = torch.optim.Adam(parts.parameters(), lr=0.03)
    losses = []
    for _ in range(60):
        loss = loss_of(kind, [OWN], [THEIRS], targets=TARGETS, parts=parts)
        optimizer.zero_grad()
        torch.autograd.backward([loss])
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0] / 2
    own, theirs = _vectors(parts)
    products = own @ theirs.T
    assert np.diag(products).min() > products[TARGETS[:, None] != TARGETS].max() + 0.2


def test_other_samples_are_the_negatives_of_values() -> None:
    kind = Contrastive(dimensions=3)
    parts = _parts(kind)
    lesson = replace(lesson_of([OWN], [THEIRS]), task=Regression(("y",), (0.0,), (1.0,)))
    batch = shown(OWN, torch.zeros(6, 1))
    for _ in range(2):
        loss = kind.loss(Answers(OWN, (OWN,)), Answers(OWN, (THEIRS,)), batch, parts, lesson)
    assert torch.isfinite(loss)
    assert parts.groups.tolist() == [*range(6), *[-1] * 54]


@pytest.mark.parametrize("temperature", [1e-4, 0.07])
def test_gradients_are_finite(temperature: float) -> None:
    own = torch.zeros(1, 4, requires_grad=True)
    kind = Contrastive(temperature=temperature)
    loss = loss_of(kind, [own], [torch.full((1, 5), 65504.0)])
    torch.autograd.backward([loss])
    assert torch.isfinite(loss)
    assert own.grad is not None
    assert torch.isfinite(own.grad).all()
