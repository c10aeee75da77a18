"""Moments of inputs."""

import numpy as np

from nas.data.samples import Samples, moments


def test_moments_per_channel() -> None:
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (50, 3, 4, 5)).astype(np.uint8)
    images[:, 1] = 7
    mean, std = moments(images)
    assert mean.shape == std.shape == (3, 1, 1)
    assert mean.dtype == std.dtype == np.float32
    for channel in (0, 2):
        values = images[:, channel].astype(np.float64)
        assert mean[channel] == np.float32(values.mean())
        assert std[channel] == np.float32(values.std())
    assert (mean[1], std[1]) == (7, 1)


def test_moments_per_feature() -> None:
    inputs = np.array([[1, 10, 0], [3, 30, 0]], np.float32)
    mean, std = moments(inputs)
    assert mean.tolist() == [2, 20, 0]
    assert std.tolist() == [1, 10, 1]


def test_the_length_is_the_number_of_samples() -> None:
    assert len(Samples(np.zeros((3, 2)), np.zeros(3))) == 3
