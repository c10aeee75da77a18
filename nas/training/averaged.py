"""Exponential moving averages of the weights of a network over the steps of its training.

B. T. Polyak and A. B. Juditsky, "Acceleration of Stochastic Approximation by Averaging" (SIAM Journal on Control and
Optimization 30(4), 1992) give all steps equal weight; here the weight of a step decays with its age.

The first step begins the average; each later one moves it by a fraction of the difference, as torch's `AveragedModel`
with `get_ema_multi_avg_fn`. The statistics of batch norm are averaged likewise; counters are copied.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn


class Average:
    """The average of the weights of a network, or of a packed network.

    Args:
        network: the network.
        decay: the weight of the average before a step, in (0, 1); that of the weights after it is 1 - `decay`.

    Attributes:
        begun: whether a step was taken.
    """

    def __init__(self, network: nn.Module, decay: float) -> None:
        self.begun = False
        self._decay = decay
        self._live = network.state_dict()  # the tensors themselves
        self._values = {name: tensor.clone() for name, tensor in self._live.items()}

    @torch.no_grad()
    def update(self) -> None:
        """Takes in the weights after a step."""
        for name, value in self._values.items():
            if self.begun and value.is_floating_point():
                value.lerp_(self._live[name], 1 - self._decay)
            else:
                value.copy_(self._live[name])
        self.begun = True

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
