"""The best epoch of a training, and its end after some epochs without a better one (early stopping, Prechelt 1998)."""

from collections.abc import Mapping, Sequence

from torch import Tensor, nn

from nas.tasks import METRICS


class Best:
    """The weights of the best epoch so far.

    Args:
        monitor: the validation metric by which epochs are compared.
        patience: epochs without a better one after which a training ends.

    Attributes:
        epoch: the number of the best epoch; 0: there was none.
        weights: of the network after it, and its buffers.
    """

    def __init__(self, monitor: str, patience: int) -> None:
        self.epoch = 0
        self.weights: dict[str, Tensor] = {}
        self._name, self._patience = f"val_{monitor}", patience
        self._sign = -1 if METRICS[monitor].direction == "minimize" else 1

    def note(self, curves: Mapping[str, Sequence[float]], network: nn.Module) -> None:
        """Takes in the network as it was measured after an epoch, with which the curves end."""
        curve = curves[self._name]
        if not self.epoch or self._sign * curve[-1] > self._sign * curve[self.epoch - 1]:
            self.epoch = len(curve)
            self.weights = {name: tensor.clone() for name, tensor in network.state_dict().items()}

    def ends(self, epoch: int) -> bool:
        """Whether a training ends after an epoch."""
        return epoch - self.epoch >= self._patience
