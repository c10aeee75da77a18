"""The mean and the standard deviation of inputs that come in blocks."""

import numpy as np
import pytest
from numpy.typing import NDArray

from nas.data.moments import Moments

RNG = np.random.default_rng(0)


@pytest.mark.parametrize(
    "inputs",
    [
        RNG.integers(0, 256, (60, 3, 4, 5)).astype(np.uint8),
        (1e4 + RNG.standard_normal((60, 2, 7))).astype(np.float32),
        RNG.standard_normal((60, 5)).astype(np.float32),
    ],
)
def test_blocks_have_the_moments_of_the_whole(inputs: NDArray[np.generic]) -> None:
    axes = (0, *range(2, inputs.ndim))
    mean, std = (getattr(inputs, name)(axis=axes, dtype=np.float64, keepdims=True)[0] for name in ("mean", "std"))
    whole = Moments.of([inputs])
    assert np.array_equal(whole.mean, mean)
    assert np.array_equal(whole.std, std)
    for cuts in ([1], [59], [7, 7, 30], range(1, 60)):
        found = Moments.of(np.split(inputs, list(cuts)))
        np.testing.assert_allclose(found.mean, mean, rtol=1e-13, atol=1e-15)
        np.testing.assert_allclose(found.std, std, rtol=1e-9)


def test_constant_channels_do_not_vary() -> None:
    found = Moments.of(np.full((20, 2), 0.1, np.float32) for _ in range(3))
    assert np.array_equal(found.mean, np.full(2, np.float32(0.1), np.float64))
    assert not found.std.any()
