"""What a training begins from: trained weights, which may change more slowly than the others."""

from collections.abc import Mapping
from dataclasses import dataclass

from safetensors.torch import save
from torch import Tensor, nn

from nas.files import sha256
from nas.model import Network


@dataclass(frozen=True, eq=False)
class Start:
    """What a training begins from.

    Attributes:
        weights: some of the parameters and buffers of the network, by their names in its state; all others begin as
            they do without a start.
        rate: the learning rate of the parameters among them, as a fraction of that of the recipe, in (0, 1].
    """

    weights: Mapping[str, Tensor]
    rate: float = 1.0

    def load(self, network: Network) -> None:
        """Gives a network these weights. Raises RuntimeError if it has others, or of another shape."""
        unknown = network.load_state_dict(dict(self.weights), strict=False).unexpected_keys
        if unknown:
            raise RuntimeError(f"the network has no {', '.join(unknown)}")

    def parameters(self, network: Network) -> list[nn.Parameter]:
        """The parameters of a network that begin with these weights."""
        return [one for name, one in network.named_parameters() if name in self.weights]

    @property
    def fingerprint(self) -> str:
        """What tells it from other starts, as hexadecimal digits."""
        return sha256(save({name: one.contiguous() for name, one in self.weights.items()}) + repr(self.rate).encode())
