"""What is shown of a sample, as records of plain data."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Picture:
    """An image, or the spectrogram of a sound.

    Attributes:
        png: a PNG file in base64.
        width, height: in pixels.
    """

    png: str
    width: int
    height: int


@dataclass(frozen=True)
class Words:
    """A text.

    Attributes:
        words: each word with the space before it, and how much it counts for the answer, relative to the one that
            counts most: in [-1, 1].
        left_out: the number of words beyond those.
    """

    words: tuple[tuple[str, float], ...]
    left_out: int = 0


@dataclass(frozen=True)
class RowValues:
    """The most unusual values of a row of a table.

    Attributes:
        columns: name and value of each column, the most unusual first.
        left_out: the number of the other columns.
    """

    columns: tuple[tuple[str, str], ...]
    left_out: int = 0


@dataclass(frozen=True)
class Curves:
    """A series of numbers.

    Attributes:
        channels: the values of each channel, thinned out.
        left_out: the number of channels beyond those.
    """

    channels: tuple[tuple[float, ...], ...]
    left_out: int = 0


Shown = Picture | Words | RowValues | Curves
