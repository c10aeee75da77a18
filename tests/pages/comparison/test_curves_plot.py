"""Curves of controllers."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from nas.pages.comparison import curves_plot as module
from nas.pages.comparison.curves_plot import Line, curves_plot
from tests.pages.comparison.looks import WHO


def test_a_curve_far_below_the_others_keeps_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    figure = Figure()
    monkeypatch.setattr(module, "plotted", lambda _name, _title, _height, paint: paint(figure))
    flat = [Line(who, np.array([1.0, 2.0]), *[np.full(2, 10.0**-who.place)] * 3) for who in WHO[:7]]
    curves_plot("", "", flat, across="", upward="", log=True)
    heights = [float(np.asarray(line.get_ydata())[0]) for line in figure.axes[0].lines[:7]]
    assert heights == pytest.approx([0, -1, -2, -3, -4, -5, -6])


@pytest.mark.parametrize("log", [True, False])
def test_a_single_point_at_zero(log: bool) -> None:
    one = Line(WHO[0], np.array([1.0]), np.zeros(1), np.zeros(1), np.zeros(1))
    assert curves_plot("zero", "", [one], across="", upward="", log=log).png
