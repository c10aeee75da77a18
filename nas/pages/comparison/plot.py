"""A plot of a comparison in three forms: inline SVG for the page, an SVG file, and a PNG file."""

import io
from collections.abc import Callable
from dataclasses import dataclass

from matplotlib.figure import Figure

from nas.pages.figure import COLOURS, inline_svg, save_svg, styled_figure


@dataclass(frozen=True)
class Plot:
    """A plot in three forms.

    Attributes:
        name: of its files, without the ending.
        title: what it shows.
        inline: an element of a page.
        svg: an SVG file.
        png: a PNG file.
    """

    name: str
    title: str
    inline: str
    svg: str
    png: bytes


def plotted(name: str, title: str, height: float, paint: Callable[[Figure], None]) -> Plot:
    """A plot that `paint` draws into a figure of this height, in inches."""
    text, png = io.StringIO(), io.BytesIO()
    with styled_figure(height, COLOURS["surface"]) as figure:
        paint(figure)
        save_svg(figure, text)
        figure.savefig(png, format="png", dpi=180, metadata={"Software": None})
    svg = text.getvalue()
    return Plot(name, title, inline_svg(svg, name, title), svg, png.getvalue())
