"""Stochastic depth: in training, residual branches are left out at random, sample by sample (Huang et al. 2016, "Deep
Networks with Stochastic Depth").

Branch l of L is left out with the probability p · l / L, and divided by the probability that it is not. Branches are
those of blocks with a residual connection, of attention and feed-forward layers, and of sums that add a value to others
which were computed from it. A branch that ends in a merge is none of them: it has no module whose output could be left
out.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any

from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from nas.model import Network
from nas.ops import Add, Op
from nas.ops.conv_modules import Residual
from nas.ops.sequence_modules import FeedForward, SelfAttention


def drop_branches(network: Network, rate: float) -> Sequence[RemovableHandle]:
    """Lets the branches of a network be left out while it is in training mode; removing the handles ends that.

    Args:
        network: the network; without residual branches, nothing changes.
        rate: the probability for the last branch, in [0, 1).
    """
    found = branches(network)
    return [
        branch.register_forward_hook(partial(_leave_out, rate * (place + 1) / len(found)))
        for place, branch in enumerate(found)
    ]


def branches(network: Network) -> Sequence[nn.Module]:
    """The modules whose outputs are added to something, in the order of the layers."""
    arch, found = network.arch, list[nn.Module]()
    added = _added(network)
    for place, (name, layer) in enumerate(zip(arch.names, arch.layers, strict=True)):
        if isinstance(layer.op, Op):
            module = getattr(network, name)
            found += [branch for inner in module.modules() if (branch := _branch(inner)) is not None]
            if place + 1 in added:
                found.append(module)
    return found


def dropped(x: Tensor, probability: float) -> Tensor:
    """A batch `(N, ...)` of which samples are 0 with a probability in [0, 1), and the others divided by that of being
    kept; drawn from torch's global generator."""
    kept = x.new_empty(x.shape[0], *[1] * (x.dim() - 1)).bernoulli_(1 - probability)
    return x * kept.div_(1 - probability)


def _leave_out(probability: float, module: nn.Module, _: Any, output: Tensor) -> Tensor:
    return dropped(output, probability) if module.training else output


def _branch(module: nn.Module) -> nn.Module | None:
    """The last module of the branch in a module that adds one; None if it adds none."""
    if isinstance(module, Residual):
        return module.body
    if isinstance(module, SelfAttention):
        return module.out
    return module.down if isinstance(module, FeedForward) else None


def _added(network: Network) -> set[int]:
    """The values, as places in the network, that a sum alone reads, together with one that they were computed from."""
    layers = network.arch.layers
    sources: list[set[int]] = [set()]
    for layer in layers:
        sources.append(set(layer.inputs).union(*(sources[index] for index in layer.inputs)))
    readers = [index for layer in layers for index in layer.inputs]
    found = set[int]()
    for layer in layers:
        if isinstance(layer.op, Add):
            skipped = min(layer.inputs)
            others = [index for index in layer.inputs if index != skipped]
            if all(skipped in sources[index] for index in others):
                found.update(index for index in others if readers.count(index) == 1)
    return found
