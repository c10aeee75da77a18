"""The critical-difference diagram."""

import pytest

from nas.pages.comparison.ranks_plot import ranks_plot
from tests.pages.comparison.looks import WHO
from tests.pages.svg import texts


@pytest.mark.parametrize(("difference", "text"), [(0.5, "0.50"), (9.0, "9.00 (more than the axis)")])
def test_the_difference_is_written_out(difference: float, text: str) -> None:
    ranks = [(each, 1.0 + each.place) for each in WHO[:3]]
    found = texts(ranks_plot("ranks", "", ranks, difference=difference, groups=[]).inline)
    assert f"critical difference {text}" in found
    assert {"1", "2", "3"} <= set(found)
