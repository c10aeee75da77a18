"""The fully connected layer."""

import pytest

from nas.errors import ShapeError
from nas.ops import Cost, Linear


def test_by_hand() -> None:
    assert Linear(10).shape((64,)) == (10,)
    assert Linear(10).cost((64,)) == Cost(650, 640)
    assert Linear(10, bias=False).cost((64,)) == Cost(640, 640)


@pytest.mark.parametrize("shape", [(3, 8), (3, 8, 8), ()])
def test_needs_a_flat_input(shape: tuple[int, ...]) -> None:
    with pytest.raises(ShapeError, match=r"^linear needs a flat input \(F,\), got .*; use flatten or global_avg_pool"):
        Linear(10).shape(shape)
