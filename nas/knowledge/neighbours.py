"""The training samples that a network finds most alike."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor, nn

from nas.arguments import Positive, checked
from nas.errors import UsageError
from nas.knowledge.running import batches, evaluating, inputs_on
from nas.model.features import heads, layer_inputs


@dataclass(frozen=True, eq=False)
class Neighbours:
    """The nearest of some samples to each of others.

    Attributes:
        places: of the nearest, nearest first, `(N, k)`.
        similarities: the cosine of their features and those of the sample, in [-1, 1], `(N, k)`.
    """

    places: NDArray[np.int64]
    similarities: NDArray[np.float32]


@checked
def nearest_neighbours(
    module: nn.Module, inputs: ArrayLike | Tensor, among: Any, *, most: Positive = 3, rows: Any = None
) -> Neighbours:
    """The samples whose features point most nearly in the direction of those of given ones.

    Features are what the last linear layer reads, those of an ensemble what each of its last linear layers does. A
    network that is wrong about a sample whose neighbours are of one other class has not seen its kind, or the target of
    the sample is wrong (Papernot & McDaniel 2018, Deep k-Nearest Neighbors, use them so for each layer).

    Args:
        module: a network, run in evaluation mode.
        inputs: of the given samples, `(N, *shape)`.
        among: the inputs of the others, such as `data.train.inputs`, `(M, *shape)`; run in batches.
        most: the number of neighbours of each sample, if there are so many others.
        rows: the places in `among` of those that are looked at; None: all.

    Raises:
        UsageError: no linear layer ends the network, or there are no samples.
    """
    chosen = np.arange(len(among)) if rows is None else np.asarray(rows, np.intp)
    if not len(chosen):
        raise UsageError("expected one sample or more to look among, got none")
    given = _directions(module, inputs_on(module, inputs))
    most = min(most, len(chosen))
    best = given.new_empty(len(given), 0)
    places = torch.empty(len(given), 0, dtype=torch.int64, device=given.device)
    seen = 0
    for batch in batches(module, among, chosen):
        near = given @ _directions(module, batch).T
        numbers = torch.arange(seen, seen + len(batch), device=given.device).expand(len(given), -1)
        best, order = torch.cat([best, near], 1).sort(dim=1, descending=True, stable=True)
        places = torch.cat([places, numbers], 1).gather(1, order)[:, :most]
        best, seen = best[:, :most], seen + len(batch)
    return Neighbours(chosen[places.cpu().numpy()], best.clamp(-1, 1).cpu().numpy())


def _directions(module: nn.Module, inputs: Tensor) -> Tensor:
    """The features of samples, of length 1, `(N, F)` float32."""
    names = heads(module)
    if not names:
        raise UsageError("expected a network that ends in a linear layer, got one with none")
    with evaluating(module), torch.no_grad(), layer_inputs(module, names) as read:
        module(inputs)
    return torch.nn.functional.normalize(torch.cat([read[name].flatten(1).float() for name in names], 1), dim=1)
