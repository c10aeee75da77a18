"""Samples."""

import numpy as np

from nas.data.samples import Samples


def test_the_length_is_the_number_of_samples() -> None:
    assert len(Samples(np.zeros((3, 2)), np.zeros(3))) == 3
