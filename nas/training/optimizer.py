"""Optimizers, the weights that they let decay, and the schedule of the learning rate."""

import math

import torch
from torch import nn

from nas.training.recipe import Recipe


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
    groups = [{"params": weights, "weight_decay": recipe.weight_decay}, {"params": rest, "weight_decay": 0.0}]
    groups = [group for group in groups if group["params"]]
    if recipe.optimizer == "adamw":
        return torch.optim.AdamW(groups, lr=recipe.lr, fused=True)
    return torch.optim.SGD(groups, lr=recipe.lr, momentum=recipe.momentum, nesterov=recipe.momentum > 0, fused=True)


def learning_rate(progress: float, warmup: float) -> float:
    """The share of the highest learning rate at `progress` in [0, 1) of all steps."""
    if progress < warmup:
        return (progress + 1e-3) / (warmup + 1e-3)
    return 0.5 * (1 + math.cos(math.pi * (progress - warmup) / (1 - warmup)))
