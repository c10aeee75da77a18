"""The batches of a training."""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from torch import Tensor

from nas.training.losses import Mixture


class Drawn(NamedTuple):
    """The batches of an epoch.

    Attributes:
        order: `(N,)`, the places of their samples in the training data, one batch after the other.
        bounds: where each batch begins in `order`, and where the last one ends.
    """

    order: Tensor
    bounds: Sequence[int]


class Batch(NamedTuple):
    """The samples of a step, on the device.

    Attributes:
        inputs: `(N, *shape)`, augmented.
        targets: `(N,)`, or `(N, K)`.
        samples: `(N,)`, their places in the training data.
        others: the targets of the samples that these are mixed with; None: they are not mixed.
        shares: `(N,)`, the shares of the samples themselves, in [0, 1]; None: they are not mixed.
        more: `(N, *shape)`, inputs without targets, augmented alike; None: there are none.
        places: `(N,)`, the places of these among the inputs without targets.
    """

    inputs: Tensor
    targets: Tensor
    samples: Tensor
    others: Tensor | None = None
    shares: Tensor | None = None
    more: Tensor | None = None
    places: Tensor | None = None

    def each(self, change: Callable[[Tensor], Tensor]) -> "Batch":
        """A batch of changed tensors."""
        return Batch._make(None if one is None else change(one) for one in self)

    def part(self, start: int, end: int) -> "Batch":
        """The samples from place `start` up to `end`."""
        return self.each(lambda tensor: tensor[start:end])

    def mixture(self) -> Mixture | None:
        """What the samples are mixed with, for their loss."""
        return None if self.others is None or self.shares is None else Mixture(self.others, self.shares)

    def divided(self, parts: int) -> Iterator["Batch"]:
        """The batch in `parts` of nearly equal size, or whole if they would have a single sample: such a part has no
        variance for batch norm."""
        count = len(self.samples)
        if parts == 1 or count < 2 * parts:
            yield self
            return
        ends = [count * part // parts for part in range(parts + 1)]
        for start, end in pairwise(ends):
            yield self.part(start, end)
