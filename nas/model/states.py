"""States of networks: their parameters and buffers by name."""

from collections.abc import Mapping

from torch import Tensor


def renamed(state: Mapping[str, Tensor], names: Mapping[str, str]) -> dict[str, Tensor]:
    """The entries of some layers, under other names of these layers; those of others are left out.

    Args:
        state: what `nn.Module.state_dict` returns.
        names: the names of the layers, each with the other one.
    """
    parts = {key: key.partition(".") for key in state}
    return {f"{names[layer]}.{rest}": state[key] for key, (layer, _, rest) in parts.items() if rest and layer in names}
