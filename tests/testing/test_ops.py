"""The check of ops passes ops that are right, and finds what is wrong with others."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import pytest
import torch

from nas.errors import ShapeError
from nas.ops import Conv, Cost, Identity, Linear, ReLU, Shape
from nas.testing import check_op

if TYPE_CHECKING:
    from torch import nn


def test_right_ops_pass() -> None:
    check_op(Conv(8), (3, 8, 8), (3, 8), (5,))
    check_op(Linear(3), (7,))
    check_op(ReLU())


@dataclass(frozen=True)
class Wrong(Linear):
    """A linear layer, for the ops below to spoil."""

    name: ClassVar[str] = "wrong"


class WrongShape(Wrong):
    def shape(self, input: Shape) -> Shape:
        super().shape(input)
        return (self.units + 1,)


class WrongParams(Wrong):
    def cost(self, input: Shape) -> Cost:
        return super().cost(input)._replace(params=1)


class WrongMacs(Wrong):
    def cost(self, input: Shape) -> Cost:
        return super().cost(input)._replace(macs=1)


class WrongError(Wrong):
    def shape(self, input: Shape) -> Shape:
        if len(input) != 1:
            raise ValueError("not flat")
        return (self.units,)


class AcceptsTooMuch(Wrong):
    def shape(self, input: Shape) -> Shape:
        return (self.units,)

    def module(self, input: Shape) -> "nn.Module":
        return torch.nn.Linear(input[0], self.units)


class Silent(Wrong):
    def shape(self, input: Shape) -> Shape:
        if len(input) != 1:
            raise ShapeError
        return (self.units,)


class WrongIdentity(Wrong):
    def is_identity(self, input: Shape) -> bool:
        return True


@dataclass(frozen=True)
class Negative(Identity):
    """Says that it is the identity, and is not."""

    name: ClassVar[str] = "negative"

    def module(self, input: Shape) -> "nn.Module":
        return torch.nn.Hardtanh(-0.5, 0.5)


class Opened(Wrong):
    def __setattr__(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)


@dataclass(frozen=True, eq=False)
class Unequal(Linear):
    name: ClassVar[str] = "unequal"

    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        return self is other


@dataclass(frozen=True)
class Tupled(Linear):
    name: ClassVar[str] = "tupled"
    sizes: tuple[int, ...] = ()


@dataclass(frozen=True)
class Misnamed(Linear):
    name: ClassVar[str] = "misnamed"

    @property
    def text(self) -> str:
        return "linear(units=3)"


class TwoOutputs(Wrong):
    def module(self, input: Shape) -> "nn.Module":
        return torch.nn.GRU(input[0], self.units)


@pytest.mark.parametrize(
    ("op", "message"),
    [
        (WrongShape(3), r"wrong\(units=3\) on \(7,\): shape says \(4,\), got \(3,\)"),
        (WrongParams(3), r"wrong\(units=3\) on \(7,\): cost says 1 parameters, the module has 24"),
        (WrongMacs(3), r"wrong\(units=3\) on \(7,\): cost says 1 MACs, the module has 21"),
        (WrongError(3), r"refuses \(4, 9\) with ValueError\('not flat'\), expected a ShapeError"),
        (AcceptsTooMuch(3), r"wrong\(units=3\) accepts \(4, 9\), and its module fails on it"),
        (Silent(3), r"wrong\(units=3\) refuses \(4, 9\) without saying why"),
        (WrongIdentity(7), r"says it is the identity on \(7,\), and costs Cost\(params=56, macs=49\)"),
        (Negative(), r"negative says it is the identity on \(7,\), and its module changes what it is given"),
        (Opened(3), r"Opened is not frozen: its units can be set"),
        (Unequal(3), r"unequal\(units=3\) is not equal to an op with the same arguments"),
        (Tupled(3, sizes=(1, 2)), r"'tupled\(units=3, sizes=\[1,2\]\)' reads as Tupled\(.*sizes=\[1, 2\]\), expected "),
        (Misnamed(3), r"the text of misnamed begins with 'linear'"),
        (TwoOutputs(3), r"wrong\(units=3\)"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_wrong_ops_are_found(op: Linear, message: str) -> None:
    with pytest.raises(AssertionError, match=message):
        check_op(op, (7,))


def test_an_op_must_fit_one_of_the_inputs_that_are_given() -> None:
    with pytest.raises(AssertionError, match=r"^linear\(units=3\) fits none of \(2, 3\), \(2, 3, 4\)$"):
        check_op(Linear(3), (2, 3), (2, 3, 4))
