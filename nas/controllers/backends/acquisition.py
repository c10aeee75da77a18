"""Acquisition functions: how much an evaluation is worth, by what a model expects of it."""

import numpy as np

from nas.controllers.backends.scores import Floats


def expected_improvement(mean: Floats, deviation: Floats, best: float) -> Floats:
    """By how much normal variables exceed `best` in expectation: σ (z Φ(z) + φ(z)), z = (μ - best) / σ.

    (Jones, Schonlau & Welch 1998, eq. 15.)
    """
    from scipy.special import ndtr

    z = (mean - best) / deviation
    return np.asarray(deviation * (z * ndtr(z) + np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)))
