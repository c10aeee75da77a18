"""Predictions by the nearest training samples in the space of features.

Similarities are cosines, and neighbours vote with the weight exp(similarity / 0.07): Wu et al., "Unsupervised feature
learning via non-parametric instance discrimination" (CVPR 2018), section 3.4.
"""

from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn import functional

from nas.interrupt import stop_if_asked
from nas.tasks import Task

COUNTS = (1, 3, 5, 10, 20, 50, 100, 200)
"""The numbers of neighbours of which one is chosen."""

TEMPERATURE = 0.07

DOUBT = 1e-3
"""Probabilities stay so far from 0 and 1, because outputs are logits."""

AT_ONCE = 2**24
"""Similarities that are in memory at once."""


class Voters:
    """Training samples, by which others are predicted.

    Args:
        features: `(N, D)`, of the training samples.
        targets: of these samples.
        task: what is predicted.

    Attributes:
        counts: the numbers of neighbours that there can be, of `COUNTS`.
    """

    def __init__(self, features: Tensor, targets: Tensor, task: Task) -> None:
        self.counts = tuple(count for count in COUNTS if count <= len(features))
        self._known = functional.normalize(features.double().cpu())
        self._kind = task.diagnosed, targets.ndim
        self._truth = functional.one_hot(targets, len(task.outputs)) if targets.ndim == 1 else targets
        self._truth = self._truth.double().cpu()

    def outputs(self, features: Tensor) -> Mapping[int, Tensor]:
        """The outputs for some samples, as those of a network, `(N, K)` float32, by the number of neighbours.

        Args:
            features: `(N, D)`.
        """
        queries = functional.normalize(features.double().cpu())
        found: dict[int, list[Tensor]] = {count: [] for count in self.counts}
        for block in torch.split(queries, max(1, AT_ONCE // len(self._known))):
            stop_if_asked()
            nearest = (block @ self._known.T).topk(self.counts[-1])
            for count, outputs in found.items():
                weights = (nearest.values[:, :count] / TEMPERATURE).softmax(1)
                outputs.append(self._as_outputs((weights[:, :, None] * self._truth[nearest.indices[:, :count]]).sum(1)))
        return {count: torch.cat(outputs).float() for count, outputs in found.items()}

    def _as_outputs(self, means: Tensor) -> Tensor:
        """Outputs that stand for the weighted means of targets: probabilities of classes or labels, or values."""
        kind, dimensions = self._kind
        if kind == "values":
            return means
        doubtful = DOUBT + (1 - 2 * DOUBT) * means
        return doubtful.log() if dimensions == 1 else doubtful.logit()
