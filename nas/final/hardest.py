"""The samples that a network got most wrong, as they are shown on a page."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nas.data.shown import Display, Picture
from nas.final.diagnosed import Hard, Near
from nas.final.occlusion import occlusion
from nas.final.predicted import Predicted
from nas.knowledge.neighbours import nearest_neighbours
from nas.knowledge.running import inputs_on, spread
from nas.knowledge.saliency import baseline_of, mean_gradients
from nas.model import Network
from nas.model.features import heads
from nas.training.workbench import Workbench

HARDEST = 12
NEAREST = 3
"""Training samples that are shown beside each."""
STEPS = 20
"""Nodes of the integral of their gradients; a picture needs no more."""
MOST_AMONG = 10_000
"""Training samples that neighbours are looked for among, spread evenly over all."""


def hardest(bench: Workbench, network: Network, found: Predicted) -> tuple[Hard, ...]:
    """The `HARDEST` samples with the highest loss, descending. The network is on the device of the bench."""
    task = bench.task
    order = np.argsort(-found.losses, kind="stable")[:HARDEST]
    inputs = np.asarray(found.inputs[found.places[order]])
    display = Display(bench.data, inputs)
    overlays = _overlays(bench, network, inputs, found.targets[order], display)
    near = _near(bench, network, inputs, display)
    hard = []
    for place, sample, saliency, alike in zip(order.tolist(), inputs, overlays, near, strict=True):
        target = found.targets[place]
        weights = occlusion(bench, network, sample, target) if bench.data.input.modality == "text" else None
        hard.append(
            Hard(
                int(found.places[place]),
                float(found.losses[place]) if np.isfinite(found.losses[place]) else None,
                task.told(target),
                task.answer(found.predictions[place]),
                display.show(sample, weights),
                saliency,
                alike,
            )
        )
    return tuple(hard)


def _overlays(
    bench: Workbench, network: Network, inputs: NDArray[Any], targets: NDArray[Any], display: Display
) -> Sequence[Picture | None]:
    """What in each sample speaks for the right answer: it makes the loss lower than that of a mean input."""
    if bench.data.input.modality not in ("image", "sound") or network.arch.tokens is not None:
        return [None] * len(inputs)
    criterion = next(iter(bench.task.losses.values()))()
    right = torch.from_numpy(targets).to(bench.device)
    x = inputs_on(network, inputs)
    baseline = baseline_of(network, x)

    def answer(outputs: Tensor) -> Tensor:
        return -criterion(outputs.float(), right, reduction="none")

    gradients = mean_gradients(network, x, baseline, answer=answer, steps=STEPS)
    arrays = zip(inputs, gradients.cpu().numpy(), baseline.cpu().numpy(), strict=True)
    return [display.overlaid(*one) if np.isfinite(one[1]).all() else None for one in arrays]


def _near(bench: Workbench, network: Network, inputs: NDArray[Any], display: Display) -> Sequence[tuple[Near, ...]]:
    """The training samples that the network finds most like each sample."""
    train, told = bench.data.train, bench.task.told
    if not heads(network):
        return [()] * len(inputs)
    found = nearest_neighbours(network, inputs, train.inputs, most=NEAREST, rows=spread(len(train), MOST_AMONG))
    if not np.isfinite(found.similarities).all():
        return [()] * len(inputs)
    shown = {
        place: (bench.data.name_of("train", place), told(train.targets[place]), display.small(train.inputs[place]))
        for place in np.unique(found.places).tolist()
    }
    return [
        tuple(
            Near(shown[place][0], round(similarity, 4), *shown[place][1:])
            for place, similarity in zip(places, similarities, strict=True)
        )
        for places, similarities in zip(found.places.tolist(), found.similarities.tolist(), strict=True)
    ]
