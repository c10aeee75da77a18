"""The sum of training losses: Ru, Lyle, Schut, Fil, van der Wilk & Gal, "Speedy Performance Estimation for Neural
Architecture Search", NeurIPS 2021 (arXiv:2006.04492), equation 1.

    TSE = Σ_t (1/B) Σ_i loss(θ_{t,i})

over the epochs t and the batches i of each, at the weights before each step. A network with a low sum trains fast. It
costs nothing beyond the training, reads no validation data, and is to be minimised. Sums over different numbers of
epochs are not comparable.
"""

from collections.abc import Sequence
from math import fsum

from nas.trial import Metrics, Objective

TSE = "tse"
"""The name of the metric."""


def asks_for_tse(metrics: Sequence[str], objectives: Sequence[Objective]) -> bool:
    """Whether it is among the metrics that were asked for, or an objective."""
    return TSE in metrics or any(objective.metric == TSE for objective in objectives)


def with_tse(metrics: Metrics) -> Metrics:
    """The metrics of a training, and the sum of its `train_loss_curve` (the mean loss over the samples of an epoch)."""
    losses = metrics["train_loss_curve"]
    if not isinstance(losses, tuple):
        raise TypeError(f"train_loss_curve must be a curve, got {losses!r}")
    return {**metrics, TSE: fsum(losses)}
