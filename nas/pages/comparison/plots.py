"""The plots of a comparison: each as SVG for the page, as an SVG file and as a PNG file.

They share the colours and the style of `nas.pages.plots`. A controller has one colour, one dash and one marker in all
of them, so that a print in grey can be read as well. A logarithmic axis has no 0: values of 0 are drawn in a strip of
their own below it, which is marked.
"""

import io
import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib import style, ticker
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from nas.pages.plots import COLOURS, LINES, STYLE, inline_svg, printable

WIDTH = 6.6
"""Inches; 72 units of the SVG each."""
NAME = 22
"""Characters of a name that are shown."""
BANDS = 3
"""Up to as many controllers have bands in a plot of shares, which cover each other."""
ZERO = 1e-9
"""What is not above it is shown as 0."""

_DASHES: Sequence[Any] = ("-", (0, (5, 1.8)), (0, (1.2, 1.6)), (0, (6, 1.6, 1.2, 1.6)))
_MARKERS = "osD^vPX*<>"
_Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Picture:
    """A plot: its file name without ending, what it shows, and the three forms."""

    name: str
    title: str
    inline: str
    svg: str
    png: bytes


@dataclass(frozen=True)
class Who:
    """A controller in a plot: its name, and its place in the comparison, which decides its colour."""

    name: str
    place: int

    @property
    def colour(self) -> str:
        """Of its lines and dots."""
        return COLOURS[LINES[self.place % len(LINES)]]

    @property
    def dash(self) -> Any:
        """Of its lines."""
        return _DASHES[(self.place + self.place // len(LINES)) % len(_DASHES)]

    @property
    def marker(self) -> str:
        """On its lines."""
        return _MARKERS[self.place % len(_MARKERS)]

    @property
    def label(self) -> str:
        """Its name, short enough for a plot."""
        return short(self.name)


@dataclass(frozen=True, eq=False)
class Line:
    """A curve with its band, each `(points,)`; NaN where there is none."""

    who: Who
    across: _Floats
    center: _Floats
    low: _Floats
    high: _Floats


@dataclass(frozen=True)
class Interval:
    """A value with the ends of its interval."""

    who: Who
    value: float
    low: float
    high: float


def short(name: str) -> str:
    """A name as it stands in a plot."""
    name = printable(name)
    return name if len(name) <= NAME else f"{name[: NAME // 2]}…{name[-(NAME - NAME // 2 - 1) :]}"


def curves_plot(name: str, title: str, lines: Sequence[Line], *, across: str, upward: str, log: bool) -> Picture:
    """Anytime curves with bands, each with its name at its end."""

    def paint(figure: Figure) -> None:
        axes = _axes(figure, upward, across, right=_label_room(lines))
        values = np.concatenate([part for line in lines for part in (line.center, line.low, line.high)])
        centers = np.concatenate([line.center for line in lines])
        scale = _Log.of(centers, values) if log else None
        place = scale.place if scale else np.asarray
        ends = []
        faint = 0.13 if len(lines) <= 6 else 0.07
        for line in lines:
            known = np.isfinite(line.center)
            x, low, high = line.across[known], place(line.low[known]), place(line.high[known])
            axes.fill_between(x, low, high, step="post", color=line.who.colour, alpha=faint, lw=0)
            _trace(axes, line.who, x, place(line.center[known]))
            ends.append((line.who, float(x[-1]), float(place(line.center[known])[-1])))
        if scale:
            scale.mark(axes, "y")
        else:
            axes.yaxis.set_major_locator(ticker.MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
            axes.yaxis.set_major_formatter(lambda value, _: f"{value:.6g}")
            _room(axes, values)
        _from_zero(axes, lines)
        _label_ends(axes, ends)

    return _picture(name, title, 3.5, paint)


def share_plot(name: str, title: str, lines: Sequence[Line], *, across: str, upward: str) -> Picture:
    """Step functions between 0 and 1: the share of runs that were there. With bands for a few; more would hide them."""

    def paint(figure: Figure) -> None:
        axes = _axes(figure, upward, across, right=_label_room(lines))
        axes.axhline(0.5, color=COLOURS["muted"], lw=0.8, ls=(0, (2, 3)))
        ends = []
        for line in lines:
            if len(lines) <= BANDS:
                axes.fill_between(line.across, line.low, line.high, step="post", color=line.who.colour, alpha=0.1, lw=0)
            _trace(axes, line.who, line.across, line.center)
            ends.append((line.who, float(line.across[-1]), float(line.center[-1])))
        axes.set_ylim(-0.02, 1.02)
        axes.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0\u00a0%", "25\u00a0%", "50\u00a0%", "75\u00a0%", "100\u00a0%"])
        _from_zero(axes, lines)
        _label_ends(axes, ends)

    return _picture(name, title, 3.5, paint)


def strips_plot(name: str, title: str, rows: Sequence[tuple[Who, _Floats]], *, across: str, log: bool) -> Picture:
    """Every run as a dot, with the middle half as a box, the median as a line and the mean as a diamond.

    Where a value is below 0 the axis is not logarithmic.
    """

    def paint(figure: Figure) -> None:
        axes = _rows(figure, [who for who, _ in rows], across)
        values = np.concatenate([runs for _, runs in rows])
        # Where most runs are at 0, a mean and a quartile lie below all of the others.
        marks = [np.array([*np.quantile(runs, [0.25, 0.5, 0.75]), runs.mean()]) for _, runs in rows]
        scale = _Log.of(np.concatenate([values, *marks]), values) if log and values.min() >= -ZERO else None
        place = scale.place if scale else np.asarray
        for row, ((who, runs), drawn) in enumerate(zip(rows, marks, strict=True)):
            *quarters, mean = place(drawn).tolist()
            box = Rectangle((quarters[0], row - 0.26), quarters[2] - quarters[0], 0.52)
            box.set(facecolor=who.colour, alpha=0.2, edgecolor=who.colour, linewidth=0.8)
            axes.add_patch(box)
            # Neighbours in the order of their values lie apart: a golden-ratio sequence, no random numbers.
            spread = ((np.arange(len(runs)) * 0.618034) % 1 - 0.5) * 0.46
            axes.scatter(place(np.sort(runs)), row + spread, s=11, color=who.colour, alpha=0.65, linewidths=0, zorder=3)
            axes.plot([quarters[1]] * 2, [row - 0.26, row + 0.26], color=COLOURS["ink"], lw=1.8, zorder=4)
            axes.plot(
                [mean],
                [row],
                "D",
                color=COLOURS["surface"],
                mec=COLOURS["ink"],
                mew=1.1,
                ms=5,
                zorder=5,
            )
        if scale:
            scale.mark(axes, "x")
        else:
            _plain(axes, values)

    return _picture(name, title, max(3.5, 1.0 + 0.42 * len(rows)), paint)


def intervals_plot(name: str, title: str, rows: Sequence[Interval], *, across: str) -> Picture:
    """A value with its interval for each controller."""

    def paint(figure: Figure) -> None:
        axes = _rows(figure, [row.who for row in rows], across)
        for place, row in enumerate(rows):
            axes.plot([row.low, row.high], [place, place], color=row.who.colour, lw=5, alpha=0.35)
            axes.plot([row.value], [place], row.who.marker, color=row.who.colour, ms=7)
            axes.annotate(
                f"{row.value:.3g}",
                (row.value, place),
                xytext=(0, 7),
                textcoords="offset points",
                ha="center",
                fontsize=9,
                color=COLOURS["ink"],
            )
        _plain(axes, np.array([end for row in rows for end in (row.low, row.high)]))

    return _picture(name, title, 1.05 + 0.42 * len(rows), paint)


def ranks_plot(
    name: str,
    title: str,
    ranks: Sequence[tuple[Who, float]],
    *,
    difference: float,
    groups: Sequence[Sequence[int]],
) -> Picture:
    """A critical-difference diagram (Demšar 2006): mean ranks, the best on the left; bars join what is not told apart.

    `groups` are indices into `ranks`.
    """
    count = len(ranks)
    order = sorted(range(count), key=lambda index: ranks[index][1])
    left, right = order[: (count + 1) // 2], order[(count + 1) // 2 :]
    first, bar, row = 0.42, 0.13, 0.3
    depth = first + bar * len(groups)
    height = 0.95 + depth + row * len(left)

    def paint(figure: Figure) -> None:
        sides = [0.55 + 0.082 * max(len(ranks[index][0].label) for index in members) for members in (left, right)]
        between = WIDTH - sum(sides)
        axes = figure.add_axes((sides[0] / WIDTH, 0, between / WIDTH, 1))
        axes.set_axis_off()
        top = height - 0.72
        axes.set_ylim(0, height)
        axes.set_xlim(1, count)
        ink, muted = COLOURS["ink"], COLOURS["muted"]
        axes.plot([1, count], [top, top], color=ink, lw=1.1, clip_on=False)
        for tick in range(1, count + 1):
            axes.plot([tick, tick], [top, top + 0.07], color=ink, lw=1.1, clip_on=False)
            axes.text(tick, top + 0.12, str(tick), ha="center", va="bottom", color=muted, fontsize=10)
        ruler = top + 0.42
        shown = min(difference, count - 1.0)
        axes.plot([1, 1 + shown], [ruler, ruler], color=ink, lw=1.6, clip_on=False, solid_capstyle="butt")
        for mark in (1.0, 1.0 + shown):
            axes.plot([mark, mark], [ruler - 0.05, ruler + 0.05], color=ink, lw=1.2, clip_on=False)
        text = f"critical difference {difference:.2f}" + (" (more than the axis)" if shown < difference else "")
        axes.text(1, ruler + 0.07, text, ha="left", va="bottom", color=ink, fontsize=9.5)
        for members, edge, gap, align in ((left, 1, -0.06, "right"), (right[::-1], count, 0.06, "left")):
            for line, index in enumerate(members):
                who, rank = ranks[index]
                y = top - depth - row * line
                axes.plot([rank, rank, edge], [top, y, y], color=who.colour, lw=1.3, clip_on=False)
                axes.plot([rank], [top], who.marker, color=who.colour, ms=6, clip_on=False, zorder=4)
                axes.text(
                    edge + gap * (count - 1) / between,
                    y,
                    f"{who.label}  {rank:.2f}" if align == "right" else f"{rank:.2f}  {who.label}",
                    ha=align,
                    va="center",
                    color=ink,
                    fontsize=10,
                )
        for level, group in enumerate(groups):
            y = top - 0.2 - bar * level
            ends = [ranks[index][1] for index in group]
            axes.plot(
                [min(ends) - 0.03, max(ends) + 0.03],
                [y, y],
                color=ink,
                lw=4,
                clip_on=False,
                solid_capstyle="butt",
                zorder=3,
            )

    return _picture(name, title, height, paint)


def matrix_plot(name: str, title: str, who: Sequence[Who], chances: _Floats, shown: NDArray[np.bool_]) -> Picture:
    """The chance that a row beats a column, `(controllers, controllers)`; `shown`: the verdict tells the two apart."""
    count = len(who)
    side = 0.45 + 0.085 * max(len(each.label) for each in who)
    cell = min(0.62, (WIDTH - side - 0.5) / count)
    height = side * 0.78 + cell * count + 0.3

    def paint(figure: Figure) -> None:
        axes = figure.add_axes((side / WIDTH, 0.2 / height, cell * count / WIDTH, cell * count / height))
        axes.set_xlim(0, count)
        axes.set_ylim(count, 0)
        axes.grid(visible=False)
        for edge in axes.spines.values():
            edge.set_visible(False)
        for i in range(count):
            for j in range(count):
                chance = float(chances[i, j])
                if i == j:
                    axes.text(j + 0.5, i + 0.5, "–", ha="center", va="center", color=COLOURS["muted"])
                    continue
                box = Rectangle((j + 0.03, i + 0.03), 0.94, 0.94, linewidth=0)
                box.set(facecolor=COLOURS["blue" if chance >= 0.5 else "vermilion"], alpha=1.5 * abs(chance - 0.5))
                axes.add_patch(box)
                if shown[i, j]:
                    frame = Rectangle((j + 0.05, i + 0.05), 0.9, 0.9, facecolor="none")
                    frame.set(edgecolor=COLOURS["ink"], linewidth=1.3)
                    axes.add_patch(frame)
                axes.text(
                    j + 0.5,
                    i + 0.5,
                    _chance(chance),
                    ha="center",
                    va="center",
                    color=COLOURS["ink"],
                    fontweight="bold" if shown[i, j] else "normal",
                    fontsize=min(10.5, 17 * cell),
                )
        axes.set_yticks(np.arange(count) + 0.5, [each.label for each in who])
        axes.set_xticks(np.arange(count) + 0.5, ["" for _ in who])
        axes.tick_params(length=0, labelcolor=COLOURS["ink"])
        for j, each in enumerate(who):
            axes.text(j + 0.4, -0.12, each.label, rotation=40, ha="left", va="bottom", rotation_mode="anchor")

    return _picture(name, title, height, paint)


def _picture(name: str, title: str, height: float, paint: Callable[[Figure], None]) -> Picture:
    with warnings.catch_warnings(), style.context(STYLE, after_reset=True):  # type: ignore[arg-type]
        warnings.filterwarnings("ignore", message="Glyph")  # the reader's font may well have it
        figure = Figure(figsize=(WIDTH, height), dpi=72, facecolor=COLOURS["surface"])
        FigureCanvasSVG(figure)
        paint(figure)
        text, png = io.StringIO(), io.BytesIO()
        figure.savefig(text, format="svg", metadata={"Date": None})
        figure.savefig(png, format="png", dpi=180, metadata={"Software": None})
    svg = text.getvalue()
    return Picture(name, title, inline_svg(svg, name, title), svg, png.getvalue())


@dataclass(frozen=True)
class _Log:
    """Where values lie on a logarithmic axis that ends at `floor`.

    `zero` says what the strip below it stands for, `0` or `≤ 0`; empty: there is none.
    """

    floor: float
    top: float
    zero: str

    @classmethod
    def of(cls, centers: _Floats, values: _Floats) -> "_Log":
        """Fits all centers that are above 0; ends of bands below these are drawn at the floor."""
        centers, values = centers[np.isfinite(centers)], values[np.isfinite(values)]
        positive = centers[centers > ZERO]
        top = float(values.max()) if len(values) and values.max() > ZERO else 1.0
        floor = float(positive.min()) if len(positive) else top / 10
        zero = "" if (values > ZERO).all() else "0" if (values >= -ZERO).all() else "≤ 0"
        return cls(floor * 0.85, max(top * 1.15, floor * 2), zero)

    @property
    def gap(self) -> float:
        return 0.12 * (math.log10(self.top) - math.log10(self.floor))

    def place(self, values: _Floats) -> _Floats:
        logs: _Floats = np.log10(np.clip(values, self.floor, None))
        return np.where(values <= ZERO, math.log10(self.floor) - self.gap, logs)

    def mark(self, axes: Axes, which: str) -> None:
        """Ticks, limits, and the strip for 0."""
        axis = axes.yaxis if which == "y" else axes.xaxis
        low, high = math.log10(self.floor), math.log10(self.top)
        ticks = [value for value in self._ticks() if self.floor <= value <= self.top]
        places, labels = [math.log10(value) for value in ticks], [f"{value:.6g}" for value in ticks]
        if self.zero:
            zero = low - self.gap
            places, labels = [zero, *places], [self.zero, *labels]
            span, line = (axes.axhspan, axes.axhline) if which == "y" else (axes.axvspan, axes.axvline)
            span(zero - 0.5 * self.gap, low - 0.4 * self.gap, color=COLOURS["grid"], alpha=0.55, lw=0, zorder=0)
            line(low - 0.4 * self.gap, color=COLOURS["muted"], lw=0.9, ls=(0, (3, 3)), zorder=1)
            low = zero - 0.5 * self.gap
        axis.set_major_locator(ticker.FixedLocator(places))
        axis.set_major_formatter(ticker.FixedFormatter(labels))
        (axes.set_ylim if which == "y" else axes.set_xlim)(low, high)

    def _ticks(self) -> Sequence[float]:
        powers = range(math.floor(math.log10(self.floor)), math.ceil(math.log10(self.top)) + 1)
        for digits in ((1,), (1, 3), (1, 2, 5), (1, 1.5, 2, 3, 4, 5, 7)):
            ticks = [float(f"{digit}e{power}") for power in powers for digit in digits]
            if sum(self.floor <= value <= self.top for value in ticks) >= 4:
                break
        return ticks


def _axes(figure: Figure, above: str, below: str, *, right: float) -> Axes:
    width, height = figure.get_size_inches()
    axes = figure.add_axes((0.66 / width, 0.52 / height, 1 - (0.66 + right) / width, 1 - 0.98 / height))
    axes.set_xlabel(printable(below))
    axes.set_title(printable(above), loc="left", fontsize=10.5, fontweight="bold", pad=9)
    return axes


def _rows(figure: Figure, who: Sequence[Who], below: str) -> Axes:
    """Axes with one row for each controller, the first on top."""
    width, height = figure.get_size_inches()
    left = 0.3 + 0.085 * max(len(each.label) for each in who)
    axes = figure.add_axes((left / width, 0.6 / height, 1 - (left + 0.2) / width, 1 - 0.8 / height))
    axes.set_xlabel(printable(below))
    axes.grid(visible=False, axis="y")
    axes.grid(visible=True, axis="x")
    axes.set_ylim(len(who) - 0.45, -0.6)
    axes.set_yticks(range(len(who)), [each.label for each in who])
    axes.tick_params(axis="y", labelcolor=COLOURS["ink"])
    return axes


def _plain(axes: Axes, values: _Floats) -> None:
    axes.xaxis.set_major_locator(ticker.MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]))
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:.6g}")
    low, high = float(values.min()), float(values.max())
    room = 0.06 * (high - low) or abs(high) * 0.05 or 0.1
    axes.set_xlim(low - room, high + room)


def _room(axes: Axes, values: _Floats) -> None:
    known = values[np.isfinite(values)]
    room = 0.05 * float(known.max() - known.min()) or abs(float(known.max())) * 0.05 or 0.1
    axes.set_ylim(float(known.min()) - room, float(known.max()) + room)


def _from_zero(axes: Axes, lines: Sequence[Line]) -> None:
    last = max(float(line.across[np.isfinite(line.center)][-1]) for line in lines)
    axes.set_xlim(0, last * 1.005 or 1)
    axes.xaxis.set_major_locator(ticker.MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]))
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.6g}")


def _trace(axes: Axes, who: Who, x: _Floats, y: _Floats) -> None:
    """A line with some markers, which do not stand one above the other in different lines."""
    first = (who.place * 0.37) % 1
    wanted = np.unique(np.rint((np.arange(5) + first) / 5 * (len(x) - 1)).astype(int)) if len(x) > 8 else None
    axes.plot(
        x,
        y,
        color=who.colour,
        ls=who.dash,
        lw=1.7,
        drawstyle="steps-post",
        marker=who.marker,
        markevery=None if wanted is None else wanted.tolist(),
        ms=4.5,
        mew=0,
        solid_capstyle="butt",
        zorder=3,
    )


def _label_room(lines: Sequence[Line]) -> float:
    return 0.55 + 0.08 * max(len(line.who.label) for line in lines)


def _label_ends(axes: Axes, ends: Sequence[tuple[Who, float, float]]) -> None:
    """Writes each name to the right, at the height of the end of its line, or as near as the others leave room."""
    frame = axes.bbox
    gap = min(15.0, frame.height / max(len(ends), 1))
    wanted = [(float(axes.transData.transform((x, y))[1]), who, x, y) for who, x, y in ends]
    wanted.sort(key=lambda item: (item[0], -item[1].place))
    heights: list[float] = []
    for place, *_ in wanted:
        heights.append(max(place, heights[-1] + gap if heights else frame.y0))
    ceiling = frame.y1
    for index in reversed(range(len(heights))):
        heights[index] = min(heights[index], ceiling)
        ceiling = heights[index] - gap
    across = axes.transAxes
    unit = 1 / frame.width
    for height, (_, who, x, y) in zip(heights, wanted, strict=True):
        level = (height - frame.y0) / frame.height
        start = axes.transAxes.inverted().transform(axes.transData.transform((x, y)))
        axes.plot(
            [start[0], 1 + 9 * unit],
            [start[1], level],
            transform=across,
            color=who.colour,
            lw=0.7,
            alpha=0.6,
            clip_on=False,
        )
        axes.plot(
            [1 + 10 * unit, 1 + 20 * unit, 1 + 30 * unit],
            [level] * 3,
            transform=across,
            color=who.colour,
            ls=who.dash,
            lw=1.7,
            marker=who.marker,
            markevery=[1],
            ms=4.5,
            mew=0,
            clip_on=False,
        )
        axes.text(
            1 + 34 * unit,
            level,
            who.label,
            transform=across,
            va="center",
            ha="left",
            fontsize=9.5,
            color=COLOURS["ink"],
        )


def _chance(chance: float) -> str:
    """Two digits, and never 1 or 0 by rounding."""
    if 0 < chance < 0.005:
        return "<.01"
    if 0.995 <= chance < 1:
        return ">.99"
    return f"{chance:.2f}"
