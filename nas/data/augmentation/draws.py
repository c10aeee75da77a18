"""Random numbers for each sample of a batch, on its device."""

import torch
from torch import Generator, Tensor


def uniform(batch: Tensor, low: float, high: float, generator: Generator) -> Tensor:
    """A number for each sample, `(N,)` float32, uniform in [low, high)."""
    return low + (high - low) * torch.rand(len(batch), device=batch.device, generator=generator)


def chosen(batch: Tensor, chance: float, generator: Generator) -> Tensor:
    """Whether each sample is chosen, with a probability: `(N,)` bool."""
    return torch.rand(len(batch), device=batch.device, generator=generator) < chance


def beta(batch: Tensor, alpha: float, generator: Generator) -> Tensor:
    """A number for each sample, `(N,)` float32, from Beta(alpha, alpha).

    The share of one of two variables of a gamma distribution, whose logarithms are computed: for a small alpha, the
    variables are too small for floats. If G has the distribution of alpha + 1 and U is uniform, that of alpha is that
    of G * U^(1 / alpha) (Marsaglia & Tsang 2000).
    """
    larger = torch._standard_gamma(torch.full((2, len(batch)), alpha + 1.0, device=batch.device), generator)
    power = torch.rand((2, len(batch)), device=batch.device, generator=generator).clamp(min=1e-30).log() / alpha
    own, other = (larger.log() + power).unbind()
    return torch.sigmoid(own - other)


def for_each(values: Tensor, batch: Tensor) -> Tensor:
    """Values of samples, `(N,)`, in a shape that fits a batch `(N, *shape)`: `(N, 1, ...)`."""
    return values.view(-1, *[1] * (batch.ndim - 1))


def as_floats(batch: Tensor) -> Tensor:
    """A batch in float32, if it is uint8."""
    return batch if batch.is_floating_point() else batch.float()


def filled(batch: Tensor, where: Tensor, mean: Tensor) -> Tensor:
    """A batch with the mean of each channel at the places in `where`, rounded for uint8.

    Args:
        batch: `(N, C, ...)`.
        where: bool, broadcast to the batch.
        mean: `(C, 1, ...)` float32.
    """
    value = mean if batch.is_floating_point() else mean.round()
    return torch.where(where, value.to(batch.dtype), batch)
