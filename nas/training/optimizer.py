"""Optimizers, the weights to which weight decay applies, and the learning rate schedule."""

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import torch
from torch import nn

from nas.training.recipe import Optimizer, Recipe

Groups = list[dict[str, Any]]
"""Parameter groups, as in `torch.optim`."""


def decayed(network: nn.Module) -> list[nn.Parameter]:
    """The weights of convolutions, linear and recurrent layers: parameters with at least two dimensions, except for
    those of layer norms and of embeddings (of tokens and positions)."""
    others = [module for module in network.modules() if isinstance(module, nn.LayerNorm | nn.Embedding)]
    left_out = {id(parameter) for module in others for parameter in module.parameters()}
    return [parameter for parameter in network.parameters() if parameter.ndim > 1 and id(parameter) not in left_out]


def make_optimizer(network: nn.Module, recipe: Recipe) -> torch.optim.Optimizer:
    """The optimizer of a recipe, with weight decay only on the parameters `decayed`."""
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
"""The table of optimizers, created from parameter groups and a recipe."""


def learning_rate(progress: float, warmup: float) -> float:
    """The learning rate relative to its peak: linear warm-up, then cosine decay.

    Args:
        progress: the fraction of all steps that have been taken, in [0, 1).
        warmup: the fraction of steps for the warm-up, in [0, 1).
    """
    if progress < warmup:
        return (progress + 1e-3) / (warmup + 1e-3)
    return 0.5 * (1 + math.cos(math.pi * (progress - warmup) / (1 - warmup)))
