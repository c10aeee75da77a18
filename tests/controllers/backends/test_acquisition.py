"""Expected improvement by hand."""

import numpy as np
import pytest

from nas.controllers.backends.acquisition import expected_improvement


def test_expected_improvement_by_hand() -> None:
    """At the best: σ φ(0) = 0.398942 σ; one σ above: Φ(1) + φ(1) = 1.083316 σ; one below: φ(1) - Φ(-1) = 0.083316 σ."""
    found = expected_improvement(np.array([5.0, 7.0, 3.0]), np.array([2.0, 2.0, 2.0]), 5.0)
    assert found == pytest.approx([0.797885, 2.166631, 0.166631], abs=1e-6)
