"""What inputs are, and the moments by which they are normalised."""

import numpy as np
import pytest

from nas.data import InputSpec, input_spec
from nas.data.input_spec import spec_of_arrays


def test_moments_per_channel() -> None:
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (50, 3, 4, 5)).astype(np.uint8)
    images[:, 1] = 7
    mean, std = spec_of_arrays(images.shape[1:]).moments(images)
    assert mean.shape == std.shape == (3, 1, 1)
    assert mean.dtype == std.dtype == np.float32
    for channel in (0, 2):
        values = images[:, channel].astype(np.float64)
        assert mean[channel] == np.float32(values.mean())
        assert std[channel] == np.float32(values.std())
    assert (mean[1], std[1]) == (7, 1)


def test_moments_per_feature() -> None:
    inputs = np.array([[1, 10, 0], [3, 30, 0]], np.float32)
    mean, std = spec_of_arrays(inputs.shape[1:]).moments(inputs)
    assert mean.tolist() == [2, 20, 0]
    assert std.tolist() == [1, 10, 1]


def test_codes_and_tokens_are_not_normalised() -> None:
    rows = np.array([[1, 2, 3], [3, 4, 5]], np.float32)
    mean, std = InputSpec("table", (3,), categories=(9, 7)).moments(rows)
    assert mean.tolist() == [2, 0, 0]
    assert std.tolist() == [1, 1, 1]
    mean, std = InputSpec("text", (3,), tokens=9).moments(rows)
    assert (mean.tolist(), std.tolist()) == ([0, 0, 0], [1, 1, 1])


def test_arrays_are_rows_series_or_images() -> None:
    found = [spec_of_arrays(shape).modality for shape in ((4,), (2, 4), (1, 4, 4))]
    assert found == ["table", "series", "image"]


def test_moments_of_large_inputs_are_computed_block_by_block(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (50, 3, 4, 5)).astype(np.uint8)
    spec = spec_of_arrays((3, 4, 5))
    expected = spec.moments(images)
    monkeypatch.setattr(input_spec, "BLOCK", 400)
    found = spec.moments(images)
    assert np.allclose(found[0], expected[0], rtol=1e-6)
    assert np.allclose(found[1], expected[1], rtol=1e-6)
