"""Gradients of answers, against closed forms, axioms and Captum."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from nas.errors import UsageError
from nas.knowledge.saliency import baseline_of, input_gradients, integrated_gradients, token_gradients
from nas.model import Network
from nas.space import parse_space


def answers(network: nn.Module, inputs: Tensor, places: Tensor) -> Tensor:
    with torch.no_grad():
        outputs: Tensor = network(inputs)
    return outputs.gather(1, places[:, None])[:, 0]


@pytest.fixture(autouse=True)
def evaluated(network: Network) -> None:
    network.eval()


def test_the_gradient_of_a_linear_network_is_its_weights() -> None:
    layer = nn.Linear(3, 2)
    x = torch.tensor([[1.0, 2.0, 3.0], [-1.0, 0.5, 0.0]])
    assert torch.equal(input_gradients(layer, x, answer=[1, 0]), layer.weight[[1, 0]])
    assert torch.equal(input_gradients(layer, x), layer.weight[layer(x).argmax(1)])
    found = integrated_gradients(layer, x.numpy(), answer=lambda outputs: outputs.sum(1), baseline=torch.ones(3))
    torch.testing.assert_close(found, (x - 1) * layer.weight.sum(0))


@pytest.mark.parametrize("seed", range(3))
def test_integrated_gradients_are_complete(make_network: Callable[[int], Network], inputs: Tensor, seed: int) -> None:
    """They add up to the answer less that for the baseline."""
    network = make_network(seed).eval()
    with torch.no_grad():
        places = network(inputs).argmax(1)
    found = integrated_gradients(network, inputs).sum((1, 2, 3))
    mean = network.mean.expand_as(inputs)
    torch.testing.assert_close(
        found, answers(network, inputs, places) - answers(network, mean, places), atol=1e-4, rtol=1e-4
    )


def test_an_input_that_does_not_count_gets_no_share(network: Network, inputs: Tensor) -> None:
    """Sensitivity: also where the sample equals the baseline."""

    class Blind(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            outputs: Tensor = network(x * torch.tensor([1.0, 0.0])[:, None, None])
            return outputs

    found = integrated_gradients(Blind(), inputs, answer=[0] * 6, baseline=inputs[:1].expand(6, -1, -1, -1))
    assert found[0].abs().max() == 0
    assert found[:, 1].abs().max() == 0
    assert found[1:, 0].abs().amin() > 0


@pytest.mark.parametrize("places", [None, [2, 0, 1, 1, 0, 2]])
def test_parity_with_captum(network: Network, inputs: Tensor, places: list[int] | None) -> None:
    attr = pytest.importorskip("captum.attr", reason="needs captum")
    target = torch.tensor(places) if places else network(inputs).argmax(1)
    x = inputs.clone().requires_grad_()
    expected = attr.Saliency(network).attribute(x, target=target, abs=False)
    torch.testing.assert_close(input_gradients(network, inputs, answer=places), expected)
    baseline = network.mean.expand(1, 2, 4, 4)
    expected = attr.IntegratedGradients(network).attribute(x, baseline, target, n_steps=50)
    torch.testing.assert_close(
        integrated_gradients(network, inputs, answer=places), expected.float(), atol=1e-6, rtol=1e-4
    )


def test_the_network_is_left_as_it_was(network: Network, inputs: Tensor) -> None:
    """It is evaluated, without dropout, and then in the mode that it was in; weights get no gradient."""
    expected = input_gradients(network, inputs)
    network.train()
    network.get_submodule("conv1").eval()
    with torch.inference_mode():
        assert torch.equal(input_gradients(network, inputs), expected)
    assert network.get_submodule("dropout1").training
    assert not network.get_submodule("conv1").training
    assert all(weights.grad is None for weights in network.parameters())


def test_categories_keep_their_codes_and_get_no_share() -> None:
    space = """
    name: rows
    input: [3]
    outputs: 2
    layers: [{embed_categories: {categories: [4], width: 2}}, {linear: {units: outputs}}]
    """
    network = Network(parse_space(space).rebuild({}), mean=[1.0, 2.0, 0.0], std=[1.0, 3.0, 1.0]).eval()
    rows = torch.tensor([[0.0, 5.0, 3.0], [4.0, 2.0, 1.0]])
    baseline = baseline_of(network, rows)
    assert baseline.tolist() == [[1, 2, 3], [1, 2, 1]]
    found = integrated_gradients(network, rows, answer=[0, 1])
    assert found[:, 2].tolist() == [0, 0]
    places = torch.tensor([0, 1])
    torch.testing.assert_close(found.sum(1), answers(network, rows, places) - answers(network, baseline, places))


class Texts(nn.Module):
    """The first outputs are sums over words, the last one over pairs."""

    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(9, 4)
        self.pairs = nn.Embedding(9, 4)

    def forward(self, x: Tensor) -> Tensor:
        tokens = x.long()
        words = self.words(tokens)
        pairs = self.pairs((tokens[:, 1:] + tokens[:, :-1]) % 9)
        return torch.stack([(3 * words[..., 0] + 4 * words[..., 1]).sum(1), 2 * pairs[..., 0].sum(1)], 1)


def test_tokens_by_the_norm_of_the_gradients_of_their_vectors() -> None:
    tokens = np.array([[3, 5, 0], [1, 2, 8]])
    words, pairs = (token_gradients(Texts(), tokens, answer=[place] * 2) for place in (0, 1))
    assert words.tolist() == [[5, 5, 0], [5, 5, 5]]
    torch.testing.assert_close(pairs, torch.tensor([[2, 8**0.5, 0], [2, 8**0.5, 2]]))


@pytest.mark.parametrize("embedding", ["embedding: {position: learned, ", "ngram_embedding: {n: 3, "])
def test_padding_has_no_gradient_whatever_embeds_it(embedding: str) -> None:
    layers = f"[{{{embedding}mask: true, vocabulary: 9, width: 4}}}}, flatten, {{linear: {{units: outputs}}}}]"
    space = f"{{input: [6], outputs: 2, layers: {layers}}}"
    found = token_gradients(Network(parse_space(space).rebuild({})), torch.tensor([[5, 2, 8, 3, 0, 0]]))
    assert (found[0, :4] > 0).all()
    assert found[0, 4:].tolist() == [0, 0]


def test_tokens_of_a_frozen_recurrent_network() -> None:
    space = """
    name: words
    input: [6]
    outputs: 2
    layers: [{embedding: {vocabulary: 9, width: 4}}, {lstm: {units: 3, output: last}}, {linear: {units: outputs}}]
    """
    network = Network(parse_space(space).rebuild({})).requires_grad_(False)
    found = token_gradients(network, torch.tensor([[0, 0, 3, 5, 2, 7]]))
    assert found[0, :2].tolist() == [0, 0]
    assert (found[0, 2:] > 0).all()
    with pytest.raises(UsageError, match="token numbers have no gradient"):
        input_gradients(network, torch.ones(1, 6))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"answer": [0, 3] * 3}, r"answer: expected 6 places of outputs from 0 to 2, got \[0, 3"),
        ({"answer": [0]}, "answer: expected 6 places"),
        ({"answer": lambda outputs: outputs.detach().sum(1)}, "can be differentiated"),
        ({"baseline": [0.0, 1.0]}, r"expected a baseline of the shape \(2, 4, 4\), got \(2,\)"),
        ({"steps": 0}, "steps: expected 1 or more"),
        ({"inputs": torch.zeros(0, 2, 4, 4)}, "one sample or more"),
    ],
)
def test_what_does_not_fit(network: Network, inputs: Tensor, given: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        integrated_gradients(network, **{"inputs": inputs, **given})


def test_other_outputs_than_one_row_a_sample(network: Network, inputs: Tensor) -> None:
    with pytest.raises(UsageError, match=r"outputs \(N, K\), got \(6, 4, 4, 4\)"):
        input_gradients(network.get_submodule("conv1"), inputs)
    with pytest.raises(UsageError, match="a network of tokens"):
        token_gradients(network, inputs)
