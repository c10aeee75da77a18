"""The validation of the copies of a packed network."""

from collections.abc import Sequence

import torch
from torch import Tensor

from nas.interrupt import stop_if_asked
from nas.training.packed.network import PackedNetwork
from nas.training.workbench import SCORING_BATCH, Workbench


class Scoring:
    """Measures each copy on the validation samples of its bench.

    Args:
        benches: of the copies.
        network: the packed network.
    """

    def __init__(self, benches: Sequence[Workbench], network: PackedNetwork) -> None:
        self._benches, self._network = benches, network
        inputs = [one for bench in benches if isinstance(one := bench.val[0], Tensor)]  # all are: others are not packed
        if all(one is inputs[0] for one in inputs):
            self._inputs = inputs[0].unsqueeze(1).expand(-1, len(benches), *inputs[0].shape[1:])
        else:
            most = max(map(len, inputs))
            self._inputs = torch.stack([_padded(one, most) for one in inputs], dim=1)

    def __call__(self) -> Sequence[dict[str, float]]:
        """The validation metrics of each copy."""
        self._network.eval()
        with torch.inference_mode():
            outputs = torch.cat([self._outputs(x) for x in torch.split(self._inputs, SCORING_BATCH)], dim=1)
        return [
            bench.judge(values[: len(bench.val[1])], bench.val[1])
            for bench, values in zip(self._benches, outputs, strict=True)
        ]

    def _outputs(self, x: Tensor) -> Tensor:
        stop_if_asked()
        outputs: Tensor = self._network(x)
        return outputs


def _padded(inputs: Tensor, most: int) -> Tensor:
    """Samples, repeated up to a number: copies are scored together, and what the last ones give is not used."""
    return inputs if len(inputs) == most else inputs[torch.arange(most) % len(inputs)]
