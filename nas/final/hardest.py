"""The samples that a network got most wrong, as they are shown on a page."""

import numpy as np

from nas.data.shown import Display
from nas.final.diagnosed import Hard
from nas.final.occlusion import occlusion
from nas.final.predicted import Predicted
from nas.model import Network
from nas.training.workbench import Workbench

HARDEST = 12


def hardest(bench: Workbench, network: Network, found: Predicted) -> tuple[Hard, ...]:
    """The `HARDEST` samples with the highest loss, descending. The network is on the device of the bench."""
    task = bench.task
    order = np.argsort(-found.losses, kind="stable")[:HARDEST]
    inputs = np.asarray(found.inputs[found.places[order]])
    display = Display(bench.data, inputs)
    hard = []
    for place, sample in zip(order.tolist(), inputs, strict=True):
        target = found.targets[place]
        weights = occlusion(bench, network, sample, target) if bench.data.input.modality == "text" else None
        hard.append(
            Hard(
                int(found.places[place]),
                float(found.losses[place]) if np.isfinite(found.losses[place]) else None,
                task.told(target),
                task.answer(found.predictions[place]),
                display.show(sample, weights),
            )
        )
    return tuple(hard)
