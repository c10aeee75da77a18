"""The samples of a part of a data set."""

from typing import Any, NamedTuple

from numpy.typing import NDArray


class Samples(NamedTuple):
    """The samples of one part of a data set.

    Attributes:
        inputs: `(N, *shape)`, uint8 or float32, channels first; prepared, but not normalised. An array, or what is read
            like one (`nas.data.streamed`).
        targets: class indices, `(N,)` int64, for classification; values, `(N, K)` float32, for regression.
    """

    inputs: Any
    targets: NDArray[Any]

    def __len__(self) -> int:
        return len(self.targets)
