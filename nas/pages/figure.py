"""Figures as SVG text that stands inside an HTML page.

They are made with matplotlib's object interface, so no global figure remains. Every colour of a plot is one of
`COLOURS` and is written as a CSS variable of the page, with the colour of a light page as the fallback: a plot follows
the dark mode of the page. Text stays text, in the font of the page.
"""

import io
import warnings
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from matplotlib import style
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

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
WIDTH = 6.6
"""Inches of a figure; 72 units of the SVG each."""
LINES = ("blue", "vermilion", "green", "purple", "orange", "sky", "olive", "grey")
"""Roles of the lines of a plot, in order."""
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


@contextmanager
def styled_figure(height: float, background: str = STYLE["figure.facecolor"]) -> Iterator[Figure]:
    """A figure of `WIDTH` and a height in inches, which must be drawn and saved in this context."""
    with warnings.catch_warnings(), style.context(STYLE, after_reset=True):  # type: ignore[arg-type]
        warnings.filterwarnings("ignore", message="Glyph")  # the font of the reader may have it
        figure = Figure(figsize=(WIDTH, height), dpi=72, facecolor=background)
        FigureCanvasSVG(figure)
        yield figure


@contextmanager
def new_figure(name: str, title: str, *, height: float) -> Iterator[tuple[Figure, Callable[[], str]]]:
    """A figure, and a function that returns it as inline SVG after the context. `name` is a prefix of its ids."""
    text = io.StringIO()
    with styled_figure(height) as figure:
        yield figure, lambda: inline_svg(text.getvalue(), name, title)
        save_svg(figure, text)


def save_svg(figure: Figure, to: io.StringIO) -> None:
    """Writes a figure as SVG, without the date."""
    figure.savefig(to, format="svg", metadata={"Date": None})


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


def printable(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text)
