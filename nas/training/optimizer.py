"""Optimizers, the weights to which weight decay applies, and the learning rate schedule.

The updates are torch's own, called as functions. The constructor of a `torch.optim.Optimizer` imports torch's compiler,
which takes as long as many a training of a small network, and its methods run hooks in each step.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.optim.adamw import adamw
from torch.optim.sgd import sgd

from nas.training.recipe import Optimizer, Recipe

Memory = Mapping[str, list[Tensor]]
"""What an optimizer remembers of its parameters: each quantity by name, with one tensor for each parameter."""


class Rule(NamedTuple):
    """How parameters are updated.

    Attributes:
        memory: the quantities that are remembered, and how they begin, given a parameter.
        update: updates parameters and their memory in place, given the gradients, the weight decay and the learning
            rate.
    """

    memory: Mapping[str, Callable[[Tensor], Tensor]]
    update: Callable[[list[Tensor], list[Tensor], Memory, float, float], None]


class Group(NamedTuple):
    """Parameters of equal weight decay, and what is remembered of them."""

    parameters: list[nn.Parameter]
    decay: float
    memory: Memory


class Descent:
    """An optimizer of a network: bitwise the one of `torch.optim` with `fused=True`.

    Args:
        network: the network, with weight decay only on the parameters `decayed`.
        rule: how its parameters are updated.
        decay: the weight decay.

    Attributes:
        parameters: all parameters of the network, in its order.
        groups: the same by weight decay.
        param_groups: the groups, as `torch.amp.GradScaler` reads them.

    Raises:
        ValueError: the network has no parameters.
    """

    def __init__(self, network: nn.Module, rule: Rule, decay: float) -> None:
        self.parameters = list(network.parameters())
        if not self.parameters:
            raise ValueError("the network has no parameters to train")
        weights = decayed(network)
        chosen = set(map(id, weights))
        rest = [parameter for parameter in self.parameters if id(parameter) not in chosen]
        self._rule = rule
        self.groups: Sequence[Group] = [
            Group(part, share, {name: [begin(one) for one in part] for name, begin in rule.memory.items()})
            for part, share in ((weights, decay), (rest, 0.0))
            if part
        ]
        self.param_groups = [{"params": group.parameters} for group in self.groups]

    def zero_grad(self) -> None:
        """Removes all gradients."""
        for parameter in self.parameters:
            parameter.grad = None

    @torch.no_grad()
    def clip(self, most: float) -> None:
        """Scales all gradients so that the norm of them together is at most `most`.

        Bitwise `nn.utils.clip_grad_norm_`, which sorts tensors by device and type for kernels that CPUs do not have.
        """
        if self.parameters[0].device.type != "cpu":
            nn.utils.clip_grad_norm_(self.parameters, most)
            return
        gradients = [parameter.grad for parameter in self.parameters if parameter.grad is not None]
        if gradients:
            norm = torch.linalg.vector_norm(torch.stack([torch.linalg.vector_norm(one) for one in gradients]))
            factor = torch.clamp(most / (norm + 1e-6), max=1.0)
            for gradient in gradients:
                gradient.mul_(factor)

    @torch.no_grad()
    def step(self, lr: float) -> None:
        """Updates the parameters that have a gradient, with a learning rate."""
        for parameters, decay, memory in self.groups:
            found = [(row, one.grad) for row, one in enumerate(parameters) if one.grad is not None]
            if found:
                rows, gradients = map(list, zip(*found, strict=True))
                kept = {name: [tensors[row] for row in rows] for name, tensors in memory.items()}
                self._rule.update([parameters[row] for row in rows], gradients, kept, decay, lr)

    def state(self) -> Mapping[str, Tensor]:
        """What is remembered, by name: the tensors themselves."""
        return {
            f"{number}.{name}.{row}": tensor
            for number, group in enumerate(self.groups)
            for name, tensors in group.memory.items()
            for row, tensor in enumerate(tensors)
        }


def decayed(network: nn.Module) -> list[nn.Parameter]:
    """The weights of convolutions, linear and recurrent layers: parameters with at least two dimensions, except for
    those of layer norms and of embeddings (of tokens and positions)."""
    others = [module for module in network.modules() if isinstance(module, nn.LayerNorm | nn.Embedding)]
    left_out = {id(parameter) for module in others for parameter in module.parameters()}
    return [parameter for parameter in network.parameters() if parameter.ndim > 1 and id(parameter) not in left_out]


def make_optimizer(network: nn.Module, recipe: Recipe) -> Descent:
    """The optimizer of a recipe. Raises ValueError if the network has no parameters."""
    return Descent(network, OPTIMIZERS[recipe.optimizer](recipe), recipe.weight_decay)


def _scalar(parameter: Tensor) -> Tensor:
    return torch.zeros((), device=parameter.device)


def _adamw(_: Recipe) -> Rule:
    def update(parameters: list[Tensor], gradients: list[Tensor], memory: Memory, decay: float, lr: float) -> None:
        adamw(
            parameters,
            gradients,
            memory["exp_avg"],
            memory["exp_avg_sq"],
            [],
            memory["step"],
            fused=True,
            amsgrad=False,
            beta1=0.9,
            beta2=0.999,
            lr=lr,
            weight_decay=decay,
            eps=1e-8,
            maximize=False,
        )

    return Rule({"exp_avg": torch.zeros_like, "exp_avg_sq": torch.zeros_like, "step": _scalar}, update)


def _sgd(recipe: Recipe) -> Rule:
    def update(parameters: list[Tensor], gradients: list[Tensor], memory: Memory, decay: float, lr: float) -> None:
        sgd(
            parameters,
            gradients,
            list(memory.get("momentum", ())),
            fused=True,
            weight_decay=decay,
            momentum=recipe.momentum,
            lr=lr,
            dampening=0.0,
            nesterov=recipe.momentum > 0,
            maximize=False,
        )

    return Rule({"momentum": torch.zeros_like} if recipe.momentum else {}, update)


OPTIMIZERS: Mapping[Optimizer, Callable[[Recipe], Rule]] = MappingProxyType({"adamw": _adamw, "sgd": _sgd})
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
