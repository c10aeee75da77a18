"""Stochastic depth: what is left out, how often, and that nothing of it stays."""

import pytest
import torch
from torch import Tensor, nn

from nas.model import Network
from nas.space import parse_space
from nas.training.drop_path import branches, drop_branches, dropped


def _network(layers: str, shape: tuple[int, ...]) -> Network:
    torch.manual_seed(0)
    return Network(parse_space(f"layers: [{layers}]", input=shape).rebuild({}))


def _names(network: Network) -> list[str]:
    names = {id(module): name for name, module in network.named_modules()}
    return [names[id(branch)] for branch in branches(network)]


def _of_timm(x: Tensor, drop_prob: float) -> Tensor:
    """`timm.layers.drop_path` in training mode, with its default `scale_by_keep`, line by line."""
    keep_prob = 1 - drop_prob
    shape = (x.shape[0],) + (1,) * (x.ndim - 1)
    random_tensor = x.new_empty(shape).bernoulli_(keep_prob)
    if keep_prob > 0.0:
        random_tensor.div_(keep_prob)
    return x * random_tensor


@pytest.mark.parametrize("shape", [(200, 4), (200, 2, 3, 3), (200, 5, 6)])
@pytest.mark.parametrize("probability", [0.0, 0.3, 0.9])
def test_samples_are_dropped_as_by_timm(shape: tuple[int, ...], probability: float) -> None:
    x = torch.randn(shape)
    torch.manual_seed(5)
    found = dropped(x, probability)
    torch.manual_seed(5)
    assert torch.equal(found, _of_timm(x, probability))
    whole = found.flatten(1)
    kept = whole.any(1)
    assert kept.float().mean() == pytest.approx(1 - probability, abs=0.12)
    torch.testing.assert_close(whole[kept], x.flatten(1)[kept] / (1 - probability))


def test_branches_of_blocks_attention_and_sums() -> None:
    images = (
        "{conv: {width: 4}}, {basic_block: {width: 4}}, {mbconv: {width: 4}}, {mbconv: {width: 8, stride: 2}}, "
        "{residual: [{conv: {width: 8}}]}, {convnext: {kernel: 3}}, flatten, {linear: {units: 3}}"
    )
    assert _names(_network(images, (2, 8, 8))) == ["basic_block1.0.body", "mbconv1.body", "conv2", "convnext1.body"]
    tokens = (
        "{embedding: {vocabulary: 9, width: 4}}, {transformer_block: {heads: 2}}, global_avg_pool, {linear: {units: 2}}"
    )
    assert _names(_network(tokens, (5,))) == ["transformer_block1.0.out", "transformer_block1.1.down"]
    assert _names(_network("{linear: {units: 3}}", (5,))) == []


def test_paths_of_a_sum_without_a_shortcut_are_not_branches() -> None:
    paths = "{parallel: [[{linear: {units: 4}}], [{linear: {units: 4}}, relu]]}, {linear: {units: 3}}"
    assert _names(_network(paths, (4,))) == []


LAYERS = "{linear: {units: 4}}, {residual: [{linear: {units: 4}}]}, {residual: [{linear: {units: 4}}]}"


def test_the_rate_rises_linearly_over_the_branches() -> None:
    network = _network(LAYERS, (4,))
    first, second = branches(network)
    handles = drop_branches(network, 0.6)
    x = torch.randn(4000, 4)
    for branch, expected in ((first, 0.3), (second, 0.6)):
        assert (branch(x) == 0).all(1).float().mean() == pytest.approx(expected, abs=0.03)
    network.eval()
    assert (second(x) != 0).all(), "only in training"
    network.train()
    for handle in handles:
        handle.remove()
    assert (second(x) != 0).all()
    assert [branch(x).count_nonzero().item() for branch in branches(network)] == [16000, 16000]


def test_a_sample_whose_branches_are_dropped_goes_through_the_shortcuts() -> None:
    network = _network(LAYERS, (4,))
    drop_branches(network, 0.999999)
    x = torch.randn(50, 4)
    torch.manual_seed(1)
    first = branches(network)[0]
    assert isinstance(first, nn.Linear)
    before = network.get_submodule("linear1")((x - network.mean) / network.std)
    same = (network(x) == before).all(1)
    assert 5 < same.sum() < 50, "the first branch is dropped for half of them"
