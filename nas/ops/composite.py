"""Ops that are composed of other ops: shapes, costs and modules follow from the parts."""

from abc import abstractmethod
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar

from nas.ops.normal import IDENTITY, Branches, Normal
from nas.ops.op import Cost, Op, Shape

if TYPE_CHECKING:
    from torch import nn


class Composite(Op):
    """An op that expands to another op, which depends on the input."""

    @abstractmethod
    def parts(self, input: Shape) -> Op:
        """The op that this one expands to. Raises ShapeError if there is none for `input`."""

    def shape(self, input: Shape) -> Shape:
        return _arithmetic(self, input)[0]

    def cost(self, input: Shape) -> Cost:
        return _arithmetic(self, input)[1]

    def module(self, input: Shape) -> "nn.Module":
        return self.parts(input).module(input)

    def normal(self, input: Shape) -> Normal:
        return self.parts(input).normal(input)

    def needs_batch(self, input: Shape) -> bool:
        return self.parts(input).needs_batch(input)


@lru_cache(maxsize=4096)
def _arithmetic(op: Composite, input: Shape) -> tuple[Shape, Cost]:
    """Shape and cost together, since both are usually needed."""
    parts = op.parts(input)
    return parts.shape(input), parts.cost(input)


@dataclass(frozen=True)
class Chain(Op):
    """Ops one after another (`torch.nn.Sequential`)."""

    name: ClassVar[str] = "chain"

    ops: tuple[Op, ...]

    def needs_batch(self, input: Shape) -> bool:
        for op in self.ops:
            if op.needs_batch(input):
                return True
            input = op.shape(input)
        return False

    def shape(self, input: Shape) -> Shape:
        for op in self.ops:
            input = op.shape(input)
        return input

    def cost(self, input: Shape) -> Cost:
        params = macs = 0
        for op in self.ops:
            cost = op.cost(input)
            params, macs = params + cost.params, macs + cost.macs
            input = op.shape(input)
        return Cost(params, macs)

    def module(self, input: Shape) -> "nn.Module":
        from torch import nn

        modules = []
        for op in self.ops:
            modules.append(op.module(input))
            input = op.shape(input)
        return nn.Sequential(*modules)

    def normal(self, input: Shape) -> Normal:
        found: Normal = IDENTITY
        for op in self.ops:
            found += op.normal(input)
            input = op.shape(input)
        return found


@dataclass(frozen=True)
class Residual(Op):
    """The output of `body` plus the input (He et al. 2016, eq. 1), or plus the output of `shortcut` (eq. 2)."""

    name: ClassVar[str] = "residual"

    body: Op
    shortcut: Op | None = None

    def needs_batch(self, input: Shape) -> bool:
        return any(branch is not None and branch.needs_batch(input) for branch in (self.body, self.shortcut))

    def shape(self, input: Shape) -> Shape:
        return self.body.shape(input)

    def cost(self, input: Shape) -> Cost:
        body = self.body.cost(input)
        if self.shortcut is None:
            return body
        shortcut = self.shortcut.cost(input)
        return Cost(body.params + shortcut.params, body.macs + shortcut.macs)

    def module(self, input: Shape) -> "nn.Module":
        from nas.ops import conv_modules

        shortcut = None if self.shortcut is None else self.shortcut.module(input)
        return conv_modules.Residual(self.body.module(input), shortcut)

    def normal(self, input: Shape) -> Normal:
        shortcut = IDENTITY if self.shortcut is None else self.shortcut.normal(input)
        return (Branches(product=False, branches=(shortcut, self.body.normal(input))),)
