"""The plots of a report as SVG text, to stand inside an HTML page.

Figures are made with matplotlib's object interface, so no global figure is left behind. Every colour of a plot is one
of `COLOURS` and is written as a CSS variable of the page, with the colour for a light page in reserve: a plot follows
the page into the dark. Text stays text, in the font of the page.
"""

import io
import math
import warnings
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Literal

import numpy as np
from matplotlib import style, ticker
from matplotlib.axes import Axes
from matplotlib.axis import XAxis, YAxis
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from nas.formatting import is_fraction, lower_fence, show_short
from nas.ops import COSTS
from nas.trial import Direction

COLOURS: Mapping[str, str] = {
    "ink": "#1c2128",
    "muted": "#656d76",
    "grid": "#e4e7eb",
    "surface": "#fefefe",
    "blue": "#0072b2",
    "vermilion": "#d55e00",
    "green": "#009e73",
    "purple": "#b5548d",
    "orange": "#d99400",
    "sky": "#4fa8dc",
    "olive": "#8a8a2b",
    "grey": "#7f7f85",
}
"""Roles to colours on a light page (after Okabe and Ito 2008, who chose hues that colour-blind people tell apart)."""

LINES = ("blue", "vermilion", "green", "purple", "orange", "sky", "olive", "grey")
_SVG = "{http://www.w3.org/2000/svg}"
_LINK = "{http://www.w3.org/1999/xlink}href"
STYLE: Mapping[str, Any] = {
    "font.size": 10.5,
    "font.sans-serif": ["DejaVu Sans"],
    "text.parse_math": False,
    "text.color": COLOURS["ink"],
    "axes.edgecolor": COLOURS["grid"],
    "axes.facecolor": "none",
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.axisbelow": True,
    "axes.labelcolor": COLOURS["muted"],
    "axes.labelsize": 10.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "grid.color": COLOURS["grid"],
    "grid.linewidth": 0.8,
    "xtick.color": COLOURS["grid"],
    "ytick.color": COLOURS["grid"],
    "xtick.labelcolor": COLOURS["muted"],
    "ytick.labelcolor": COLOURS["muted"],
    "ytick.major.size": 0,
    "legend.frameon": False,
    "legend.fontsize": 10,
    "legend.handlelength": 1.5,
    "legend.handletextpad": 0.5,
    "legend.columnspacing": 1.4,
    "legend.borderaxespad": 0.3,
    "legend.labelcolor": COLOURS["muted"],
    "lines.solid_capstyle": "round",
    "figure.facecolor": "none",
    "svg.fonttype": "none",
    "svg.hashsalt": "archwright",
}


@dataclass(frozen=True)
class Dot:
    """A trial with a score: its number and the value of the metric.

    Values can be compared where the `fidelity`, the epochs of the training (infinity: all), is the same.
    """

    number: int
    value: float
    fidelity: float = math.inf


@dataclass(frozen=True)
class Curve:
    """One number an epoch, the first after epoch 1."""

    label: str
    values: Sequence[float]
    bold: bool = False


@dataclass(frozen=True)
class Panel:
    """Curves of one metric, in one pair of axes."""

    metric: str
    curves: Sequence[Curve]


def progress_plot(dots: Sequence[Dot], failed: Sequence[int], *, metric: str, direction: Direction) -> str:
    """The metric of each trial over its number, the best so far, and the failed trials on the axis.

    The best so far is the best of those that were trained for longest up to then; others than those of the most epochs
    are grey.
    """
    with new_figure("progress", f"{metric} of each trial in the order of the search", height=3.3) as (figure, svg):
        axes = new_axes(figure, metric, "trial")
        shown = scale_values(axes, [dot.value for dot in dots], metric, direction)
        numbers = [dot.number for dot in dots]
        furthest = max((dot.fidelity for dot in dots), default=math.inf)
        same = all(dot.fidelity == furthest for dot in dots)
        for label, colour, full in (
            ("fewer epochs", "grey", False),
            ("trial" if same else "most epochs", "blue", True),
        ):
            places = [place for place, dot in enumerate(dots) if (dot.fidelity == furthest) == full]
            if places or full:
                across, up = [numbers[place] for place in places], [shown[place] for place in places]
                axes.scatter(across, up, s=20, color=COLOURS[colour], alpha=0.7, linewidths=0, label=label)
        if dots:
            sign = 1 if direction == "maximize" else -1
            leaders = accumulate(dots, lambda *two: max(two, key=lambda dot: (dot.fidelity, sign * dot.value)))
            best = [dot.value for dot in leaders]
            end = max([*numbers, *failed])
            axes.step(
                [*numbers, end],
                [*best, best[-1]],
                where="post",
                color=COLOURS["vermilion"],
                lw=1.8,
                label="best so far",
            )
        mark_clipped(axes, numbers, [dot.value for dot in dots])
        if failed:
            floor = axes.get_xaxis_transform()
            axes.plot(
                failed,
                [0] * len(failed),
                "x",
                transform=floor,
                clip_on=False,
                color=COLOURS["ink"],
                ms=5.5,
                mew=1.5,
                label="failed",
            )
        whole_numbers(axes, [*numbers, *failed])
        legend_above(axes)
    return svg()


def curves_plot(name: str, panels: Sequence[Panel]) -> str:
    """Learning curves, one pair of axes a metric, one above the other. `name` keeps the ids of a page apart."""
    title = " and ".join(panel.metric for panel in panels) + " over the epochs"
    with new_figure(name, title, height=1.3 + 2.2 * len(panels)) as (figure, svg):
        for row, panel in enumerate(panels):
            axes = new_axes(figure, panel.metric, "epoch" if row + 1 == len(panels) else "", rows=len(panels), row=row)
            _draw_curves(axes, panel)
            if row == 0:
                legend_above(axes, columns=4)
    return svg()


@contextmanager
def new_figure(name: str, title: str, *, height: float) -> Iterator[tuple[Figure, Callable[[], str]]]:
    """A figure in the style of the report, and what gives its SVG once it has been drawn."""
    text = io.StringIO()
    with warnings.catch_warnings(), style.context(STYLE, after_reset=True):  # type: ignore[arg-type]
        warnings.filterwarnings("ignore", message="Glyph")  # the page's font may well have it
        figure = Figure(figsize=(6.6, height), dpi=72)
        FigureCanvasSVG(figure)
        yield figure, lambda: inline_svg(text.getvalue(), name, title)
        figure.savefig(text, format="svg", metadata={"Date": None})


def inline_svg(text: str, name: str, title: str) -> str:
    """A whole SVG file as an element of a page: own ids, CSS variables for colours, no fixed size, no metadata."""
    root = ET.fromstring(text)
    for child in list(root):
        if child.tag == f"{_SVG}metadata":
            root.remove(child)
    for element in root.iter():
        element.tag = element.tag.removeprefix(_SVG)
        for key, value in list(element.attrib.items()):
            if key == "id":
                element.set(key, f"{name}-{value}")
            elif key == _LINK:
                del element.attrib[key]
                element.set("href", f"#{name}-{value[1:]}")
            else:
                element.set(key, _variables(value.replace("url(#", f"url(#{name}-")))
    for size in ("width", "height"):
        root.attrib.pop(size, None)
    root.set("xmlns", _SVG[1:-1])
    root.set("role", "img")
    root.set("aria-label", printable(title))
    return ET.tostring(root, encoding="unicode")


def _variables(value: str) -> str:
    for role, colour in COLOURS.items():
        value = value.replace(colour, f"var(--{role}, {colour})")
    return value


def new_axes(figure: Figure, metric: str, below: str, *, rows: int = 1, row: int = 0) -> Axes:
    """Axes at a fixed place, so that plots side by side line up; the metric's name stands above them."""
    width, height = figure.get_size_inches()
    top, bottom, gap = 0.55, 0.5, 0.7
    each = (height - top - bottom - gap * (rows - 1)) / rows
    at = height - top - each - row * (each + gap)
    axes = figure.add_axes((0.66 / width, at / height, 1 - 0.8 / width, each / height))
    axes.set_xlabel(printable(below))
    axes.set_title(printable(metric), loc="left", fontsize=10.5, fontweight="bold", pad=9)
    return axes


def printable(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text)


def scale_values(
    axes: Axes, values: Sequence[float], metric: str, direction: Direction, *, room: float = 0.06
) -> Sequence[float]:
    """Sets the y axis so that a few very bad values do not flatten the rest; those come back as NaN."""
    value_ticks(axes.yaxis, metric)
    if not values:
        axes.set_yticks([])
        return values
    sign = 1 if direction == "maximize" else -1
    scores = sign * np.asarray(values, dtype=float)
    floor = scores[scores >= lower_fence(list(scores))].min()
    span = scores.max() - floor or abs(floor) * 0.1 or 0.1
    axes.set_ylim(*sorted((sign * (floor - 0.06 * span), sign * (scores.max() + room * span))))
    return list(sign * np.where(scores < floor, np.nan, scores))


def value_ticks(axis: XAxis | YAxis, metric: str) -> None:
    """Round numbers; percentages where the metric is a fraction, `50 k` where it is a size."""
    axis.set_major_locator(ticker.MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
    if is_fraction(metric):
        axis.set_major_formatter(lambda value, _: f"{100 * value:.6g}\u00a0%")
    elif metric in COSTS:
        axis.set_major_formatter(lambda value, _: show_short(value))
    else:
        axis.set_major_formatter(lambda value, _: f"{value:.6g}")


def mark_clipped(axes: Axes, across: Sequence[float], values: Sequence[float]) -> None:
    """Triangles at the edge for values that lie beyond it."""
    low, high = axes.get_ylim()
    sides: tuple[tuple[Literal["v", "^"], float, Callable[[float], bool]], ...] = (
        ("v", 0.02, lambda value: value < low),
        ("^", 0.98, lambda value: value > high),
    )
    for marker, edge, beyond in sides:
        found = [x for x, value in zip(across, values, strict=True) if beyond(value)]
        if found:
            axes.plot(
                found,
                [edge] * len(found),
                marker,
                transform=axes.get_xaxis_transform(),
                color=COLOURS["blue"],
                mfc="none",
                ms=5,
                label="off the scale",
            )


def whole_numbers(axes: Axes, numbers: Sequence[int]) -> None:
    axes.xaxis.set_major_locator(ticker.MaxNLocator(7, integer=True, steps=[1, 2, 5, 10], min_n_ticks=1))
    low, high = (min(numbers), max(numbers)) if numbers else (0, 1)
    room = max(0.5, 0.02 * (high - low))
    axes.set_xlim(low - room, high + room)


def log_ticks(axis: XAxis | YAxis, ratio: float) -> None:
    """Round numbers for a logarithmic axis, with enough of them where it spans `ratio`."""
    axis.set_major_locator(
        ticker.LogLocator(subs=(1, 2, 5) if ratio < 20 else (1, 3) if ratio < 300 else (1,))
        if ratio >= 6
        else ticker.MaxNLocator(4)
    )
    axis.set_minor_locator(ticker.NullLocator())


def _draw_curves(axes: Axes, panel: Panel) -> None:
    values = [float(value) for curve in panel.curves for value in curve.values if math.isfinite(value)] or [0.0]
    logarithmic = not is_fraction(panel.metric) and min(values) > 0 and max(values) > 5 * min(values)
    if logarithmic:
        axes.set_yscale("log")
        log_ticks(axes.yaxis, max(values) / min(values))
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:.6g}")
    else:
        value_ticks(axes.yaxis, panel.metric)
    for index, curve in enumerate(panel.curves):
        axes.plot(
            range(1, len(curve.values) + 1),
            curve.values,
            color=COLOURS[LINES[index % len(LINES)]],
            lw=2.2 if curve.bold else 1.3,
            ls="-" if index < len(LINES) else "--",
            marker="o" if len(curve.values) == 1 else None,
            ms=4,
            zorder=3 if curve.bold else 2,
            label=printable(curve.label),
        )
    whole_numbers(axes, [1, max((len(curve.values) for curve in panel.curves), default=1)])
    if is_fraction(panel.metric):
        _cut_warm_up(axes, panel)


def _cut_warm_up(axes: Axes, panel: Panel) -> None:
    """Fits the axis to what follows the first third of the curves, so that their ends keep apart."""
    late = [value for curve in panel.curves for value in curve.values[len(curve.values) // 3 :] if math.isfinite(value)]
    if late:
        best = max(value for curve in panel.curves for value in curve.values if math.isfinite(value))
        room = 0.05 * (best - min(late)) or abs(best) * 0.01 or 0.01
        axes.set_ylim(min(late) - room, best + room)


def legend_above(axes: Axes, *, columns: int = 5) -> None:
    """A legend over the right end of the axes, read row by row (matplotlib fills its columns first)."""
    entries = list(zip(*axes.get_legend_handles_labels(), strict=True))
    if entries:
        columns = min(columns, len(entries))
        by_column = [entry for column in range(columns) for entry in entries[column::columns]]
        handles, labels = zip(*by_column, strict=True)
        axes.legend(list(handles), list(labels), loc="lower right", bbox_to_anchor=(1.01, 1.01), ncols=columns)
