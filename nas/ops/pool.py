"""Pooling over sequences `(C, L)` and images `(C, H, W)`."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from nas.errors import ShapeError
from nas.ops.normal import IDENTITY, Channels, Normal
from nas.ops.op import FREE, Cost, Family, Op, Positive, Shape, show_shape, spatial, torch_class, window

if TYPE_CHECKING:
    from torch import nn


Window = tuple[int, int, int]
"""A window along an axis: its first position, the one after its last, and the divisor of a mean."""


@dataclass(frozen=True)
class _Windows(Op):
    """Windows of a map, each reduced to one number; the normal form depends on the windows only."""

    family: ClassVar[Family] = "pool"

    mean: ClassVar[bool]

    @abstractmethod
    def windows(self, size: int) -> Sequence[Window]:
        """The windows along an axis of size `size`."""

    def cost(self, input: Shape) -> Cost:
        return FREE

    def keeps_zero(self, input: Shape) -> bool:
        return True

    def channels(self, input: Shape) -> Channels:
        return "alike"

    def normal(self, input: Shape) -> Normal:
        same = all(list(self.windows(size)) == [(at, at + 1, 1) for at in range(size)] for size in input[1:])
        return IDENTITY if same else (self._atom(input),)

    def meaning(self, input: Shape) -> str:
        axes = [self.windows(size) for size in input[1:]]
        if all(end == begin + 1 and places == 1 for axis in axes for begin, end, places in axis):
            return f"places {[[begin for begin, _, _ in axis] for axis in axes]}"
        return f"{'mean' if self.mean else 'maximum'} {axes}"


@dataclass(frozen=True)
class _Pool(_Windows):
    """A sliding window; `stride` defaults to the kernel size, as in PyTorch."""

    kernel: Positive = 2
    stride: Positive | None = None
    padding: Annotated[int, Field(ge=0)] = 0

    def __post_init__(self) -> None:
        if self.stride == self.kernel:  # equal layers become one op, and are shown alike
            object.__setattr__(self, "stride", None)

    def shape(self, input: Shape) -> Shape:
        channels, sizes = spatial(self.name, input)
        if self.padding > self.kernel // 2:
            raise ShapeError(
                f"{self.name} may be padded by at most half of its kernel of {self.kernel}, got {self.padding}"
            )
        stride = self.stride or self.kernel
        return channels, *window(self.name, sizes, kernel=self.kernel, stride=stride, padding=self.padding)

    def is_identity(self, input: Shape) -> bool:
        return self.kernel == 1 and (self.stride or 1) == 1

    def windows(self, size: int) -> list[Window]:
        begins = range(-self.padding, size + self.padding - self.kernel + 1, self.stride or self.kernel)
        cut = [(max(begin, 0), min(begin + self.kernel, size)) for begin in begins]
        return [(begin, end, self.kernel if self._counts_padding else end - begin) for begin, end in cut]

    @property
    def _counts_padding(self) -> bool:
        return False


@dataclass(frozen=True)
class MaxPool(_Pool):
    """The maximum of each window (`torch.nn.MaxPool1d`, `MaxPool2d`)."""

    name: ClassVar[str] = "max_pool"
    mean = False

    def module(self, input: Shape) -> "nn.Module":
        return torch_class("MaxPool", input)(self.kernel, stride=self.stride, padding=self.padding)


@dataclass(frozen=True)
class AvgPool(_Pool):
    """The mean of each window, with or without padded zeros (`torch.nn.AvgPool1d`, `AvgPool2d`)."""

    name: ClassVar[str] = "avg_pool"
    mean = True

    count_include_pad: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.padding:
            object.__setattr__(self, "count_include_pad", True)

    def module(self, input: Shape) -> "nn.Module":
        return torch_class("AvgPool", input)(
            self.kernel, stride=self.stride, padding=self.padding, count_include_pad=self.count_include_pad
        )

    @property
    def _counts_padding(self) -> bool:
        return self.count_include_pad


@dataclass(frozen=True)
class _AdaptivePool(_Windows):
    """Windows whose number gives maps of `size` along each axis; they may differ in size, or overlap."""

    size: Positive

    def shape(self, input: Shape) -> Shape:
        channels, sizes = spatial(self.name, input)
        if self.size > min(sizes):
            raise ShapeError(f"{self.name} to a size of {self.size} needs larger maps, got {show_shape(sizes)}")
        return channels, *(self.size for _ in sizes)

    def is_identity(self, input: Shape) -> bool:
        return all(size == self.size for size in input[1:])

    def windows(self, size: int) -> list[Window]:
        cut = [(at * size // self.size, -(-(at + 1) * size // self.size)) for at in range(self.size)]
        return [(begin, end, end - begin) for begin, end in cut]


@dataclass(frozen=True)
class AdaptiveAvgPool(_AdaptivePool):
    """The mean of each window (`torch.nn.AdaptiveAvgPool1d`, `AdaptiveAvgPool2d`)."""

    name: ClassVar[str] = "adaptive_avg_pool"
    mean = True

    def module(self, input: Shape) -> "nn.Module":
        return torch_class("AdaptiveAvgPool", input)(self.size)


@dataclass(frozen=True)
class AdaptiveMaxPool(_AdaptivePool):
    """The maximum of each window (`torch.nn.AdaptiveMaxPool1d`, `AdaptiveMaxPool2d`)."""

    name: ClassVar[str] = "adaptive_max_pool"
    mean = False

    def module(self, input: Shape) -> "nn.Module":
        return torch_class("AdaptiveMaxPool", input)(self.size)


@dataclass(frozen=True)
class _GlobalPool(Op):
    """One number per channel: `(C, ...)` becomes `(C,)`; with `mask`, without the positions that are padding.

    A position is padding if all its channels are 0, see `embedding`.
    """

    family: ClassVar[Family] = "pool"

    mask: bool = False

    def shape(self, input: Shape) -> Shape:
        channels, _ = spatial(self.name, input)
        return (channels,)

    def cost(self, input: Shape) -> Cost:
        return FREE

    def _module(self, name: str, input: Shape) -> "nn.Module":
        from torch import nn

        return nn.Sequential(torch_class(name, input)(1), nn.Flatten())

    def _normal(self, pool: Op, input: Shape) -> Normal:
        if self.mask and prod(input[1:]) > 1:
            return (self._atom(input),)
        return pool.normal(input) + Flatten().normal(pool.shape(input))

    def keeps_zero(self, input: Shape) -> bool:
        return True

    def channels(self, input: Shape) -> Channels:
        return "alike"


@dataclass(frozen=True)
class GlobalAvgPool(_GlobalPool):
    """The mean of each channel (Lin et al. 2014, Network in Network, §3.2)."""

    name: ClassVar[str] = "global_avg_pool"

    def module(self, input: Shape) -> "nn.Module":
        from nas.ops.masked_modules import MaskedMean

        return MaskedMean() if self.mask else self._module("AdaptiveAvgPool", input)

    def normal(self, input: Shape) -> Normal:
        return self._normal(AdaptiveAvgPool(1), input)


@dataclass(frozen=True)
class GlobalMaxPool(_GlobalPool):
    """The maximum of each channel."""

    name: ClassVar[str] = "global_max_pool"

    def module(self, input: Shape) -> "nn.Module":
        from nas.ops.masked_modules import MaskedMax

        return MaskedMax() if self.mask else self._module("AdaptiveMaxPool", input)

    def normal(self, input: Shape) -> Normal:
        return self._normal(AdaptiveMaxPool(1), input)


@dataclass(frozen=True)
class Flatten(Op):
    """All values in one dimension: `(C, H, W)` becomes `(C·H·W,)` (`torch.nn.Flatten`)."""

    name: ClassVar[str] = "flatten"
    family: ClassVar[Family] = "pool"

    def shape(self, input: Shape) -> Shape:
        return (prod(input),)

    def cost(self, input: Shape) -> Cost:
        return FREE

    def module(self, input: Shape) -> "nn.Module":
        from torch import nn

        return nn.Flatten()

    def is_identity(self, input: Shape) -> bool:
        return len(input) == 1

    def keeps_zero(self, input: Shape) -> bool:
        return True

    def channels(self, input: Shape) -> Channels:
        return "alike"
