"""Half precision where the device has it, and a refusal where it has not."""

from dataclasses import dataclass
from typing import ClassVar, Literal

import pytest
import torch
from torch import Tensor, nn

from nas.errors import UsageError
from nas.ops import Cost, Op, Shape
from nas.ops.op import FREE
from nas.space import Architecture, Layer, parse_space
from nas.training import precision
from nas.training.precision import check_precision, pick_precision

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def _nothing_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(precision, "_REFUSALS", {})


class _Fussy(nn.Module):
    """Computes in `fits` alone, as oneDNN's LSTM does on some processors."""

    asked = 0

    def __init__(self, fits: tuple[torch.dtype, ...]) -> None:
        super().__init__()
        self.linear = nn.Linear(3, 3)
        self.fits = fits

    def forward(self, x: Tensor) -> Tensor:
        _Fussy.asked += 1
        y: Tensor = self.linear(x)
        if y.dtype not in self.fits:
            raise RuntimeError(f"no primitive for {y.dtype}. Run with more output\nand more")
        return y


@dataclass(frozen=True)
class _FussyOp(Op):
    name: ClassVar[str] = "fussy"

    fits: tuple[torch.dtype, ...]

    def shape(self, input: Shape) -> Shape:
        return input

    def cost(self, input: Shape) -> Cost:
        return FREE

    def module(self, input: Shape) -> nn.Module:
        return _Fussy(self.fits)

    @property
    def arch(self) -> Architecture:
        layers = tuple(Layer(self, (place,), (3,), FREE) for place in range(2))
        return Architecture((), layers, (3,))


def test_a_layer_that_the_device_does_not_have_in_half_precision() -> None:
    arch = _FussyOp((torch.float32,)).arch
    check_precision(arch, CPU, torch.float32)
    message = (
        r"^this cpu device does not support fussy1 \(fussy\(fits=.*\)\) in bfloat16; expected float32 "
        r"\(torch: no primitive for torch\.bfloat16\)$"
    )
    for _ in range(2):
        with pytest.raises(UsageError, match=message):
            check_precision(arch, CPU, torch.bfloat16)


def test_each_op_is_asked_for_once_and_no_random_number_is_taken() -> None:
    before, _Fussy.asked = torch.get_rng_state(), 0
    for _ in range(3):
        check_precision(_FussyOp((torch.float32, torch.bfloat16)).arch, CPU, torch.bfloat16)
    assert _Fussy.asked == 1
    assert torch.equal(torch.get_rng_state(), before)


def test_what_fails_in_any_precision_is_left_to_the_training() -> None:
    check_precision(_FussyOp(()).arch, CPU, torch.bfloat16)


@pytest.mark.parametrize("name", ["lstm", "gru"])
def test_recurrent_layers_are_computed_or_refused(name: Literal["lstm", "gru"]) -> None:
    # oneDNN has them in half precision on some processors alone; what the check says is what a training meets.
    arch = parse_space(f"{{input: [2, 5], layers: [{{{name}: {{units: 4}}}}]}}").rebuild({})
    op = arch.layers[0].op
    assert isinstance(op, Op)
    module = op.module((2, 5))
    for dtype in (torch.bfloat16, torch.float16):
        refused = failed = False
        try:
            with torch.autocast("cpu", dtype=dtype):
                module(torch.rand(3, 2, 5)).float().sum().backward()
        except RuntimeError:
            failed = True
        try:
            check_precision(arch, CPU, dtype)
        except UsageError:
            refused = True
        assert refused == failed


def test_auto() -> None:
    assert pick_precision("auto", CPU) == torch.float32
    assert pick_precision("bfloat16", CPU) == torch.bfloat16
