"""Mutual learning, held against its formula in NumPy."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from nas.distillation import Distill, Mutual
from nas.distillation.kind import Answers, Lesson
from nas.tasks import Classification
from nas.training import Recipe
from nas.training.loop import Training
from tests.distillation.lessons import IMAGES, SEQUENCES, shown
from tests.training.networks import arch_of

TASK = Classification(("a", "b", "c"))


def _softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits - logits.max(1, keepdims=True))
    found: np.ndarray = powers / powers.sum(1, keepdims=True)
    return found


@pytest.mark.parametrize("peers", [1, 2])
def test_it_is_the_formula_of_the_paper(peers: int) -> None:
    """Five samples, of which two have no target; each network is moved by its own answers alone."""
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(peers + 1, 5, 3))
    targets = np.array([0, 2, 1])
    chances = [_softmax(one) for one in logits]
    tensors = [torch.tensor(one, requires_grad=True) for one in logits]

    class Peer(nn.Module):
        def __init__(self, place: int) -> None:
            super().__init__()
            self.place = place

        def forward(self, _: Tensor) -> Tensor:
            return tensors[self.place]

    def task_loss(outputs: Tensor) -> Tensor:
        return nn.functional.cross_entropy(outputs, torch.tensor(targets))

    batch = shown(torch.zeros(5, 2), torch.tensor(targets), task_loss)
    lesson = Lesson(TASK, 3, lambda: nn.Identity())
    parts = nn.ModuleList(Peer(place) for place in range(1, peers + 1))
    student = Answers(tensors[0])
    found = Mutual(peers=peers).loss(student, student, batch, parts, lesson)

    expected, gradients = 0.0, [np.zeros((5, 3)) for _ in logits]
    for k, own in enumerate(chances):
        for other in (one for place, one in enumerate(chances) if place != k):
            expected += (other * np.log(other / own)).sum(1).mean() / peers
            gradients[k] += (own - other) / 5 / peers
        if k:
            expected -= np.log(own[np.arange(3), targets]).mean()
            gradients[k][:3] += (own[:3] - np.eye(3)[targets]) / 3
    np.testing.assert_allclose(found.item(), expected, rtol=1e-5)
    found.backward()  # type: ignore[no-untyped-call]
    for tensor, gradient in zip(tensors, gradients, strict=True):
        assert tensor.grad is not None
        np.testing.assert_allclose(tensor.grad.numpy(), gradient, atol=1e-6)


def _peers(training: Training) -> list[nn.Module]:
    assert training.teaching is not None
    assert training.teaching.parts is not None
    return [peer for peers in training.teaching.parts.children() for peer in peers.children()]


def test_peers_begin_elsewhere_and_learn_as_the_student_does() -> None:
    torch.manual_seed(0)
    recipe = Recipe(epochs=12, batch_size=16, distill=Distill(by=(Mutual(peers=2),)))
    training = Training(IMAGES.bench, IMAGES.bench.build(IMAGES.arch), recipe, seed=0)
    networks = [training.network, *_peers(training)]
    starts = [next(one.parameters()).clone() for one in networks]
    assert len({tuple(one.flatten().tolist()) for one in starts}) == 3
    while training.epoch < 12:
        training.advance()
    inputs, targets = IMAGES.bench.train
    for network in networks:
        hits = (network.eval()(inputs).argmax(1) == targets).float().mean()
        assert hits > 0.8


def test_branches_of_peers_are_left_out_as_those_of_the_student_are() -> None:
    layers = "{conv: {width: 4}}, feed_forward, global_avg_pool, {linear: {units: outputs}}"
    recipe = Recipe(epochs=1, drop_path=0.5, distill=Distill(by=(Mutual(),)))
    network = SEQUENCES.bench.build(arch_of(layers, SEQUENCES.data))
    [peer] = _peers(Training(SEQUENCES.bench, network, recipe, seed=0))
    inputs = SEQUENCES.bench.train[0]
    assert not torch.equal(peer(inputs), peer(inputs))
