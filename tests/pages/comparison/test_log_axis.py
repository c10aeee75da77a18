"""A logarithmic axis with a place for 0."""

import numpy as np
import pytest

from nas.pages.comparison.curves_plot import Line, curves_plot
from nas.pages.comparison.log_axis import LogAxis
from tests.pages.comparison.looks import WHO, lines
from tests.pages.svg import texts


def test_zero_has_a_place_below_a_log_axis() -> None:
    def ticks(low: float) -> list[str]:
        line = lines(WHO[:1], low)[0]
        center = np.where(line.across > 40, 0, line.center) if low == 0 else line.center
        whole = Line(line.who, line.across, center, center, center)
        return texts(curves_plot("log", "", [whole], across="", upward="", log=True).inline)

    assert "0" in ticks(0)[-12:]
    assert ticks(0).count("0") == ticks(0.01).count("0") + 1


@pytest.mark.parametrize(
    ("values", "zero"), [([0.1, 10.0], ""), ([0.0, 10.0], "0"), ([-1.0, 10.0], "≤ 0"), ([0.0, 0.0], "0")]
)
def test_order_is_kept_and_zero_lies_below_all(values: list[float], zero: str) -> None:
    array = np.array(values)
    axis = LogAxis.of(array, array)
    assert axis.zero == zero
    places = axis.place(np.array([0.0, axis.floor, axis.top]))
    assert places[0] < places[1] < places[2]
