"""Bodies of sequence models, and how their weights are initialised: an LSTM and a transformer.

Both process T steps at once, for training, and single steps from a previous state, for sampling.

Letters in shapes of tensors: B architectures, T decisions, W width.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

State = Any
"""The state of a body after some steps; never changed in place, so several walks can continue from it."""

Initialise = Callable[[nn.Module, torch.Generator], None]
"""Sets the weights of a model."""


class Recurrent(nn.Module):
    """A stack of LSTM layers.

    Args:
        width: of inputs and outputs, W.
        layers: number of layers.
    """

    def __init__(self, *, width: int, layers: int) -> None:
        super().__init__()
        self.lstm = nn.LSTM(width, width, layers, batch_first=True)

    def forward(self, inputs: Tensor, state: State) -> tuple[Tensor, State]:
        """The outputs of T steps after `state` (None: from the start), BTW, and the state after them."""
        found: tuple[Tensor, State] = self.lstm(inputs, state)
        return found


class Transformer(nn.Module):
    """A causal transformer as GPT-2. Decisions have embeddings of their own, so positional ones are not needed.

    Args:
        width: of inputs and outputs, W.
        layers: number of layers.
        heads: of the attention; the width is a multiple of them.
    """

    def __init__(self, *, width: int, layers: int, heads: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(TransformerLayer(width, heads) for _ in range(layers))
        self.norm = nn.LayerNorm(width)

    def forward(self, inputs: Tensor, state: State) -> tuple[Tensor, State]:
        """The outputs of T steps from the start (`state` is None), or of one step after `state`, BTW; and the state."""
        x, after = inputs, []
        for number, layer in enumerate(self.layers):
            x, kept = layer(x, None if state is None else state[number])
            after.append(kept)
        return self.norm(x), after


class TransformerLayer(nn.Module):
    """Causal attention and a feed-forward block with a GELU, both pre-norm and with residual connections.

    The state consists of the keys and values of the steps so far.
    """

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm_attend, self.norm_think = nn.LayerNorm(width), nn.LayerNorm(width)
        self.read, self.write = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.widen, self.narrow = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x: Tensor, state: State) -> tuple[Tensor, State]:
        batch, steps, width = x.shape
        parts = self.read(self.norm_attend(x)).view(batch, steps, 3, self.heads, width // self.heads)
        query, key, value = parts.permute(2, 0, 3, 1, 4).unbind()
        if state is not None:
            key, value = torch.cat((state[0], key), dim=2), torch.cat((state[1], value), dim=2)
        # From the start, step j attends to the first j steps; a single later step attends to all of them.
        seen = functional.scaled_dot_product_attention(query, key, value, is_causal=state is None)
        x = x + self.write(seen.transpose(1, 2).reshape(batch, steps, width))
        return x + self.narrow(functional.gelu(self.widen(self.norm_think(x)))), (key, value)


def uniform(bound: float) -> Initialise:
    """Samples all weights uniformly from [-bound, bound]."""

    def initialise(model: nn.Module, generator: torch.Generator) -> None:
        for weight in model.parameters():
            weight.uniform_(-bound, bound, generator=generator)

    return initialise


def normal(deviation: float) -> Initialise:
    """Samples matrices from a normal distribution; biases are 0, and the scales of norms 1."""

    def initialise(model: nn.Module, generator: torch.Generator) -> None:
        for weight in model.parameters():
            if weight.ndim == 1:
                weight.zero_()
            else:
                weight.normal_(0, deviation, generator=generator)
        for module in model.modules():
            if isinstance(module, nn.LayerNorm):
                module.weight.fill_(1)

    return initialise
