"""The spaces of Archwright as a table: what each is for, and its size."""

from typing import NamedTuple

from nas.space.reading.load import load_space
from nas.space.reading.purpose import ANY_NUMBER, Purpose
from nas.space.reading.suited import purposes


class SpaceRow(NamedTuple):
    """A space of Archwright.

    Attributes:
        name: its name.
        inputs: the inputs that it is for, in words.
        architectures: their number for the inputs in its file; None: unknown.
        about: what its networks are.
    """

    name: str
    inputs: str
    architectures: int | None
    about: str


def list_spaces() -> list[SpaceRow]:
    """The spaces of Archwright, by kinds of inputs. Counting their architectures takes some seconds."""
    rows = [
        SpaceRow(name, shown_inputs(purpose), load_space(name).counted, purpose.about)
        for name, purpose in purposes().items()
    ]
    return sorted(rows, key=lambda row: (purposes()[row.name].modality, row.name))


def shown_inputs(purpose: Purpose) -> str:
    """The inputs that a space is for: `image, 16 to 63`."""
    kinds = ", ".join(purpose.modality)
    if purpose.size == ANY_NUMBER:
        return kinds
    least, most = purpose.size
    ends = f"from {least}" if most is None else f"{least} to {most}" if least else f"up to {most}"
    return f"{kinds} {ends}" if len(purpose.modality) == 1 else kinds
