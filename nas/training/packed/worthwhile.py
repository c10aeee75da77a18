"""When several trainings of a network are packed, and how many at once.

Packing saves the time of calling operations, and pays where that is most of a step. Whether networks are packed
changes their results by rounding. It must therefore not depend on how fast a machine is, and follows from the network,
the batch size and the number of trainings. The limits were chosen by measurements as in `benchmarks/packing.py`.
"""

import torch

from nas.model import Network
from nas.training.optimizer import decayed
from nas.training.recipe import Recipe

MOST_WORK = 5_000_000
"""The greatest `work` of a layer with which networks are packed. Above it, operations take longer than their calls, and
grouped convolutions become slower than plain ones."""
MOST_WORK_TOGETHER = 25_000_000
"""The greatest work of a layer of all copies together, so that what a step computes stays in the caches."""
MOST_COPIES = 10

PER_PARAMETER = 64
"""What the update of a parameter takes, in multiply-accumulates of a forward pass."""


def work(network: Network, batch_size: int) -> float:
    """What a step of one training takes for each layer with weights, in multiply-accumulates of a forward pass."""
    params, macs = network.arch.cost
    return (macs * batch_size + params * PER_PARAMETER) / max(1, len(decayed(network)))


def group_sizes(network: Network, batch_size: int, trainings: int) -> tuple[int, ...]:
    """How many trainings of a network are packed at once, one group after the other, as equal as possible.

    Args:
        network: one of the networks.
        batch_size: the samples of a step.
        trainings: the number of trainings.

    Returns:
        Sizes with the sum `trainings`; all are 1 where packing does not pay.
    """
    each = work(network, batch_size)
    most = min(MOST_COPIES, int(MOST_WORK_TOGETHER // max(each, 1))) if each <= MOST_WORK else 1
    groups = -(-trainings // most)
    return tuple(trainings // groups + (group < trainings % groups) for group in range(groups))


def suits(device: torch.device, dtype: torch.dtype, recipe: Recipe) -> bool:
    """Whether trainings are packed on a device, in a precision.

    On CUDA, steps are captured as graphs, which saves the same time. In half precision, nothing was measured. Copies do
    not end at different epochs, leave out their branches, average epochs, compile, learn from teachers, or add noise.
    """
    alone = recipe.patience is not None or recipe.drop_path or recipe.swa is not None or recipe.compile == "always"
    alone = alone or recipe.learns or recipe.privacy is not None
    return device.type == "cpu" and dtype == torch.float32 and not alone
