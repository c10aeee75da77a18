"""Optimizers by name, and the weights to which weight decay applies."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from torch import nn

from nas.descent import ADAMW, Descent, Rule, momentum_rule
from nas.training.muon import hidden, kernels, muon_rule
from nas.training.recipe import Optimizer, Recipe
from nas.training.schedule import MOST_MOMENTUM


def decayed(network: nn.Module) -> list[nn.Parameter]:
    """The weights of convolutions, linear and recurrent layers: parameters with at least two dimensions, except for
    those of layer norms and of embeddings (of tokens and positions)."""
    others = [module for module in network.modules() if isinstance(module, nn.LayerNorm | nn.Embedding)]
    left_out = {id(parameter) for module in others for parameter in module.parameters()}
    return [parameter for parameter in network.parameters() if parameter.ndim > 1 and id(parameter) not in left_out]


def make_optimizer(network: nn.Module, recipe: Recipe) -> Descent:
    """The optimizer of a recipe. Raises ValueError if the network has no parameters."""
    return optimizer_of(list(network.parameters()), network, recipe)


def optimizer_of(
    parameters: list[nn.Parameter], network: nn.Module, recipe: Recipe, *, copies: bool = False
) -> Descent:
    """The optimizer of a recipe for parameters that stand for those of a network, in the same order.

    Args:
        parameters: those that are updated.
        network: decides which of them decay.
        recipe: the training recipe.
        copies: whether the parameters are `(K, *shape)`, those of the K copies of a packed network.

    Raises:
        ValueError: there are no parameters.
    """
    places = {id(parameter): place for place, parameter in enumerate(network.parameters())}
    weights = decayed(network)
    decaying = [parameters[places[id(one)]] for one in weights]
    inertia = recipe.momentum if recipe.schedule == "cosine" else MOST_MOMENTUM
    apart: list[tuple[list[nn.Parameter], Rule]] = []
    if recipe.optimizer == "muon":
        flattened = set(map(id, kernels(network)))
        for flat in (True, False):
            inner = [one for one in hidden(network, weights) if (id(one) in flattened) is flat]
            rule = muon_rule(inertia, copies=copies, flat=flat)
            apart.append(([parameters[places[id(one)]] for one in inner], rule))
    return Descent(
        parameters, OPTIMIZERS[recipe.optimizer](inertia), decay=recipe.weight_decay, decayed=decaying, apart=apart
    )


OPTIMIZERS: Mapping[Optimizer, Callable[[float], Rule]] = MappingProxyType(
    {"adamw": lambda _: ADAMW, "sgd": momentum_rule, "muon": lambda _: ADAMW}
)
"""The table of optimizers: the update rule for a momentum. That of `muon` is for all but the hidden weights."""
