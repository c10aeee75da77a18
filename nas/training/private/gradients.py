"""The gradients of single samples."""

from collections.abc import Callable, Sequence
from functools import cached_property

import torch
from torch import Tensor, nn
from torch.func import functional_call, grad_and_value, vmap
from torch.nn.attention import SDPBackend, sdpa_kernel

from nas.model import Network
from nas.training.losses import Loss
from nas.training.workbench import Workbench


class SampleGradients:
    """The gradients of the loss of each sample of a batch, with respect to all parameters of a network.

    Each sample is computed by itself, as a batch of one. Those of a batch are computed at once (`torch.func.vmap`), but
    for networks with recurrent layers of torch, which cannot be: there, one sample follows the other.

    Args:
        bench: has the precision.
        network: the network; each sample has random numbers of its own in its layers.
        loss: of a batch.
    """

    def __init__(self, bench: Workbench, network: Network, loss: Loss) -> None:
        self._bench, self._network, self._loss = bench, network, loss
        self._parameters = dict(network.named_parameters())
        self._recurrent = any(isinstance(one, nn.RNNBase) for one in network.modules())

    def __call__(self, inputs: Tensor, targets: Tensor) -> tuple[Sequence[Tensor], Tensor]:
        """The gradients of each parameter, `(N, *shape)`, and the losses, `(N,)`.

        Args:
            inputs: of the samples, `(N, *shape)`, N of 1 or more.
            targets: of the samples.
        """
        if self._recurrent:
            return self._in_turn(inputs, targets)
        values = {name: one.detach() for name, one in self._parameters.items()}
        with sdpa_kernel(SDPBackend.MATH):  # no other one can be mapped
            gradients, losses = self._mapped(values, inputs, targets)
        return list(gradients.values()), losses

    def _in_turn(self, inputs: Tensor, targets: Tensor) -> tuple[Sequence[Tensor], Tensor]:
        found, parameters = [], list(self._parameters.values())
        for x, y in zip(torch.split(inputs, 1), torch.split(targets, 1), strict=True):
            with self._bench.autocast():
                outputs = self._network(x)
            loss = self._loss(outputs.float(), y)
            gradients = torch.autograd.grad([loss], parameters, allow_unused=True, materialize_grads=True)
            found.append((*gradients, loss.detach()))
        *stacked, losses = map(torch.stack, zip(*found, strict=True))
        return stacked, losses

    @cached_property
    def _mapped(self) -> Callable[[dict[str, Tensor], Tensor, Tensor], tuple[dict[str, Tensor], Tensor]]:
        def loss(values: dict[str, Tensor], x: Tensor, y: Tensor) -> Tensor:
            with self._bench.autocast():
                outputs = functional_call(self._network, values, (x[None],))
            return self._loss(outputs.float(), y[None])

        return vmap(grad_and_value(loss), in_dims=(None, 0, 0), randomness="different")
