"""Optimizers by name, the weights to which weight decay applies, and the learning rate schedule."""

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType

from torch import nn

from nas.descent import ADAMW, Descent, Rule, momentum_rule
from nas.training.recipe import Optimizer, Recipe


def decayed(network: nn.Module) -> list[nn.Parameter]:
    """The weights of convolutions, linear and recurrent layers: parameters with at least two dimensions, except for
    those of layer norms and of embeddings (of tokens and positions)."""
    others = [module for module in network.modules() if isinstance(module, nn.LayerNorm | nn.Embedding)]
    left_out = {id(parameter) for module in others for parameter in module.parameters()}
    return [parameter for parameter in network.parameters() if parameter.ndim > 1 and id(parameter) not in left_out]


def make_optimizer(network: nn.Module, recipe: Recipe) -> Descent:
    """The optimizer of a recipe. Raises ValueError if the network has no parameters."""
    rule = OPTIMIZERS[recipe.optimizer](recipe)
    return Descent(network.parameters(), rule, decay=recipe.weight_decay, decayed=decayed(network))


OPTIMIZERS: Mapping[Optimizer, Callable[[Recipe], Rule]] = MappingProxyType(
    {"adamw": lambda _: ADAMW, "sgd": lambda recipe: momentum_rule(recipe.momentum)}
)
"""The table of optimizers: the update rule of a recipe."""


def learning_rate(progress: float, warmup: float) -> float:
    """The learning rate relative to its peak: linear warm-up, then cosine decay.

    Args:
        progress: the fraction of all steps that have been taken, in [0, 1).
        warmup: the fraction of steps for the warm-up, in [0, 1).
    """
    if progress < warmup:
        return (progress + 1e-3) / (warmup + 1e-3)
    return 0.5 * (1 + math.cos(math.pi * (progress - warmup) / (1 - warmup)))
