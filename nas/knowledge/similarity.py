"""How much the layers of two networks resemble each other: centred kernel alignment (CKA)."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor, nn

from nas.arguments import checked
from nas.errors import UsageError, few
from nas.interrupt import stop_if_asked
from nas.knowledge.running import device_of, evaluating, inputs_on
from nas.model import Network
from nas.model.features import layer_outputs

BATCH = 128
"""Samples whose features are compared with each other at once."""

LEAST = 4
"""Samples that the unbiased estimate takes."""


@dataclass(frozen=True, eq=False)
class LayerSimilarity:
    """The similarity of each layer of a network to each of another.

    Attributes:
        first: the names of the layers of the first network.
        second: those of the second one.
        cka: their similarities, `(len(first), len(second))`: 1 for features that are equal but for rotation and scale,
            about 0 for unrelated ones, and less by chance. NaN: a layer puts out the same for all samples.
    """

    first: tuple[str, ...]
    second: tuple[str, ...]
    cka: NDArray[np.float64]


@checked
def layer_similarity(
    first: nn.Module,
    second: nn.Module,
    inputs: ArrayLike | Tensor,
    *,
    first_layers: Sequence[str] | None = None,
    second_layers: Sequence[str] | None = None,
) -> LayerSimilarity:
    """The similarity of what layers of two networks put out for the same samples: linear CKA (Kornblith, Norouzi, Lee
    & Hinton 2019, Similarity of Neural Network Representations Revisited, eq. 3).

    `CKA = HSIC(K, L) / √(HSIC(K, K) · HSIC(L, L))`, where K = XXᵀ and L = YYᵀ have the products of the features of all
    pairs of samples. Each HSIC is an unbiased estimate, averaged over batches of at most 128 samples, so that memory
    does not grow with their number (Nguyen, Raghu & Kornblith 2021, Do Wide and Deep Networks Learn the Same Things?,
    eq. 2 and 3). Batches are taken in the order of the samples, which should not be sorted.

    Args:
        first: a network, run in evaluation mode.
        second: another one that takes the same inputs; it may be the same.
        inputs: `(N, *shape)`, of 4 samples or more; some hundreds suffice.
        first_layers: names of layers, as `nn.Module.named_modules` says them. None: all layers with weights.
        second_layers: likewise.

    Raises:
        UsageError: there are too few samples, or a network has no layer of a name, or none with weights.
    """
    given = inputs if isinstance(inputs, Tensor) else np.asarray(inputs)
    if len(given) < LEAST:
        raise UsageError(f"expected {LEAST} samples or more, got {len(given)}")
    cross = of_first = of_second = torch.zeros((), dtype=torch.float64)
    names: list[tuple[str, ...]] = []
    for start, end in pairwise(np.linspace(0, len(given), -(-len(given) // BATCH) + 1).round().astype(int).tolist()):
        stop_if_asked()
        found = [
            _products(module, given[start:end], layers)
            for module, layers in ((first, first_layers), (second, second_layers))
        ]
        names = [tuple(one) for one in found]
        x, y = (torch.stack([*one.values()]).flatten(1).to(device_of(first)) for one in found)
        pairs = (end - start) * (end - start - 3)
        cross = cross + x @ y.T / pairs
        of_first = of_first + x.square().sum(1, keepdim=True) / pairs
        of_second = of_second + y.square().sum(1) / pairs
    cka = (cross / (of_first * of_second).sqrt()).cpu().numpy()
    return LayerSimilarity(names[0], names[1], cka)


def feature_similarity(first: Tensor, second: Tensor) -> Tensor:
    """The linear CKA of the features of the same samples, from the unbiased estimates of HSIC, see `layer_similarity`.

    Args:
        first: `(N, ...)`, of 4 samples or more. Gradients reach it.
        second: `(N, ...)`, of other features.
    """
    x, y = centred_products(first), centred_products(second)
    return (x * y).sum() / (x.square().sum() * y.square().sum()).sqrt()


def centred_products(features: Tensor) -> Tensor:
    """The products of the features of all pairs of samples, centred so that the sum of products of two such matrices is
    `n(n - 3)` times the unbiased estimate of HSIC (Székely & Rizzo 2014, Partial Distance Correlation, eq. 2.2).

    Args:
        features: `(n, ...)`; the mean over samples is taken away first, which changes nothing but rounding.

    Returns:
        `(n, n)` float64, 0 on the diagonal.
    """
    x = features.flatten(1).double()
    x = x - x.mean(0)
    products, n = x @ x.T, len(x)
    products = products - torch.diag(products.diagonal())
    rows = products.sum(1) / (n - 2)
    centred = products - rows[:, None] - rows[None] + rows.sum() / (n - 1)
    return centred - torch.diag(centred.diagonal())


def _products(module: nn.Module, inputs: ArrayLike | Tensor, names: Sequence[str] | None) -> dict[str, Tensor]:
    """The centred products of the outputs of each layer, by its name; of all layers with weights, those that ran."""
    chosen = _weighted(module) if names is None else names
    with evaluating(module), torch.no_grad(), layer_outputs(module, chosen) as outputs:
        module(inputs_on(module, inputs))
    if names is not None and (missing := [name for name in names if name not in outputs]):
        raise UsageError(f"expected layers that run, but {few(missing)} does not")
    if not outputs:
        raise UsageError("expected a network with weights, or the names of layers, got neither")
    return {name: centred_products(outputs[name]) for name in chosen if name in outputs}


def _weighted(module: nn.Module) -> Sequence[str]:
    """The layers of a `Network` that have weights; of another module, its innermost parts that have some."""
    if isinstance(module, Network):
        return [name for name, part in module.named_children() if any(True for _ in part.parameters())]
    return [name for name, part in module.named_modules() if any(True for _ in part.parameters(recurse=False))]
