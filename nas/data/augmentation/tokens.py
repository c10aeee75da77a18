"""Changes of texts: token numbers `(N, L)`."""

import torch
from torch import Generator, Tensor

from nas.data.input_spec import PADDING, UNKNOWN


def token_dropout(batch: Tensor, chance: float, generator: Generator) -> Tensor:
    """Texts in which each token has become unknown with a probability; padding stays (Iyyer et al. 2015, word
    dropout)."""
    dropped = torch.rand(batch.shape, device=batch.device, generator=generator) < chance
    return torch.where(dropped & (batch != PADDING), torch.full_like(batch, UNKNOWN), batch)
