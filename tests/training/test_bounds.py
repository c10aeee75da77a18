"""Where batches begin and end."""

import pytest

from nas.training.bounds import bounds_of


@pytest.mark.parametrize(
    ("samples", "size", "bounds"),
    [(8, 4, [0, 4, 8]), (9, 4, [0, 4, 8]), (10, 4, [0, 4, 8, 10]), (3, 3, [0, 3]), (3, 1, [0, 1, 2]), (2, 8, [0, 2])],
)
def test_a_batch_of_one_sample_is_left_out(samples: int, size: int, bounds: list[int]) -> None:
    assert list(bounds_of(samples, size)) == bounds
