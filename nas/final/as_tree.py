"""A decision tree that answers as a network does, for tables.

Rules about pixels, samples of a waveform or numbers of tokens say nothing to people, so there are none of those. A tree
of several labels would have a rule for each set of them.
"""

import numpy as np
import torch

from nas.final.predicted import Predicted
from nas.knowledge.columns import table_columns
from nas.knowledge.running import batches, evaluating, spread
from nas.knowledge.tree import LEAST, Tree, fit_tree
from nas.model import Network
from nas.tasks.metric import Needs
from nas.training.workbench import Workbench

MOST = 10_000
"""Training samples that a tree is fitted to, and others that its fidelity is measured on, spread evenly over all."""


def as_tree(bench: Workbench, network: Network, found: Predicted) -> Tree | None:
    """The tree fitted to the answers of a network for training samples; None: the data are no table, outputs are
    labels, there are too few samples, or answers are not finite.

    Args:
        bench: the data set, its task and precision.
        network: on the device of the bench.
        found: its predictions, which fidelity is measured on.
    """
    task, train, columns = bench.task, bench.data.train, table_columns(bench.data)
    if columns is None or task.name == "multilabel" or len(train) < 4 * LEAST:
        return None
    kind: Needs = "values" if task.diagnosed == "values" else "labels"
    rows, others = spread(len(train), MOST), spread(len(found.places), MOST)
    with evaluating(network), torch.no_grad(), bench.autocast():
        outputs = torch.cat([network(batch).float().cpu() for batch in batches(network, train.inputs, rows)])
    held_out = found.predictions[others]
    if not (np.isfinite(held_out).all() and torch.isfinite(outputs).all()):
        return None
    return fit_tree(
        columns(np.asarray(train.inputs[rows])),
        task.decode(outputs, kind).numpy(),
        (
            columns(np.asarray(found.inputs[found.places[others]])),
            held_out if kind == "values" else held_out.argmax(axis=1),
        ),
        columns=columns.columns,
        outputs=task.outputs,
    )
