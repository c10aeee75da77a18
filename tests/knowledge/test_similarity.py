"""Similarity of layers: against formulas of their own, and what must not change it."""

from collections.abc import Callable
from itertools import permutations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from nas.errors import UsageError
from nas.knowledge.similarity import BATCH, centred_products, feature_similarity, layer_similarity
from nas.model import Network


def features(seed: int, count: int = 40, width: int = 6) -> Tensor:
    return torch.randn(count, width, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def hsic_by_traces(k: NDArray[np.float64], m: NDArray[np.float64]) -> float:
    """Song et al. 2012, eq. 5, as in Nguyen et al. 2021, eq. 3."""
    n = len(k)
    k, m = k - np.diag(np.diag(k)), m - np.diag(np.diag(m))
    ones = np.ones(n)
    terms = np.trace(k @ m) + (ones @ k @ ones) * (ones @ m @ ones) / ((n - 1) * (n - 2))
    return float((terms - 2 / (n - 2) * (ones @ k @ m @ ones)) / (n * (n - 3)))


def hsic_by_sums(k: NDArray[np.float64], m: NDArray[np.float64]) -> float:
    """The U-statistic: a mean over all ordered sets of four samples (Gretton et al. 2005)."""
    found = [k[i, j] * (m[i, j] + m[q, r] - 2 * m[i, q]) for i, j, q, r in permutations(range(len(k)), 4)]
    return float(np.mean(found))


@pytest.mark.parametrize("seed", range(3))
def test_the_estimate_of_hsic(seed: int) -> None:
    x, y = features(seed, 7), features(seed + 10, 7, 3) + features(seed, 7)[:, :3]
    k, m = (x @ x.T).numpy(), (y @ y.T).numpy()
    found = float((centred_products(x) * centred_products(y)).sum()) / (7 * 4)
    assert found == pytest.approx(hsic_by_traces(k, m))
    assert found == pytest.approx(hsic_by_sums(k, m))


@pytest.mark.parametrize("seed", range(5))
def test_rotation_scale_and_shift_change_nothing(seed: int) -> None:
    x, y = features(seed), features(seed + 10, width=4) + features(seed)[:, :4]
    turn = torch.linalg.qr(features(seed + 20, 6)).Q
    found = feature_similarity(x, y)
    torch.testing.assert_close(feature_similarity(3.5 * x @ turn + 2, y), found)
    torch.testing.assert_close(feature_similarity(x, x @ turn), torch.tensor(1.0, dtype=torch.float64))
    assert 0 < found < 1
    assert feature_similarity(x @ torch.diag(torch.arange(6.0, dtype=torch.float64)), y) != pytest.approx(float(found))


def test_the_form_in_features_is_approached_with_many_samples() -> None:
    """Kornblith et al. 2019, eq. 3 with linear kernels: ‖YᵀX‖² / (‖XᵀX‖ ‖YᵀY‖), of centred features."""
    x = features(0, 1500)
    y = x[:, :3] + features(1, 1500, 3)
    x, y = x - x.mean(0), y - y.mean(0)
    expected = (y.T @ x).square().sum() / ((x.T @ x).norm() * (y.T @ y).norm())
    assert float(feature_similarity(x, y)) == pytest.approx(float(expected), abs=0.005)


def test_unrelated_features_are_not_similar_however_wide() -> None:
    """The biased estimate is near 1 here."""
    found = [float(feature_similarity(features(seed, 30, 300), features(seed + 50, 30, 300))) for seed in range(20)]
    assert abs(float(np.mean(found))) < 0.03


def test_layers_of_two_networks(make_network: Callable[[int], Network]) -> None:
    first, second = make_network(0), make_network(1).train()
    inputs = torch.randn(2 * BATCH + 50, 2, 4, 4, generator=torch.Generator().manual_seed(3))
    found = layer_similarity(first, second, inputs.numpy())
    assert found.first == found.second == ("conv1", "linear1", "linear2")
    same = layer_similarity(first, first, inputs)
    np.testing.assert_allclose(np.diag(same.cka), 1)
    np.testing.assert_allclose(same.cka, same.cka.T)
    one = layer_similarity(first, second, inputs, first_layers=["conv1"], second_layers=["tanh2"])
    assert (one.first, one.second, one.cka.shape) == (("conv1",), ("tanh2",), (1, 1))
    with torch.no_grad():
        x, y = (network.eval().get_submodule("conv1")((inputs - 0.3) / 2) for network in (first, second))
    assert float(found.cka[0, 0]) == pytest.approx(float(feature_similarity(x, y)), abs=0.01)


def test_layers_of_other_modules() -> None:
    module = nn.Sequential(nn.Linear(3, 4), nn.Sequential(nn.ReLU(), nn.Linear(4, 2)))
    assert layer_similarity(module, module, features(0, 20, 3)).first == ("0", "1.1")


def test_what_does_not_fit(network: Network, inputs: Tensor) -> None:
    with pytest.raises(UsageError, match="4 samples or more, got 3"):
        layer_similarity(network, network, inputs[:3])
    with pytest.raises(UsageError, match="no layer 'conv2'; did you mean 'conv1'"):
        layer_similarity(network, network, inputs, first_layers=["conv2"])
    with pytest.raises(UsageError, match="with weights, or the names of layers"):
        layer_similarity(network, nn.Flatten(), inputs)

    class Idle(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.used, self.unused = nn.Linear(2, 2), nn.Linear(2, 2)

        def forward(self, x: Tensor) -> Tensor:
            found: Tensor = self.used(x)
            return found

    assert layer_similarity(Idle(), Idle(), features(0, 9, 2)).first == ("used",)
    with pytest.raises(UsageError, match="expected layers that run, but unused does not"):
        layer_similarity(Idle(), Idle(), features(0, 9, 2), first_layers=["unused"])
