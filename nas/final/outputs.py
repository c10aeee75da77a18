"""What a network puts out for a part of a data set: computed once, for all that is measured or shown of it."""

from functools import cached_property
from typing import Any, Literal

import torch
from numpy.typing import NDArray
from torch import Tensor

from nas.interrupt import stop_if_asked
from nas.model import Network
from nas.tasks.metric import Needs
from nas.tasks.metrics import SD
from nas.training.residence import Elsewhere
from nas.training.tokens import check_tokens
from nas.training.workbench import SCORING_BATCH, Workbench


class Outputs:
    """The outputs of a network for a part of the data, computed when they are first asked for.

    Args:
        bench: the data set, device and precision.
        network: a trained network. Once its outputs are computed, it is on the CPU and in evaluation mode.
        part: the part of the data.

    Attributes:
        samples: those of the part.

    Raises:
        UsageError: `nas.training.tokens.check_tokens` fails.
    """

    def __init__(self, bench: Workbench, network: Network, part: Literal["train", "val", "test"]) -> None:
        samples = bench.data.parts[part]
        check_tokens(network.arch, samples, part)
        self.part, self.network, self.samples = part, network, samples
        self._bench = bench

    @cached_property
    def values(self) -> Tensor:
        """`(N, K)` float32, on the CPU."""
        bench, network, found = self._bench, self.network.to(self._bench.device).eval(), []
        batches = torch.split(torch.arange(len(self.samples)), SCORING_BATCH // 2)
        with torch.inference_mode(), bench.autocast():
            for inputs in Elsewhere(self.samples.inputs, bench.device).batches(batches):
                stop_if_asked()
                found.append(network(inputs).float().cpu())
        network.to("cpu")
        return torch.cat(found)

    def decoded(self, needs: Needs) -> NDArray[Any]:
        """The predictions, of the kind that a metric needs; labels by thresholds that are not tuned."""
        return self._bench.task.decode(self.values, needs).numpy()

    @cached_property
    def losses(self) -> Tensor:
        """The loss of each sample, `(N,)`."""
        criterion = next(iter(self._bench.task.losses.values()))()
        return criterion(self.values, torch.from_numpy(self.samples.targets), reduction="none")

    def measured(self, bench: Workbench) -> dict[str, float]:
        """The metrics of a bench, by its task: with the name of the part as prefix, such as `test_acc`."""
        return bench.judge(self.values, torch.from_numpy(self.samples.targets), self.part)

    def tuned(self, metric: str) -> Workbench:
        """The bench with its task tuned to the network.

        Args:
            metric: that of the main objective, such as `val_f1`.
        """
        return self._bench.tuned(self.decoded, self.samples.targets, metric.removeprefix("val_").removesuffix(SD))
