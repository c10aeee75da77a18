"""A packed network: K networks of one architecture as one module."""

from collections.abc import Sequence
from itertools import chain

import torch
from torch import Tensor, nn

from nas.model import Network
from nas.ops import Add, Concat, Merge, Multiply
from nas.training.memory_format import memory_format
from nas.training.optimizer import decayed
from nas.training.packed.channels import concatenated
from nas.training.packed.forms import Packing, refusals
from nas.training.packed.values import as_map


def unpackable(network: Network) -> str:
    """Why networks of this architecture cannot be packed; empty if they can."""
    arch = network.arch
    for name, layer in zip(arch.names, arch.layers, strict=True):
        if isinstance(layer.op, Merge) and type(layer.op) not in (Add, Multiply, Concat):
            return f"{name} ({layer.op.text}) has no packed form"
    found = chain.from_iterable(refusals(module, name) for name, module in network.named_children())
    if reason := next(found, ""):
        return reason
    if len(arch.output) != 1:
        return "the output is not flat"
    if any(not parameter.requires_grad for parameter in network.parameters()):
        return "parameters are frozen"
    if len(list(network.parameters())) < len(list(network.named_parameters(remove_duplicate=False))):
        return "layers share parameters"
    return ""


class PackedNetwork(nn.Module):
    """K networks of one architecture as one, whose parameters and buffers are `(K, *shape)`, under their names.

    Its input is `(N, K, *arch.input)`, the batches of all copies; its output is `(K, N, *arch.output)`.

    Args:
        networks: the networks, which are not `unpackable`.
        generators: of the dropout of each.
    """

    mean: Tensor
    std: Tensor
    output_mean: Tensor | None
    output_std: Tensor | None

    def __init__(self, networks: Sequence[Network], generators: Sequence[torch.Generator]) -> None:
        super().__init__()
        self.networks = tuple(networks)
        self.arch = arch = networks[0].arch
        self.copies, self.generators = len(networks), tuple(generators)
        for name in ("mean", "std", "output_mean", "output_std"):
            values = [getattr(network, name) for network in networks]
            self.register_buffer(name, None if values[0] is None else torch.stack(values))
        own = memory_format(networks[0], networks[0].mean.device)
        self._order = own if len(arch.input) == 3 else torch.contiguous_format
        shapes = (arch.input, *(layer.output for layer in arch.layers))
        for name, layer in zip(arch.names, arch.layers, strict=True):
            if not isinstance(layer.op, Merge):
                packing = Packing(generators, flat=len(shapes[layer.inputs[0]]) == 1)
                self.add_module(name, packing([getattr(network, name) for network in networks]))

    def forward(self, x: Tensor) -> Tensor:
        x = (x.to(self.mean.dtype) - self._moment(self.mean)) / self._moment(self.std)
        # The first convolution passes on the order of its input; that of its filters says nothing for one channel.
        values = [x.transpose(0, 1) if x.dim() == 3 else as_map(x).contiguous(memory_format=self._order)]
        for name, layer in zip(self.arch.names, self.arch.layers, strict=True):
            inputs = [values[index] for index in layer.inputs]
            if isinstance(layer.op, Merge):
                values.append(self._merged(layer.op, inputs, flat=len(layer.output) == 1))
            else:
                values.append(getattr(self, name)(inputs[0]))
        if self.output_mean is None or self.output_std is None:
            return values[-1]
        return values[-1] * self.output_std.unsqueeze(1) + self.output_mean.unsqueeze(1)

    def decayed(self) -> Sequence[nn.Parameter]:
        """The parameters with weight decay: those that have it in the single network."""
        own = dict(self.named_parameters())
        chosen = set(map(id, decayed(self.networks[0])))
        return [own[name] for name, parameter in self.networks[0].named_parameters() if id(parameter) in chosen]

    @torch.no_grad()
    def unpack(self) -> Sequence[Network]:
        """The networks, with the weights and statistics of their copies."""
        state = self.state_dict()
        for copy, network in enumerate(self.networks):
            network.load_state_dict({name: tensor[copy] for name, tensor in state.items()})
        return self.networks

    def _moment(self, moment: Tensor) -> Tensor:
        """The mean or standard deviation of the inputs, such that it applies to `(N, K, *shape)`."""
        return moment if moment.dim() > 1 else moment.view(-1, *[1] * len(self.arch.input))

    def _merged(self, merge: Merge, inputs: Sequence[Tensor], *, flat: bool) -> Tensor:
        if not isinstance(merge, Concat):
            return merge.combine(inputs)
        return torch.cat(tuple(inputs), dim=-1) if flat else concatenated(inputs, self.copies)
