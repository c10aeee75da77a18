"""The inputs of samples, as batches are taken of them: all on the device, or batch by batch from where they are."""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from nas.data.streamed import Streamed

MOST_ON_DEVICE = 0.5
"""The fraction of the free memory of a CUDA device that the inputs of a part may take up there."""


class Elsewhere:
    """Inputs that are not on the device: batches are read from the host, or prepared anew, and moved there.

    Args:
        source: the inputs on the host.
        device: where batches are needed.
    """

    def __init__(self, source: Any, device: torch.device) -> None:
        self.source, self.device = source, device
        self.shape = torch.Size(source.shape)
        self.ndim = source.ndim

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: Tensor | slice | int) -> Tensor:
        """The inputs of some samples, on the device."""
        places = rows.cpu().numpy() if isinstance(rows, Tensor) else rows
        return self._moved(self.source[places])

    def batches(self, places: Iterable[Tensor]) -> Iterator[Tensor]:
        """The inputs of several batches, on the device; streamed ones are prepared ahead."""
        if isinstance(self.source, Streamed):
            found = self.source.batches(rows.cpu().numpy() for rows in places)
            yield from map(self._moved, found)
        else:
            yield from (self[rows] for rows in places)

    def _moved(self, found: np.ndarray) -> Tensor:
        batch = torch.from_numpy(np.ascontiguousarray(found))
        return batch.pin_memory().to(self.device, non_blocking=True) if self.device.type == "cuda" else batch


Inputs = Tensor | Elsewhere


def on_device(inputs: Any, device: torch.device) -> Inputs:
    """Inputs of samples, moved to a device if they fit there; arrays that are mapped from a file stay where they are.

    Args:
        inputs: `(N, *shape)`, an array or `Streamed`.
        device: the device.
    """
    if isinstance(inputs, Streamed):
        return Elsewhere(inputs, device)
    if device.type == "cuda" and inputs.nbytes > MOST_ON_DEVICE * torch.cuda.mem_get_info(device)[0]:
        return Elsewhere(inputs, device)
    moved = torch.from_numpy(inputs).to(device)
    return moved.to(memory_format=torch.channels_last) if device.type == "cuda" and moved.ndim == 4 else moved


def batches(inputs: Inputs, places: Iterable[Tensor]) -> Iterator[Tensor]:
    """The inputs of several batches, given the places of their samples."""
    return inputs.batches(places) if isinstance(inputs, Elsewhere) else (inputs[rows] for rows in places)


def in_order(inputs: Inputs, size: int) -> Iterator[Tensor]:
    """All inputs, in batches of a size."""
    if isinstance(inputs, Tensor):
        return iter(torch.split(inputs, size))
    starts = range(0, len(inputs), size)
    return inputs.batches(torch.arange(start, min(start + size, len(inputs))) for start in starts)
