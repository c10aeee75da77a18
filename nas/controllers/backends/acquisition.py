"""Acquisition functions: the value of an evaluation under a model."""

import numpy as np

from nas.controllers.backends.scores import Floats


def expected_improvement(mean: Floats, deviation: Floats, best: float) -> Floats:
    """The expected improvement over `best`: σ (z Φ(z) + φ(z)), z = (μ - best) / σ.

    (Jones, Schonlau & Welch 1998, eq. 15.)

    Args:
        mean: μ, `(N,)`.
        deviation: σ > 0, `(N,)`.
        best: the value to improve on.
    """
    from scipy.special import ndtr

    z = (mean - best) / deviation
    return np.asarray(deviation * (z * ndtr(z) + np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)))
