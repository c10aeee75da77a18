"""Averages of the weights of a network over its training: over steps, exponential, or over epochs, all alike.

B. T. Polyak and A. B. Juditsky, "Acceleration of Stochastic Approximation by Averaging" (SIAM Journal on Control and
Optimization 30(4), 1992) give all steps equal weight; with a decay, the weight of a step falls with its age.
P. Izmailov et al., "Averaging Weights Leads to Wider Optima and Better Generalization" (UAI 2018) average the weights
at the ends of the last epochs. Weights that are averaged must be of one training: the mean of those from different
seeds is no good network (Frankle et al. 2020, "Linear Mode Connectivity and the Lottery Ticket Hypothesis"); of such
networks, predictions are averaged (`nas.final.ensemble`).

The first weights begin the average; later ones move it by a fraction of the difference, as torch's `AveragedModel` with
`get_ema_multi_avg_fn` or `get_swa_multi_avg_fn`. The statistics of batch norm are averaged likewise, and for averages
over epochs measured anew (`measure_statistics`); counters are copied.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm


class Average:
    """The average of the weights of a network, or of a packed network.

    Args:
        network: the network.
        decay: the weight of the average before new weights, in (0, 1); that of these is 1 - `decay`. None: all weights
            are averaged alike.

    Attributes:
        taken: how many weights were taken in.
    """

    def __init__(self, network: nn.Module, decay: float | None = None) -> None:
        self.taken = 0
        self._decay = decay
        self._live = network.state_dict()  # the tensors themselves
        self._values = {name: tensor.clone() for name, tensor in self._live.items()}

    @torch.no_grad()
    def update(self) -> None:
        """Takes in the weights of the network."""
        share = 1 / (self.taken + 1) if self._decay is None else 1 - self._decay
        for name, value in self._values.items():
            if self.taken and value.is_floating_point():
                value.lerp_(self._live[name], share)
            else:
                value.copy_(self._live[name])
        self.taken += 1

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Within this block, the network has the averages as its weights."""
        self._swap()
        try:
            yield
        finally:
            self._swap()

    @torch.no_grad()
    def show(self) -> None:
        """Gives the network the averages for good."""
        for name, value in self._values.items():
            self._live[name].copy_(value)

    def state(self) -> Mapping[str, Tensor]:
        """The averages by name: the tensors themselves."""
        return self._values

    @torch.no_grad()
    def _swap(self) -> None:
        """Exchanges weights and averages in place: a captured step knows the addresses of both."""
        for name, value in self._values.items():
            kept = value.clone()
            value.copy_(self._live[name])
            self._live[name].copy_(kept)


@torch.no_grad()
def measure_statistics(network: nn.Module, batches: Iterable[Tensor]) -> None:
    """Sets the statistics of batch norms to the means of those of batches, in place, as torch's `update_bn` does, but
    without dropping anything. Afterwards, the network is in evaluation mode.

    Args:
        network: on the device of the batches.
        batches: of inputs, each `(N, *shape)`, N of 2 or more.
    """
    network.eval()
    norms = [module for module in network.modules() if isinstance(module, _BatchNorm)]
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # the mean of all
        norm.train()
    for batch in batches if norms else ():
        network(batch)
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
    network.eval()
