"""The loss of each sample, from which attacks infer who was a member."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from nas.interrupt import stop_if_asked
from nas.training.residence import Inputs, in_order
from nas.training.workbench import SCORING_BATCH, Workbench

LEAST_LOSS = 1e-12
"""What is taken for a loss of 0, whose confidence would be infinite."""


def losses_of(bench: Workbench, network: nn.Module, inputs: Inputs, targets: Tensor) -> NDArray[np.float64]:
    """The loss of each sample `(N,)`, in float64: those of members may be too small for a difference in float32.

    Args:
        bench: whose task has the loss, the first one without settings.
        network: on the device of the bench, in evaluation mode.
        inputs: `(N, *shape)`, on that device or elsewhere.
        targets: of these samples, on that device.
    """
    criterion = next(iter(bench.task.losses.values()))()
    found = []
    with torch.inference_mode(), bench.autocast():
        for x, y in zip(in_order(inputs, SCORING_BATCH // 2), torch.split(targets, SCORING_BATCH // 2), strict=True):
            stop_if_asked()
            outputs = network(x)
            with torch.autocast(bench.device.type, enabled=False):
                found.append(criterion(outputs.double(), y, reduction="none").cpu().numpy())
    return np.concatenate(found)


def confidences(losses: NDArray[np.float64]) -> NDArray[np.float64]:
    """`log(p / (1 - p))` for `p = exp(-loss)`, which is about Gaussian over trainings (Carlini et al. 2022).

    For a classification, p is the probability of the true class.
    """
    losses = np.maximum(losses, LEAST_LOSS)
    found: NDArray[np.float64] = -losses - np.log(-np.expm1(-losses))
    return found
