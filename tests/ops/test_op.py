"""What all ops have in common: text, arguments, windows."""

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nas.errors import ShapeError
from nas.ops import COSTS, Conv, Cost, Dropout, MaxPool, ReLU
from nas.ops.op import show_shape, spatial, window


def test_text_leaves_defaults_out() -> None:
    assert ReLU().text == "relu"
    assert Conv(32).text == "conv(width=32)"
    assert Conv(32, kernel=5, bias=False).text == "conv(width=32, kernel=5, bias=False)"
    assert Dropout(0.2).text == "dropout(p=0.2)"
    assert Dropout(0.5).text == "dropout"


def test_arguments_keep_the_order_of_the_class() -> None:
    assert Conv(bias=False, kernel=5, width=32).arguments() == {"width": 32, "kernel": 5, "bias": False}
    assert MaxPool(3, stride=2).arguments() == {"kernel": 3, "stride": 2}
    assert MaxPool().arguments() == {}


def test_equal_arguments_make_equal_ops() -> None:
    assert Conv(32) == Conv(32, kernel=3)
    assert hash(Conv(32)) == hash(Conv(32, kernel=3))
    assert Conv(32) != Conv(33)


def test_text_is_no_part_of_equality() -> None:
    seen, fresh = Conv(32), Conv(32)
    assert seen.text
    assert seen == fresh
    assert hash(seen) == hash(fresh)


def test_cost_is_a_pair() -> None:
    assert Cost(1, 2) == (1, 2)
    assert Cost._fields == tuple(COSTS) == ("params", "macs")
    assert tuple(COSTS.values()) == ("parameters", "MACs")


def test_show_shape() -> None:
    assert show_shape((32, 8, 8)) == "32×8×8"
    assert show_shape([5]) == "5"


def test_spatial() -> None:
    assert spatial("conv", (3, 8, 9)) == (3, (8, 9))
    assert spatial("conv", (3, 8)) == (3, (8,))
    for shape in ((3,), (3, 8, 8, 8), ()):
        with pytest.raises(ShapeError, match=r"^pool needs a sequence \(C, L\) or an image \(C, H, W\), got"):
            spatial("pool", shape)


@settings(deadline=None, derandomize=True, max_examples=300)
@given(
    size=st.integers(1, 30),
    kernel=st.integers(1, 6),
    stride=st.integers(1, 4),
    padding=st.integers(0, 3),
    dilation=st.integers(1, 3),
)
def test_window_counts_the_places_where_it_fits(
    size: int, kernel: int, stride: int, padding: int, dilation: int
) -> None:
    padded = size + 2 * padding
    places = [start for start in range(0, padded, stride) if start + dilation * (kernel - 1) < padded]
    if places:
        found = window("op", [size], kernel=kernel, stride=stride, padding=padding, dilation=dilation)
        assert found == (len(places),)
    else:
        with pytest.raises(ShapeError, match="larger than its padded input"):
            window("op", [size], kernel=kernel, stride=stride, padding=padding, dilation=dilation)


def test_window_names_the_padded_input() -> None:
    with pytest.raises(ShapeError, match=r"^max_pool has a window of 5 that is larger than its padded input of 9×4$"):
        window("max_pool", (7, 2), kernel=3, stride=1, padding=1, dilation=2)


def test_arithmetic_needs_no_torch() -> None:
    code = (
        "import sys; from nas.ops import OPS; OPS['conv'](8).cost((3, 8, 8)); OPS['conv'](8).shape((3, 8, 8)); "
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
