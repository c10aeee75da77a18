"""Linear probes: a linear layer on fixed features, fitted by the loss of the task with an L2 penalty.

Of classes, this is multinomial logistic regression, of labels one logistic regression for each, and of values ridge
regression. Alain and Bengio, "Understanding intermediate layers using linear classifier probes" (ICLR workshop 2017);
that a penalty is chosen on validation data, of a range of powers of 10, is as in Kornblith et al., "Do better ImageNet
models transfer better?" (CVPR 2019).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nas.interrupt import stop_if_asked
from nas.tasks import Task

PENALTIES = (1.0, 0.1, 0.01, 1e-3, 1e-4)
"""Factors of half the squared weights, beside the mean loss of the samples; the strongest first."""

MOST_STEPS = 100
"""Of L-BFGS for each penalty; each begins where the one before has ended."""


@dataclass(frozen=True, eq=False)
class Head:
    """A linear layer on features.

    Attributes:
        penalty: that it was fitted with.
        weight: `(K, D)` float32.
        bias: `(K,)` float32.
    """

    penalty: float
    weight: Tensor
    bias: Tensor


def probes(features: Tensor, targets: Tensor, task: Task, penalties: tuple[float, ...] = PENALTIES) -> Iterator[Head]:
    """The heads for some penalties, in their order.

    The penalty is on the weights of standardised features; the bias has none. Outputs are those before a network scales
    them (`Task.scaling`).

    Args:
        features: `(N, D)`, of the training samples.
        targets: of these samples.
        task: its first loss, without settings, is minimised.
        penalties: see `PENALTIES`.
    """
    from scipy.optimize import minimize

    values = features.double().cpu()
    mean, std = values.mean(0), values.std(0, correction=0)
    std = torch.where(std > 1e-6 * std.max(), std, 1.0)
    values = (values - mean) / std
    truth = targets.cpu().double() if targets.is_floating_point() else targets.cpu()
    criterion = next(iter(task.losses.values()))()
    offset, scale = (torch.tensor(one, dtype=torch.float64) for one in task.scaling or ((0.0,), (1.0,)))
    size = len(task.outputs), values.shape[1]

    def loss(flat: NDArray[np.float64], penalty: float) -> tuple[float, NDArray[np.float64]]:
        stop_if_asked()
        parameters = torch.from_numpy(flat).view(size[0], size[1] + 1).requires_grad_()
        weight, bias = parameters[:, :-1], parameters[:, -1]
        outputs = (values @ weight.T + bias) * scale + offset
        total = criterion(outputs, truth) + penalty / 2 * weight.square().sum()
        (gradient,) = torch.autograd.grad(total, parameters)
        return total.item(), gradient.flatten().numpy()

    found = np.zeros(size[0] * (size[1] + 1))
    for penalty in penalties:
        found = minimize(loss, found, (penalty,), method="L-BFGS-B", jac=True, options={"maxiter": MOST_STEPS}).x
        parameters = torch.from_numpy(found).view(size[0], -1)
        weight = parameters[:, :-1] / std
        bias = parameters[:, -1] - weight @ mean
        yield Head(penalty, weight.float(), bias.float())
