"""Samples of images, sounds and series as a picture."""

import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nas.data import Dataset
from nas.data.shown.spectrograms import FRAMES, RANGE_DB, WINDOW_SECONDS, short_time_powers
from nas.data_summary.samples.chosen import Chosen

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COUNTS = {"image": 8, "sound": 4, "series": 4}
"""Samples of a picture, by modality."""

COPIES = 3
"""Augmented copies of an image."""

_SCALE = 2
"""Pixels of the file for each unit of the figure."""


def is_drawn(data: Dataset) -> bool:
    """Whether samples are drawn; the others are written."""
    return data.input.modality in COUNTS


def draw_samples(data: Dataset, chosen: Chosen) -> bytes:
    """A PNG file with samples: of images a column for each, of sounds and series a row.

    Args:
        data: the data set: of images, sounds or series.
        chosen: its samples.
    """
    match data.input.modality:
        case "image":
            return _images(chosen)
        case "sound":
            return _sounds(chosen, data.input.rate or 1)
    return _series(chosen)


Cell = Callable[["Axes"], None]


def _images(chosen: Chosen) -> bytes:
    low, high = float(chosen.prepared.min()), float(chosen.prepared.max())
    rows: list[tuple[str, list[Cell | None]]] = []
    if any(one is not None for one in chosen.before):
        rows.append(("as read", [None if one is None else _image(one, *_range_of(one)) for one in chosen.before]))
    rows.append(("prepared", [_image(one, low, high) for one in chosen.prepared]))
    for copy in () if chosen.augmented is None else chosen.augmented:
        rows.append(("augmented", [_image(one, low, high) for one in copy]))
    return _grid(rows, [sample.target for sample in chosen.samples], height=0.95)


def _range_of(image: NDArray[Any]) -> tuple[float, float]:
    return (0.0, 255.0) if image.dtype == np.uint8 else (float(image.min()), float(image.max()))


def _image(image: NDArray[Any], low: float, high: float) -> Cell:
    values = np.clip((image.astype(np.float64) - low) / ((high - low) or 1.0), 0, 1)
    shown = np.moveaxis(values, 0, -1) if len(values) == 3 else values.mean(axis=0)

    def draw(axes: "Axes") -> None:
        axes.imshow(shown, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
        height, width = shown.shape[:2]
        side = max(height, width)
        axes.set_xlim((width - side - 1) / 2, (width + side - 1) / 2)
        axes.set_ylim((height + side - 1) / 2, (height - side - 1) / 2)

    return draw


def _sounds(chosen: Chosen, rate: int) -> bytes:
    titles, columns = [], []
    if any(one is not None for one in chosen.before):
        titles.append("as read")
        columns.append(
            [None if one is None else _wave(one[0], of) for one, of in zip(chosen.before, chosen.rates, strict=True)]
        )
    titles += ["prepared", "spectrogram"]
    columns += [[_wave(one[0], rate) for one in chosen.prepared], [_spectrogram(one, rate) for one in chosen.prepared]]
    if chosen.augmented is not None:
        titles.append("augmented")
        columns.append([_spectrogram(one, rate) for one in chosen.augmented[0]])
    return _in_rows(chosen, titles, columns)


def _wave(samples: NDArray[Any], rate: int) -> Cell:
    # The lowest and the highest sample of each of 600 pieces: what a line through all samples would cover.
    edges = np.unique(np.linspace(0, len(samples), 601).astype(np.intp)[:-1])
    low, high = np.minimum.reduceat(samples, edges), np.maximum.reduceat(samples, edges)

    def draw(axes: "Axes") -> None:
        axes.fill_between(edges / rate, low, high, color=_colour("blue"), linewidth=0.6)
        limit = max(float(np.abs(samples).max()), 1e-6)
        axes.set_ylim(-1.05 * limit, 1.05 * limit)
        axes.set_xlabel(f"{len(samples) / rate:.2g} s, ±{limit:.2g}", fontsize=7, labelpad=1)

    return draw


def _spectrogram(waveform: NDArray[Any], rate: int) -> Cell:
    window = max(8, round(WINDOW_SECONDS * rate))
    powers = short_time_powers(waveform[0].astype(np.float64), window=window, frames=2 * FRAMES)
    level = 10 * np.log10(np.maximum(powers, 1e-20))

    def draw(axes: "Axes") -> None:
        top = float(level.max())
        axes.imshow(level.T, aspect="auto", origin="lower", cmap="magma", vmin=top - RANGE_DB, vmax=top)
        axes.set_xlabel(f"0 to {rate / 2000:g} kHz", fontsize=7, labelpad=1)

    return draw


def _series(chosen: Chosen) -> bytes:
    titles, columns = ["prepared"], [[_lines(one) for one in chosen.prepared]]
    if chosen.augmented is not None:
        titles.append("augmented")
        columns.append([_lines(one) for one in chosen.augmented[0]])
    return _in_rows(chosen, titles, columns)


def _lines(series: NDArray[Any]) -> Cell:
    from nas.pages.figure import LINES

    def draw(axes: "Axes") -> None:
        for place, channel in enumerate(series[: len(LINES)]):
            axes.plot(channel, color=_colour(LINES[place]), linewidth=0.9)
        low, high = float(series.min()), float(series.max())
        axes.set_xlabel(f"{series.shape[1]:,} steps, {low:.3g} to {high:.3g}", fontsize=7, labelpad=1)

    return draw


def _in_rows(chosen: Chosen, titles: Sequence[str], columns: Sequence[Sequence[Cell | None]]) -> bytes:
    rows = [(sample.target, [column[place] for column in columns]) for place, sample in enumerate(chosen.samples)]
    return _grid(rows, titles, height=1.25)


def _grid(rows: Sequence[tuple[str, Sequence[Cell | None]]], titles: Sequence[str], *, height: float) -> bytes:
    """Cells with a title above each column and beside each row."""
    with _figure(0.35 + height * len(rows)) as (figure, save):
        grid = figure.subplots(len(rows), len(titles), squeeze=False)
        for of_row, (name, cells) in zip(grid, rows, strict=True):
            for axes, cell in zip(of_row, cells, strict=True):
                axes.set_xticks([])
                axes.set_yticks([])
                axes.grid(visible=False)
                for side in axes.spines.values():
                    side.set_visible(False)
                if cell is not None:
                    cell(axes)
            of_row[0].set_ylabel(_cut(name, 14), fontsize=8, color=_colour("ink"))
        for axes, title in zip(grid[0], titles, strict=True):
            axes.set_title(_cut(title, 12 if len(titles) > 4 else 30), fontsize=8)
        figure.tight_layout(pad=0.4)
        return save()


@contextmanager
def _figure(height: float) -> Iterator[tuple[Any, Callable[[], bytes]]]:
    from nas.pages.figure import COLOURS, styled_figure

    with styled_figure(height, COLOURS["surface"]) as figure:

        def save() -> bytes:
            into = io.BytesIO()
            figure.savefig(into, format="png", dpi=72 * _SCALE, metadata={"Software": None})
            return into.getvalue()

        yield figure, save


def _colour(role: str) -> str:
    from nas.pages.figure import COLOURS

    return COLOURS[role]


def _cut(text: str, most: int) -> str:
    from nas.pages.figure import printable

    shown = printable(text)
    return shown if len(shown) <= most else f"{shown[: most - 1]}…"
