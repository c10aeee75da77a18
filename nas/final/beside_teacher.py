"""How much the layers of a network resemble those of the teacher that it learned from."""

import math

import numpy as np

from nas.distillation.teacher import Teacher
from nas.final.diagnosed import Resemblance
from nas.final.predicted import Predicted
from nas.knowledge.running import spread
from nas.knowledge.similarity import LEAST, layer_similarity
from nas.model import Network
from nas.training.workbench import Workbench

MOST_SAMPLES, MOST_LAYERS = 512, 12
"""Samples that layers are compared by, and layers of each network, spread evenly over all."""


def beside_teacher(bench: Workbench, network: Network, teacher: Teacher | None, found: Predicted) -> Resemblance | None:
    """The similarity (CKA) of the layers of a network and of its teacher; None: it has none, the teacher is a program,
    whose layers have no outputs of their own, or there are too few samples.

    Args:
        bench: where the network is.
        network: on the device of the bench.
        teacher: of its training.
        found: its predictions, for the samples that layers are compared by.
    """
    other = None if teacher is None else teacher.network(bench.device)
    if not isinstance(other, Network) or len(found.places) < LEAST:
        return None
    places = found.places[spread(len(found.places), MOST_SAMPLES)]
    alike = layer_similarity(network, other, np.asarray(found.inputs[places]))
    rows, columns = spread(len(alike.first), MOST_LAYERS), spread(len(alike.second), MOST_LAYERS)
    return Resemblance(
        len(places),
        tuple(alike.first[row] for row in rows),
        tuple(alike.second[column] for column in columns),
        tuple(
            tuple(round(cka, 4) if math.isfinite(cka) else None for cka in row)
            for row in alike.cka[np.ix_(rows, columns)].tolist()
        ),
    )
