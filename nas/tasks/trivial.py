"""The trivial baseline of a task: a prediction that is the same for all samples."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.tasks.metric import Needs


@dataclass(frozen=True)
class Trivial:
    """A constant prediction, fitted to training targets.

    Attributes:
        text: what is predicted, such as `always cat`.
        predictions: the prediction for each sample, by kind: a class index; 0 or 1 for each label; K probabilities or
            values.
    """

    text: str
    predictions: Mapping[Needs, int | tuple[float, ...]]

    def repeated(self, samples: int) -> Mapping[Needs, NDArray[Any]]:
        """The predictions for this number of samples, `(N,)` or `(N, K)`, as `nas.tasks.metrics.measure` takes them."""
        rows = {needs: np.asarray(value) for needs, value in self.predictions.items()}
        return {needs: np.broadcast_to(row, (samples, *row.shape)) for needs, row in rows.items()}
