"""The Q-network of `dqn`, its target network, and the training step.

Shapes: B decisions in a batch, E columns of the encoding, which are the network's inputs and its outputs.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from nas.descent import ADAM, Descent

Floats = NDArray[np.float64]


class QNetwork:
    """A perceptron with two hidden layers that outputs the Q-value of each option of each decision.

    Initially all values are 0.

    Args:
        columns: E.
        units: of each hidden layer.
        lr: of Adam.
        double: the network selects the action that the target network evaluates; else the target network does both.
        sync: batches between two copies of the weights to the target network.
        seed: of the initial weights.
    """

    def __init__(self, columns: int, *, units: int, lr: float, double: bool, sync: int, seed: int) -> None:
        self.double = double
        self.sync = sync
        self.lr = lr
        self._online = _perceptron(columns, units)
        self._target = _perceptron(columns, units).requires_grad_(False)
        _begin(self._online, torch.Generator().manual_seed(seed))
        self._target.load_state_dict(self._online.state_dict())
        self._optimizer = Descent(self._online.parameters(), ADAM)
        self._learned = 0

    def values(self, state: NDArray[np.float32]) -> NDArray[np.float32]:
        """`(E,)` the Q-value of every option in a state `(E,)`."""
        with torch.no_grad():
            found: NDArray[np.float32] = self._online(torch.from_numpy(state)).numpy()
        return found

    def learn(
        self,
        *,
        states: NDArray[np.float32],
        actions: NDArray[np.int_],
        rewards: Floats,
        ends: NDArray[np.bool_],
        later: NDArray[np.float32],
        legal: NDArray[np.bool_],
        weights: Floats,
    ) -> NDArray[np.float32]:
        """One training step.

        Args:
            states: `(B, E)`.
            actions: `(B,)` columns.
            rewards: `(B,)`.
            ends: `(B,)` whether the reward itself is the target.
            later: `(B, E)` the states whose best Q-value is the target; ignored where the reward is.
            legal: `(B, E)` the options there.
            weights: `(B,)` of the loss.

        Returns:
            `(B,)` the errors δ, before the step.
        """
        following = torch.from_numpy(later)
        with torch.no_grad():
            valued = self._target(following)
            chosen = self._online(following) if self.double else valued
        wanted = targets(
            torch.from_numpy(rewards).float(), torch.from_numpy(ends), chosen, valued, torch.from_numpy(legal)
        )
        q = self._online(torch.from_numpy(states)).gather(1, torch.from_numpy(actions)[:, None])[:, 0]
        losses = functional.smooth_l1_loss(q, wanted, reduction="none")  # the paper's clipped error
        self._optimizer.zero_grad()
        torch.autograd.backward([(torch.from_numpy(weights).float() * losses).mean()])
        self._optimizer.step(self.lr)
        self._learned += 1
        if self._learned % self.sync == 0:
            self._target.load_state_dict(self._online.state_dict())
        errors: NDArray[np.float32] = (wanted - q.detach()).numpy()
        return errors


def targets(rewards: Tensor, ends: Tensor, chosen: Tensor, valued: Tensor, legal: Tensor) -> Tensor:
    """`(B,)` the reward where a walk ends, else the value by `valued` of the best legal option by `chosen`.

    Args:
        rewards, ends: `(B,)`.
        chosen, valued, legal: `(B, E)`.
    """
    best = chosen.masked_fill(~legal, -torch.inf).argmax(1)
    return torch.where(ends, rewards, valued.gather(1, best[:, None])[:, 0])


def _perceptron(columns: int, units: int) -> nn.Sequential:
    """The layers, made on the meta device, because torch would sample their weights from its global generator."""
    with torch.device("meta"):
        network = nn.Sequential(
            *(nn.Linear(columns, units), nn.ReLU(), nn.Linear(units, units), nn.ReLU(), nn.Linear(units, columns))
        )
    return network.to_empty(device="cpu")


def _begin(network: nn.Sequential, generator: torch.Generator) -> None:
    """Random hidden layers (He et al. 2015), and zeros in the last one, so that all options start equal."""
    for layer in network:
        if isinstance(layer, nn.Linear):
            if layer is network[-1]:
                nn.init.zeros_(layer.weight)
            else:
                nn.init.kaiming_uniform_(layer.weight, nonlinearity="relu", generator=generator)
            nn.init.zeros_(layer.bias)
