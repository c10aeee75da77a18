"""What is said of an op, and its colour."""

import pytest

from nas.ops import LSTM, OPS, Add, Conv, Dropout, GroupNorm, MaxPool, MBConv, Op
from nas.space.drawing.captions import caption, family


@pytest.mark.parametrize(
    ("op", "input", "words"),
    [
        (Conv(64), (3, 8, 8), ["conv 3×3", "64"]),
        (Conv(64, 5, 2, bias=False), (3, 8), ["conv 5", "64", "stride 2"]),
        (MaxPool(3, stride=1, padding=1), (3, 8, 8), ["max_pool 3×3", "stride 1", "padding 1"]),
        (Dropout(1 / 18), (3,), ["dropout", "0.0556"]),
        (GroupNorm(4), (8, 8, 8), ["group_norm", "groups 4"]),
        (LSTM(32, bidirectional=True), (3, 8), ["lstm", "32", "bidirectional"]),
        (MBConv(16, 5, se=0.25, skip=False), (16, 8, 8), ["mbconv 5×5", "16", "se 0.25", "no skip"]),
    ],
)
def test_captions(op: Op, input: tuple[int, ...], words: list[str]) -> None:
    assert caption(op, input) == words


def test_families() -> None:
    modules = {name: family(cls.__new__(cls)) for name, cls in OPS.items()}
    assert {modules[name] for name in ("conv", "mbconv", "basic_block", "separable_conv")} == {"conv"}
    assert modules["transformer_block"] == modules["gru"] == "sequence"
    assert family(Add()) == "plain"
