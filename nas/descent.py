"""Gradient descent: torch's updates of parameters, called as functions.

The constructor of a `torch.optim.Optimizer` imports torch's compiler, which takes as long as many a training of a small
network, and its methods run hooks in each step.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.optim.adam import adam
from torch.optim.adamw import adamw
from torch.optim.sgd import sgd

Memory = Mapping[str, list[Tensor]]
"""What an optimizer remembers of its parameters: each quantity by name, with one tensor for each parameter."""


class Scaling(NamedTuple):
    """What a `torch.amp.GradScaler` says of the gradients of a step, as tensors on their device.

    Attributes:
        grad_scale: by which they are still multiplied; None: by nothing.
        found_inf: 1 where one overflowed, and nothing is updated, else 0; None: nothing was checked.
    """

    grad_scale: Tensor | None = None
    found_inf: Tensor | None = None


class Pace(NamedTuple):
    """How far a step goes.

    Attributes:
        lr: the learning rate; a tensor without dimensions, on the device, where the step is captured.
        momentum: in place of that of the rule (β1 of Adam); None: that of the rule.
    """

    lr: float | Tensor
    momentum: float | None = None


class Rule(NamedTuple):
    """How parameters are updated.

    Attributes:
        memory: the quantities that are remembered, and how they begin, given a parameter.
        update: updates parameters and their memory in place, given the gradients, the weight decay, the pace and the
            scaling of the gradients.
    """

    memory: Mapping[str, Callable[[Tensor], Tensor]]
    update: Callable[[list[Tensor], list[Tensor], Memory, float, Pace, Scaling], None]


class Group(NamedTuple):
    """Parameters of one rule, equal weight decay and equal rate, and what is remembered of them."""

    parameters: list[nn.Parameter]
    rule: Rule
    decay: float
    memory: Memory
    rate: float = 1.0

    def part(self, rows: Sequence[int], rate: float) -> "Group":
        """Some of the parameters, with a rate of their own."""
        memory = {name: [tensors[row] for row in rows] for name, tensors in self.memory.items()}
        return self._replace(parameters=[self.parameters[row] for row in rows], memory=memory, rate=rate)


class Descent:
    """An optimizer of some parameters: bitwise the one of `torch.optim` with `fused=True`.

    Args:
        parameters: the parameters.
        rule: how they are updated.
        decay: the weight decay of those that are `decayed`.
        decayed: some of the parameters; the others have no weight decay.
        apart: some of the parameters that are updated by a rule of their own, and that rule, for each such rule.

    Attributes:
        parameters: all parameters, in their order.
        groups: the same by rule, weight decay and rate, by which the learning rate of a step is multiplied.

    Raises:
        ValueError: there are no parameters.
    """

    _step_supports_amp_scaling = True
    """Tells a `GradScaler` that `step` reads `grad_scale` and `found_inf`, which it sets and deletes. It would copy
    `found_inf` to the host instead, in every step, which waits for the device and cannot be captured."""

    def __init__(
        self,
        parameters: Iterable[nn.Parameter],
        rule: Rule,
        *,
        decay: float = 0.0,
        decayed: Sequence[nn.Parameter] = (),
        apart: Sequence[tuple[Sequence[nn.Parameter], Rule]] = (),
    ) -> None:
        self.parameters = list(parameters)
        if not self.parameters:
            raise ValueError("the network has no parameters to train")
        chosen, own = set(map(id, decayed)), {id(one): how for several, how in apart for one in several}
        parts = [
            (
                [one for one in self.parameters if (id(one) in chosen) is decays and own.get(id(one), rule) is how],
                how,
                decay if decays else 0.0,
            )
            for how in (rule, *(how for _, how in apart))
            for decays in (True, False)
        ]
        self.groups: Sequence[Group] = [
            Group(part, how, share, {name: [begin(one) for one in part] for name, begin in how.memory.items()})
            for part, how, share in parts
            if part
        ]

    @property
    def param_groups(self) -> list[dict[str, list[nn.Parameter]]]:
        """The groups, as `torch.amp.GradScaler` reads them."""
        return [{"params": group.parameters} for group in self.groups]

    def slow(self, parameters: Iterable[nn.Parameter], rate: float) -> None:
        """Multiplies the learning rate of some parameters in all steps to come, and with it their weight decay.

        Args:
            parameters: some of the parameters.
            rate: the factor.
        """
        slowed, found = set(map(id, parameters)), []
        for group in self.groups:
            for slower in (False, True):
                rows = [row for row, one in enumerate(group.parameters) if (id(one) in slowed) is slower]
                if rows:
                    found.append(group.part(rows, group.rate * rate if slower else group.rate))
        self.groups = found

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
    def step(self, lr: float | Tensor, momentum: float | None = None) -> None:
        """Updates the parameters that have a gradient, at a `Pace`."""
        scaling = Scaling(getattr(self, "grad_scale", None), getattr(self, "found_inf", None))
        for parameters, rule, decay, memory, rate in self.groups:
            pace = Pace(lr if rate == 1 else lr * rate, momentum)
            found = [(row, one.grad) for row, one in enumerate(parameters) if one.grad is not None]
            if found:
                rows, gradients = map(list, zip(*found, strict=True))
                kept = {name: [tensors[row] for row in rows] for name, tensors in memory.items()}
                rule.update([parameters[row] for row in rows], gradients, kept, decay, pace, scaling)

    def state(self) -> Mapping[str, Tensor]:
        """What is remembered, by name: the tensors themselves."""
        return {
            f"{number}.{name}.{row}": tensor
            for number, group in enumerate(self.groups)
            for name, tensors in group.memory.items()
            for row, tensor in enumerate(tensors)
        }


def _scalar(parameter: Tensor) -> Tensor:
    return torch.zeros((), device=parameter.device)


def _adaptive(function: Callable[..., None]) -> Rule:
    """Adam (Kingma & Ba 2015) or AdamW, with torch's default β and ε."""

    def update(
        parameters: list[Tensor],
        gradients: list[Tensor],
        memory: Memory,
        decay: float,
        pace: Pace,
        scaling: Scaling,
    ) -> None:
        function(
            parameters,
            gradients,
            memory["exp_avg"],
            memory["exp_avg_sq"],
            [],
            memory["step"],
            fused=True,
            amsgrad=False,
            beta1=0.9 if pace.momentum is None else pace.momentum,
            beta2=0.999,
            lr=pace.lr,
            weight_decay=decay,
            eps=1e-8,
            maximize=False,
            grad_scale=scaling.grad_scale,
            found_inf=scaling.found_inf,
        )

    return Rule({"exp_avg": torch.zeros_like, "exp_avg_sq": torch.zeros_like, "step": _scalar}, update)


ADAM = _adaptive(adam)
"""Adam (Kingma & Ba 2015)."""

ADAMW = _adaptive(adamw)
"""AdamW (Loshchilov & Hutter 2019)."""


def momentum_rule(momentum: float) -> Rule:
    """Stochastic gradient descent with Nesterov momentum; 0: without momentum."""

    def update(
        parameters: list[Tensor],
        gradients: list[Tensor],
        memory: Memory,
        decay: float,
        pace: Pace,
        scaling: Scaling,
    ) -> None:
        sgd(
            parameters,
            gradients,
            list(memory.get("momentum", ())),
            fused=True,
            weight_decay=decay,
            momentum=momentum if pace.momentum is None else pace.momentum,
            lr=pace.lr,  # type: ignore[arg-type]  # the fused update takes tensors too
            dampening=0.0,
            nesterov=momentum > 0,
            maximize=False,
            grad_scale=scaling.grad_scale,
            found_inf=scaling.found_inf,
        )

    return Rule({"momentum": torch.zeros_like} if momentum else {}, update)
