"""Rows of controllers: runs and intervals."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from nas.pages.comparison import rows_plot
from nas.pages.comparison.rows_plot import Interval, intervals_plot, strips_plot
from tests.pages.comparison.looks import WHO


def test_what_lies_below_all_runs_keeps_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    figure = Figure()
    monkeypatch.setattr(rows_plot, "plotted", lambda _name, _title, _height, paint: paint(figure))
    runs = [np.array([0.0] * zeros + [5.0, 5.0]) for zeros in (2, 18, 198)]
    strips_plot("", "", list(zip(WHO, runs, strict=False)), across="", log=True)
    (axes,) = figure.axes
    means = [float(np.asarray(line.get_xdata())[0]) for line in axes.lines if line.get_marker() == "D"]
    assert means == pytest.approx(np.log10([2.5, 0.5, 0.05]))
    assert min(axes.get_xlim()) < means[-1]


def test_all_zero() -> None:
    for log in (True, False):
        assert strips_plot("zero", "", [(WHO[0], np.zeros(3))], across="", log=log).png
    assert intervals_plot("one", "", [Interval(WHO[0], 0, 0, 0)], across="").png
