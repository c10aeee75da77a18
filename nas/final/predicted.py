"""The predictions of a network for the samples of a part of a data set."""

import io
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.final.outputs import Outputs
from nas.tasks import Task

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


def predicted(outputs: Outputs, task: Task) -> Predicted:
    """The predictions that follow from outputs. Of more than `MOST_SAMPLES` samples, these are spread evenly over all.

    Args:
        outputs: of a network, for all samples of a part.
        task: its task.
    """
    count = len(outputs.samples)
    most = min(MOST_SAMPLES, max(1, MOST_NUMBERS // len(task.outputs)))
    places = np.linspace(0, count - 1, min(count, most)).round().astype(np.int64)
    predictions = task.decode(outputs.values[places], task.diagnosed).float().numpy()
    losses = np.nan_to_num(outputs.losses.float().numpy()[places], nan=np.inf)
    return Predicted(outputs.part, outputs.samples.inputs, places, outputs.samples.targets[places], predictions, losses)
