"""The matrix of pairs."""

import numpy as np
import pytest

from nas.pages.comparison.matrix_plot import matrix_plot
from tests.pages.comparison.looks import WHO
from tests.pages.svg import texts


@pytest.mark.parametrize(
    ("chance", "text"), [(0.0, "0.00"), (0.001, "<.01"), (0.5, "0.50"), (0.999, ">.99"), (1.0, "1.00")]
)
def test_rounding_makes_no_certainty(chance: float, text: str) -> None:
    chances = np.array([[0.5, chance], [1 - chance, 0.5]])
    assert text in texts(matrix_plot("matrix", "", WHO[:2], chances, chances > 0.9).inline)
