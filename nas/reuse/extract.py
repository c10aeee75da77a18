"""The features of a network, as a module."""

import copy
from typing import Self

import torch
from torch import Tensor, nn

from nas.arguments import checked
from nas.errors import UsageError
from nas.model import Network
from nas.model.features import heads, layer_inputs, layer_outputs
from nas.model.states import renamed
from nas.reuse.trunk import Trunk, trunk_of


class Features(nn.Module):
    """Maps inputs of a network to features `(N, D)`.

    Attributes:
        trunk: the layers that compute them.
        frozen: whether they stay as they are: no parameter takes a gradient, and the layers remain in evaluation mode,
            with the statistics of their training and without dropout.
    """

    def __init__(self, trunk: nn.Module, *, frozen: bool) -> None:
        super().__init__()
        self.trunk, self.frozen = trunk, frozen
        self.requires_grad_(not frozen)
        self.train(not frozen)

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.trunk(x)
        return found

    def train(self, mode: bool = True) -> Self:
        """Sets the mode of all layers, unless they are frozen."""
        return super().train(mode and not self.frozen)


@checked
def extract(network: nn.Module, layer: str | None = None, *, frozen: bool = True) -> Features:
    """The features that a network computes at a layer, as a module of its own; the network is copied.

    Inputs are those of the network: a `Network` normalises them itself. Features with places are pooled by their mean
    over all of them: of `(N, C, ...)` over all but the first two dimensions, and of what a linear layer reads,
    `(N, ..., D)`, over all but the first and the last.

    Args:
        network: a `Network`, or any module that takes one tensor.
        layer: the name of a layer whose output is read, as in `Architecture.names` or `nn.Module.named_modules`. None:
            what the last linear layer reads; of an ensemble, what that of each member reads, side by side. Of a module
            that is no `Network`, the linear layer that was registered last counts as the last one.
        frozen: whether the layers stay as they are; if not, they are trained with what reads them.

    Returns:
        The module. If the network is a `Network`, it has the layers up to that place alone.

    Raises:
        UsageError: there is no such layer, or no linear layer. When it is called: the layer of a module did not run, or
            its output has fewer than two dimensions.
    """
    if isinstance(network, Network):
        return Features(trunk_network(network, trunk_of(network.arch, layer)), frozen=frozen)
    return Features(_Reading(copy.deepcopy(network), layer), frozen=frozen)


def trunk_network(network: Network, trunk: Trunk) -> Network:
    """A trunk of a network with its weights, on the CPU and in evaluation mode."""
    with torch.random.fork_rng(devices=[]):
        found = Network(trunk.arch, mean=network.mean.cpu(), std=network.std.cpu())
    found.load_state_dict(trunk_state(network, trunk))
    return found.eval()


def trunk_state(network: Network, trunk: Trunk) -> dict[str, Tensor]:
    """The weights of the layers of a trunk, and the normalisation of inputs, by their names in the trunk."""
    return {"mean": network.mean, "std": network.std, **renamed(network.state_dict(), trunk.names)}


class _Reading(nn.Module):
    """Runs a module, and reads what comes out of a layer of it, or what its last linear layer reads."""

    def __init__(self, module: nn.Module, layer: str | None) -> None:
        super().__init__()
        names = heads(module) if layer is None else (layer,)
        if not names:
            raise UsageError("the network has no linear layer; name the layer whose output is read")
        self.module, self.name = module, names[0]
        self._collect = layer_inputs if layer is None else layer_outputs
        with layer_outputs(module, names):
            pass  # there is such a layer

    def forward(self, x: Tensor) -> Tensor:
        with self._collect(self.module, [self.name]) as found:
            self.module(x)
        if self.name not in found:
            raise UsageError(f"{self.name} did not run")
        features = found[self.name]
        if features.ndim < 2:
            raise UsageError(f"{self.name}: expected features (N, D) or (N, C, ...), got {tuple(features.shape)}")
        if features.ndim == 2:
            return features
        return features.flatten(1, -2).mean(1) if self._collect is layer_inputs else features.flatten(2).mean(2)
