"""Changes of the rows of tables, `(N, F)`: first the numbers, then the codes of categories."""

import torch
from torch import Generator, Tensor

from nas.data.augmentation.signals import noise


def number_noise(batch: Tensor, share: float, std: Tensor, numbers: int, generator: Generator) -> Tensor:
    """Rows with Gaussian noise in their first `numbers` features, in units of their standard deviations `(F,)`."""
    noisy = noise(batch[:, :numbers], share, std[:numbers], generator)
    return torch.cat([noisy, batch[:, numbers:].to(noisy.dtype)], dim=1)


def swap(batch: Tensor, chance: float, generator: Generator) -> Tensor:
    """Rows in which each value is with a probability that of a random row of the batch, as in the corruption of SCARF
    (Bahri et al. 2022)."""
    rows = torch.randint(0, len(batch), batch.shape, device=batch.device, generator=generator)
    swapped = torch.rand(batch.shape, device=batch.device, generator=generator) < chance
    return torch.where(swapped, batch.gather(0, rows), batch)
