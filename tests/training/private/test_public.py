"""What networks are normalised by where the training samples are private."""

import numpy as np
import pytest

from nas.data import Dataset, from_arrays
from nas.training import Recipe
from nas.training.private.privacy import Privacy
from nas.training.private.public import public_bench
from nas.training.workbench import Workbench


def _normalised(data: Dataset, privacy: Privacy | None) -> tuple[float, float]:
    bench = public_bench(Workbench(data, device="cpu"), Recipe(privacy=privacy))
    assert bench.mean.shape == data.mean.shape
    return float(bench.mean.flat[0]), float(bench.std.flat[0])


def test_nothing_of_the_samples_is_known() -> None:
    rng = np.random.default_rng(0)
    bytes_ = from_arrays(rng.integers(0, 17, (60, 2, 6, 6)).astype(np.uint8), np.arange(60) % 3)
    floats = from_arrays(rng.normal(3, 2, (60, 4)).astype(np.float32), np.arange(60) % 3)
    assert _normalised(bytes_, Privacy(1.0)) == pytest.approx((127.5, 255 / 12**0.5))
    assert _normalised(bytes_, Privacy(1.0, input_range=(0, 16))) == pytest.approx((8, 16 / 12**0.5))
    assert _normalised(floats, Privacy(1.0)) == (0, 1)
    assert _normalised(floats, Privacy(1.0, input_range=(-3, 9))) == pytest.approx((3, 12 / 12**0.5))
    assert _normalised(floats, None) == pytest.approx((floats.mean.flat[0], floats.std.flat[0]))
