"""Predicted values over true ones, and their residuals."""

import pytest

from nas.pages.run.residuals_plot import residuals_plot, truth_plot
from tests.pages.svg import check_inline, texts


@pytest.mark.parametrize("points", [[(1.0, 1.5), (2.0, 1.0), (3e6, 2e6)], [(1.0, 1.0)]])
def test_they_stand_in_a_page(points: list[tuple[float, float]]) -> None:
    truth, residuals = truth_plot("truth-0", points), residuals_plot("residuals-0", points)
    check_inline([truth, residuals])
    assert {"true", "predicted"} <= set(texts(truth))
    assert "residual: predicted minus true" in texts(residuals)
