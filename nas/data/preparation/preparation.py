"""The protocol of preparations."""

from typing import Any, ClassVar, Protocol, Self, runtime_checkable

from numpy.typing import NDArray

from nas.data.input_spec import InputSpec


@runtime_checkable
class Preparation(Protocol):
    """Turns raw inputs into what networks take, for training and for prediction alike.

    A preparation is a frozen dataclass of plain data, so it can be written to a file. What it knows of the data, such
    as a vocabulary, is fitted to training samples alone.

    Attributes:
        name: its name in the table of preparations.
    """

    name: ClassVar[str]

    @property
    def input(self) -> InputSpec:
        """What the prepared inputs are."""
        ...

    @property
    def fits(self) -> bool:
        """Whether prepared inputs depend on the samples that the preparation is fitted to."""
        ...

    @property
    def note(self) -> str:
        """What a reader should know of it, a sentence for `Dataset.notes`; empty if there is nothing."""
        ...

    def __call__(self, raw: Any, /) -> NDArray[Any]:
        """The prepared inputs, `(N, *shape)`, uint8 or float32, channels first.

        Raises:
            UsageError: an input cannot be prepared; says which.
        """
        ...

    def refitted(self, raw: Any, /) -> Self:
        """The preparation as fitted to other training samples, for the same `input`."""
        ...
