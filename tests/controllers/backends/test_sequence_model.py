"""Sentences as tensors, and the distributions that a model defines."""

import pytest
import torch

from nas.controllers.backends.sequence_bodies import Recurrent, normal
from nas.controllers.backends.sequence_model import Batch, SequenceModel
from nas.controllers.backends.vocabulary import Vocabulary
from nas.space import Space, parse_space

TEXT = """
input: [4]
layers: [{repeat: {choice: [1, 2]}, of: [{linear: {units: {choice: [1, 2, 3]}}}]}, {choice: [relu, gelu]}]
"""


@pytest.fixture(scope="module")
def space() -> Space:
    return parse_space(TEXT)


@pytest.fixture(scope="module")
def vocabulary(space: Space) -> Vocabulary:
    return Vocabulary(space.universe)


@pytest.fixture(scope="module")
def batch(space: Space, vocabulary: Vocabulary) -> Batch:
    """All members, with 3 or 4 decisions each."""
    sentences = [vocabulary.sentence(space.choices_of(arch), [value for _, value in arch.choices]) for arch in space]
    return Batch.of(sentences, len(vocabulary))


def model_of(vocabulary: Vocabulary, **settings: float | None) -> SequenceModel:
    given = {"tanh_constant": None, "temperature": 1.0, **settings}
    model = SequenceModel(vocabulary, Recurrent(width=8, layers=1), width=8, **given)  # type: ignore[arg-type]
    with torch.no_grad():
        normal(1.0)(model, torch.Generator().manual_seed(0))
    return model


def test_a_batch(batch: Batch, vocabulary: Vocabulary, space: Space) -> None:
    assert batch.previous.shape == batch.decisions.shape == batch.taken.shape == (space.size, 4)
    assert batch.offers.shape == batch.legal.shape == (space.size, 4, 3)
    assert (batch.previous[:, 0] == len(vocabulary)).all(), "the token before the first decision"
    assert batch.legal.gather(2, batch.taken.unsqueeze(-1)).all(), "what was taken is legal"
    offered = batch.offers.gather(2, batch.taken.unsqueeze(-1)).squeeze(-1)
    lengths = torch.tensor([len(arch.choices) for arch in space])
    for place in range(1, 4):
        inside = lengths > place
        assert torch.equal(batch.previous[inside, place], offered[inside, place - 1])


def test_a_batch_without_decisions_has_one_step() -> None:
    (only,) = parse_space("input: [4]\nlayers: [relu]")
    vocabulary = Vocabulary({})
    batch = Batch.of([vocabulary.sentence([], [])], 0)
    assert only.choices == ()
    assert batch.legal.tolist() == [[[True]]]
    log_p, entropy = model_of(vocabulary).evaluate(batch)
    assert log_p.tolist() == [[0]]
    assert entropy.tolist() == [[0]]


def test_padding_has_probability_one(batch: Batch, vocabulary: Vocabulary, space: Space) -> None:
    log_p, entropy = model_of(vocabulary).evaluate(batch)
    for row, arch in enumerate(space):
        assert not log_p[row, len(arch.choices) :].any()
        assert not entropy[row, len(arch.choices) :].any()
    assert log_p.exp().prod(dim=1).sum().item() == pytest.approx(1, abs=1e-5), "all members together"


def test_the_logits_are_bounded(batch: Batch, vocabulary: Vocabulary) -> None:
    plain, _ = model_of(vocabulary)(batch.previous, batch.decisions, batch.offers)
    bounded, _ = model_of(vocabulary, tanh_constant=2.5, temperature=5.0)(batch.previous, batch.decisions, batch.offers)
    assert torch.allclose(bounded, 2.5 * torch.tanh(plain / 5.0), atol=1e-6)
