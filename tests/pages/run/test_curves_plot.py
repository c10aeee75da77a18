"""Learning curves."""

import pytest

from nas.pages.run.curves_plot import Curve, Panel, curves_plot
from tests.pages.svg import texts


@pytest.mark.parametrize("values", [(0.5,), (0.5, 0.5), (float("nan"), 0.5), (float("nan"),), (0.0, -1.0)])
@pytest.mark.parametrize("metric", ["val_acc", "train_loss"])
def test_odd_curves(values: tuple[float, ...], metric: str) -> None:
    assert curves_plot("odd", [Panel(metric, [Curve("#0", values), Curve("#1", (0.9, 0.1, 0.4))])])
    assert curves_plot("odd", [Panel(metric, [Curve("#0", values)])])


def test_the_legend_of_curves_reads_row_by_row() -> None:
    """Position in the SVG is the order in which matplotlib fills columns: 0 4, 1 5, 2 6, 3 7."""
    svg = curves_plot("many", [Panel("val_acc", [Curve(f"#{n}", (0.1, 0.2 + n / 99)) for n in range(8)])])
    assert [text for text in texts(svg) if text.startswith("#")] == ["#0", "#4", "#1", "#5", "#2", "#6", "#3", "#7"]
