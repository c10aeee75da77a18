"""What layers put out at each step of a sequence, `(N, C, L)`: the hidden states of recurrent layers, also of those
that hand on the last one alone, and the outputs of other layers of which it is known which axis is time.

The cell states of an LSTM are not read: it puts out none but the last.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from nas.model import Network
from nas.ops.masked_modules import MaskedRecurrent
from nas.ops.sequence_modules import Recurrent


class Readable(NamedTuple):
    """How a layer is read.

    Attributes:
        recurrent: whether it has hidden states.
        read: makes `(N, C, L)` of what the layer puts out.
    """

    recurrent: bool
    read: Callable[[Tensor], Tensor] = lambda output: output


def readable(network: nn.Module) -> Mapping[str, Readable]:
    """The layers that may be read, by name: those of `Network`, recurrent layers and encoder layers of torch, and
    convolutions over sequences. Within layers of `Network` that are recurrent, texts may be in another order."""
    own = set(network.arch.names) if isinstance(network, Network) else set()
    found: dict[str, Readable] = {}
    within = "."
    for name, module in network.named_modules():
        if name.startswith(within):
            continue
        if isinstance(module, Recurrent | MaskedRecurrent):
            within = name + "."
        if name in own or isinstance(module, READABLE):
            found[name] = _reading(module)
    return found


READABLE = (Recurrent, MaskedRecurrent, nn.RNNBase, nn.TransformerEncoderLayer, nn.Conv1d)
"""The layers of which it is known which axis is time, in networks of any kind."""


def _reading(module: nn.Module) -> Readable:
    if isinstance(module, nn.RNNBase):
        return Readable(True, partial(_channels_first, batch_first=module.batch_first))
    if isinstance(module, nn.TransformerEncoderLayer):
        return Readable(False, partial(_channels_first, batch_first=module.self_attn.batch_first))
    return Readable(isinstance(module, Recurrent | MaskedRecurrent))


@contextmanager
def states_of(network: nn.Module, names: Sequence[str]) -> Iterator[Mapping[str, Tensor]]:
    """Collects what layers put out at each step while the network runs within the block: `(N, C, L)` of each, in the
    order in which they run. What the network computes stays as it is.

    Args:
        network: that runs.
        names: of layers that are `readable`.
    """
    found: dict[str, Tensor] = {}

    def keep(
        name: str,
        read: Callable[[Tensor], Tensor],
        last: Callable[[Tensor, Tensor], Tensor] | None,
        _: nn.Module,
        inputs: tuple[Any, ...],
        output: Any,
    ) -> Tensor | None:
        states = output[0] if isinstance(output, tuple) else output
        found[name] = read(states) if states.ndim == 3 else states
        return None if last is None else last(inputs[0], states)

    with ExitStack() as stack:
        for name in names:
            module = network.get_submodule(name)
            last = _run_whole(module, stack) if isinstance(module, Recurrent | MaskedRecurrent) else None
            hook = partial(keep, name, _reading(module).read, last)
            stack.callback(module.register_forward_hook(hook).remove)
        yield found


def of_length(states: Tensor, length: int) -> Tensor:
    """States `(N, C, L)` at as many steps, evenly spaced, by linear interpolation over time."""
    if states.shape[2] == length:
        return states
    return functional.interpolate(states, size=length, mode="linear", align_corners=False)


def _run_whole(module: Recurrent | MaskedRecurrent, stack: ExitStack) -> Callable[[Tensor, Tensor], Tensor] | None:
    """Lets a layer that hands on the last hidden state put out all of them, until the stack ends.

    Returns:
        What makes the last states of all, given what the layer reads; None: it puts out all of them anyway.
    """
    if not module.last:
        return None
    module.last = False
    stack.callback(setattr, module, "last", True)
    if isinstance(module, MaskedRecurrent):
        return partial(_last, directions=module.directions, masked=True)
    return partial(_last, directions=2 if module.rnn.bidirectional else 1, masked=False)


def _last(inputs: Tensor, states: Tensor, directions: int, *, masked: bool) -> Tensor:
    """The last states `(N, C)` of each direction: that of the way forward at the last step, and of the way back at the
    first one; of texts, without their padding."""
    place = torch.arange(inputs.shape[2], device=inputs.device)
    counts = (inputs != 0).any(dim=1) if masked else torch.ones_like(inputs[:, 0], dtype=torch.bool)
    ends = torch.where(counts, place, 0).amax(dim=1), torch.where(counts, place, len(place) - 1).amin(dim=1)
    found = [
        way.gather(2, at[:, None, None].expand(-1, way.shape[1], 1))[:, :, 0]
        for way, at in zip(states.chunk(directions, dim=1), ends, strict=False)
    ]
    return torch.cat(found, dim=1)


def _channels_first(states: Tensor, *, batch_first: bool) -> Tensor:
    return states.transpose(1, 2) if batch_first else states.permute(1, 2, 0)
