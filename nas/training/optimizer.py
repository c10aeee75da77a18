"""Optimizers, the weights that they let decay, and the schedule of the learning rate."""

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import torch
from torch import nn

from nas.training.recipe import Optimizer, Recipe

Groups = list[dict[str, Any]]
"""Parameters with settings of their own, as optimizers of torch take them."""


def decayed(network: nn.Module) -> list[nn.Parameter]:
    """The weights of convolutions, linear and recurrent layers: parameters of two or more axes, but for those of layer
    norms and embeddings (of tokens and of positions)."""
    others = [module for module in network.modules() if isinstance(module, nn.LayerNorm | nn.Embedding)]
    left_out = {id(parameter) for module in others for parameter in module.parameters()}
    return [parameter for parameter in network.parameters() if parameter.ndim > 1 and id(parameter) not in left_out]


def make_optimizer(network: nn.Module, recipe: Recipe) -> torch.optim.Optimizer:
    """The recipe's optimizer, with weight decay on `decayed` alone."""
    weights = decayed(network)
    chosen = set(map(id, weights))
    rest = [parameter for parameter in network.parameters() if id(parameter) not in chosen]
    groups: Groups = [{"params": weights, "weight_decay": recipe.weight_decay}, {"params": rest, "weight_decay": 0.0}]
    groups = [group for group in groups if group["params"]]
    return OPTIMIZERS[recipe.optimizer](groups, recipe)


def _adamw(groups: Groups, recipe: Recipe) -> torch.optim.Optimizer:
    return torch.optim.AdamW(groups, lr=recipe.lr, fused=True)


def _sgd(groups: Groups, recipe: Recipe) -> torch.optim.Optimizer:
    return torch.optim.SGD(groups, lr=recipe.lr, momentum=recipe.momentum, nesterov=recipe.momentum > 0, fused=True)


OPTIMIZERS: Mapping[Optimizer, Callable[[Groups, Recipe], torch.optim.Optimizer]] = MappingProxyType(
    {"adamw": _adamw, "sgd": _sgd}
)
"""The table of optimizers, made from groups of parameters and the settings of a recipe."""


def learning_rate(progress: float, warmup: float) -> float:
    """The share of the highest learning rate at `progress` in [0, 1) of all steps."""
    if progress < warmup:
        return (progress + 1e-3) / (warmup + 1e-3)
    return 0.5 * (1 + math.cos(math.pi * (progress - warmup) / (1 - warmup)))
