"""The protocol of preparations."""

from typing import Any, ClassVar, Literal, Protocol, Self, runtime_checkable

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
    def dtype(self) -> Literal["uint8", "float32"]:
        """The type of the prepared inputs."""
        ...

    @property
    def fits(self) -> bool:
        """Whether prepared inputs depend on the samples that the preparation is fitted to."""
        ...

    @property
    def note(self) -> str:
        """What a reader should know of it, a sentence for `Dataset.notes`; empty if there is nothing."""
        ...

    def __call__(self, raw: Any, /, out: NDArray[Any] | None = None) -> NDArray[Any]:
        """The prepared inputs, `(N, *shape)`, channels first.

        Args:
            raw: the raw inputs of N samples.
            out: where the prepared ones are written, and what is returned; None: a new array.

        Raises:
            UsageError: an input cannot be prepared; says which.
        """
        ...

    def refitted(self, raw: Any, /) -> Self:
        """The preparation as fitted to other training samples, for the same `input`."""
        ...
