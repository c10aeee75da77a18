"""The predictions of a network for the samples of a part of a data set."""

import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nas.data import Samples
from nas.interrupt import stop_if_asked
from nas.model import Network
from nas.tasks.metric import Needs
from nas.training.residence import Elsewhere
from nas.training.workbench import SCORING_BATCH, Workbench

MOST_SAMPLES = 100_000
MOST_NUMBERS = 1 << 24
"""The largest number of predicted numbers, over all samples."""


@dataclass(frozen=True, eq=False)
class Predicted:
    """Predictions for samples of a part.

    Attributes:
        part: its name, `test` or `val`.
        inputs: of all samples of the part.
        places: of the predicted samples in the part, ascending, `(N,)`.
        targets: of the predicted samples.
        predictions: of the kind that the task is diagnosed by, `(N, K)` float32: probabilities, or values.
        losses: the loss of each sample, `(N,)`; infinite if it is not a number.
    """

    part: str
    inputs: Any
    places: NDArray[np.int64]
    targets: NDArray[Any]
    predictions: NDArray[np.float32]
    losses: NDArray[np.float32]

    @property
    def content(self) -> bytes:
        """A NumPy archive with `part`, `places`, `targets` and `predictions`."""
        file = io.BytesIO()
        arrays: dict[str, NDArray[Any]] = {
            "part": np.array(self.part),
            "places": self.places,
            "targets": self.targets,
            "predictions": self.predictions,
        }
        np.savez(file, allow_pickle=False, **arrays)
        return file.getvalue()


def predicted(bench: Workbench, network: Network) -> Predicted:
    """The predictions of a network on the device of a bench, for the test data, or for the validation data if there are
    none. Of more than `MOST_SAMPLES` samples, these are spread evenly over all."""
    data, task = bench.data, bench.task
    part, samples = ("val", data.val) if data.test is None else ("test", data.test)
    most = min(MOST_SAMPLES, max(1, MOST_NUMBERS // len(data.outputs)))
    places = np.linspace(0, len(samples) - 1, min(len(samples), most)).round().astype(np.int64)
    found, losses = decoded(bench, network, samples, places, [task.diagnosed])
    predictions, loss = found[task.diagnosed].float().numpy(), np.nan_to_num(losses.float().numpy(), nan=np.inf)
    return Predicted(part, samples.inputs, places, samples.targets[places], predictions, loss)


def decoded(
    bench: Workbench, network: Network, samples: Samples, places: NDArray[np.int64], kinds: Iterable[Needs]
) -> tuple[Mapping[Needs, Tensor], Tensor]:
    """What a network on the device of a bench predicts for some samples.

    Args:
        bench: its device and task.
        network: on this device.
        samples: all samples.
        places: of those that are predicted, `(N,)`.
        kinds: what the outputs are decoded to.

    Returns:
        The predictions of each kind, and the losses `(N,)`, on the CPU.
    """
    criterion = next(iter(bench.task.losses.values()))()
    found: dict[Needs, list[Tensor]] = {needs: [] for needs in kinds}
    losses = []
    batches = torch.split(torch.from_numpy(places), SCORING_BATCH // 2)
    network.eval()
    with torch.inference_mode(), bench.autocast():
        for rows, inputs in zip(batches, Elsewhere(samples.inputs, bench.device).batches(batches), strict=True):
            stop_if_asked()
            outputs = network(inputs).float()
            targets = torch.from_numpy(samples.targets[rows.numpy()]).to(bench.device)
            losses.append(criterion(outputs, targets, reduction="none").cpu())
            for needs, several in found.items():
                several.append(bench.task.decode(outputs, needs).cpu())
    return {needs: torch.cat(several) for needs, several in found.items()}, torch.cat(losses)
