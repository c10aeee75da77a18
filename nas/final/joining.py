"""The last training of the selected network, on the training and the validation samples together.

Nothing is chosen by this training: its epochs are those of the recipe, and thresholds of labels are tuned before, to
the network that was trained on the training samples alone. No data are left to validate it on. The preparation of the
inputs stays as it was fitted to the training samples; the network normalises by the statistics of all of them.
"""

import copy
from dataclasses import replace

import numpy as np

from nas.data.pool import check_joins
from nas.space import Architecture
from nas.training.checkpoints import Checkpoints
from nas.training.fit import Fitted, OnEpoch, fit
from nas.training.recipe import Recipe
from nas.training.workbench import Workbench


def train_joined(
    bench: Workbench,
    arch: Architecture,
    recipe: Recipe,
    *,
    seed: int,
    checkpoints: Checkpoints | None = None,
    on_epoch: OnEpoch | None = None,
) -> Fitted:
    """Trains an architecture on the training and the validation samples.

    Args:
        bench: the data set, device and precision.
        arch: the architecture.
        recipe: of the training, with all of its epochs.
        seed: of the training.
        checkpoints: where the training is stored while it lasts and once it is finished, and resumed from; None: it is
            not stored. The file is left to the caller.
        on_epoch: called after each epoch with its number and the metrics.

    Returns:
        The network; its validation metrics are of samples that it was trained on, and say nothing.

    Raises:
        EvaluationFailed: the training failed.
        UsageError: `check_joins` fails, or see `nas.training.fit.fit`.
        StorageError: checkpoints cannot be read or written.
    """
    check_joins(bench.data.train)
    joined = copy.copy(bench)
    joined.data = replace(bench.data, raws={})  # so that the view does not prepare the samples anew
    rows = np.arange(len(bench.data.train) + len(bench.data.val), dtype=np.int64)
    view, kept = joined.view(train=rows), checkpoints is not None
    return fit(view, arch, recipe, seed=seed, checkpoints=checkpoints, kept=kept, on_epoch=on_epoch)
