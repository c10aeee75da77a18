"""Augmented samples to look at."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.data.dataset import Dataset
from nas.ops import Augment


def augmented_samples(
    data: Dataset, augment: Augment, rows: Sequence[int], *, copies: int = 1, seed: int = 0
) -> NDArray[Any]:
    """Training samples as trainings see them, `(copies, N, *shape)`, each copy with other random changes.

    Args:
        data: the data set.
        augment: the settings of augmentation.
        rows: the places of N of its training samples; with `mixup` or `cutmix`, they are mixed with each other.
        copies: how often each is augmented.
        seed: of all random numbers.

    Returns:
        In the type of the inputs, or in float32 where values are computed.

    Raises:
        UsageError: the settings do not suit the data set.
    """
    import torch

    from nas.data.augmentation.batches import Augmentation, known_of, spread

    inputs = data.train.inputs
    samples = torch.from_numpy(np.asarray(inputs[spread(len(inputs))])) if augment.coloured else None
    augmentation = Augmentation(augment, data.input, known_of(data.mean, data.std, samples))
    batch = torch.from_numpy(inputs[np.asarray(rows)])
    generator = torch.Generator().manual_seed(seed)
    return np.stack([augmentation(batch, generator).inputs.numpy() for _ in range(copies)])
