"""The base classes of ops: frozen dataclasses whose fields are their YAML arguments.

`shape` and `cost` are arithmetic on shapes without the batch dimension, channels first: `(C, H, W)` for images,
`(C, L)` for sequences, `(F,)` for flat features. `module` creates the PyTorch layer and is the only method that imports
torch. A test compares the arithmetic of every op in the table with the real module on the meta device.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, NamedTuple, get_args, get_type_hints

from nas.arguments import Positive as Positive
from nas.errors import ShapeError
from nas.ops.normal import IDENTITY, Atom, Chained, Channels, Normal, chained, digest

if TYPE_CHECKING:
    import torch
    from torch import nn

Shape = tuple[int, ...]

Family = Literal["conv", "pool", "linear", "sequence", "plain"]
"""Kinds of layers, each with its own colour in drawings.

`plain` ops, such as norms, activations and dropout, are drawn in the box of the layer before them.
"""


class Cost(NamedTuple):
    """Trainable parameters, and multiply-accumulate operations of one forward pass of one sample.

    Only convolutions and matrix products count as MACs, as in `torch.utils.flop_counter` (which counts two
    floating-point operations for each); norms, activations, pooling and additions do not.
    """

    params: Annotated[int, "parameters"]
    macs: Annotated[int, "MACs"]


COSTS: Mapping[str, str] = MappingProxyType(
    {name: hint.__metadata__[0] for name, hint in get_type_hints(Cost, include_extras=True).items()}
)
"""The costs of a network by their names in metrics and limits, and how they are displayed."""

FREE = Cost(0, 0)


@dataclass(frozen=True)
class _Described:
    """The name and the arguments of an op as text; ops of equal text are equal."""

    name: ClassVar[str]

    def arguments(self) -> dict[str, Any]:
        """The fields that differ from their defaults, in the order of the class."""
        return {
            field.name: getattr(self, field.name)
            for field in fields(self)
            if field.default is MISSING or getattr(self, field.name) != field.default
        }

    @cached_property
    def text(self) -> str:
        """`conv(width=32, kernel=5)`: defaults are left out."""
        arguments = ", ".join(f"{key}={_shown(value)}" for key, value in self.arguments().items())
        return f"{self.name}({arguments})" if arguments else self.name


def _shown(value: object) -> str:
    """A value of an argument; a tuple without spaces, `[3,4]`."""
    return f"[{','.join(map(str, value))}]" if isinstance(value, tuple) else str(value)


class Op(_Described, ABC):
    """A layer with one input.

    `normal`, and what it uses (`random`, `meaning`, `keeps_zero`, `channels`), serve only the ids of networks. By
    default an op equals ops of its class with equal arguments, and no others.
    """

    family: ClassVar[Family] = "plain"
    random: ClassVar[bool] = False
    """Whether the op is random in training, so that two of them give different values."""
    first: ClassVar[bool] = False
    """Whether the op may only be the first layer of a network."""

    def __init_subclass__(cls) -> None:
        if cls.family not in get_args(Family):
            raise TypeError(f"{cls.__name__}: family is {cls.family!r}, expected one of {', '.join(get_args(Family))}")

    @property
    def tokens(self) -> int | None:
        """The size of the vocabulary that the op accepts; None if its inputs are values, which can be normalised."""
        return None

    @abstractmethod
    def shape(self, input: Shape) -> Shape:
        """The output shape. Raises ShapeError if the op does not fit `input`."""

    @abstractmethod
    def cost(self, input: Shape) -> Cost:
        """Parameters, and MACs for one sample; `input` is a shape that `shape` accepts."""

    @abstractmethod
    def module(self, input: Shape) -> "nn.Module":
        """A new layer for inputs `(N, *input)`, with PyTorch's default initialisation from torch's global generator."""

    def is_identity(self, input: Shape) -> bool:
        """Whether the op returns its input; such a layer is left out of the network."""
        return False

    def needs_batch(self, input: Shape) -> bool:
        """Whether it cannot train on a single sample: it needs batch statistics of one value per sample."""
        return False

    def normal(self, input: Shape) -> Normal:
        """The normal form of the op on `input`: equal for ops that compute the same with the same weights."""
        return IDENTITY if self.is_identity(input) else (self._atom(input),)

    def meaning(self, input: Shape) -> str:
        """A text that distinguishes an op that is one atom from those that compute something else of `input`."""
        return self.text

    def keeps_zero(self, input: Shape) -> bool:
        """Whether zeros give zeros, whatever the weights are."""
        return False

    def channels(self, input: Shape) -> Channels:
        """How the op treats the channels of `input`."""
        return "placed"

    def chained(self, input: Shape) -> Chained:
        """The normal form as chains, cached."""
        found = self._chained.get(input)
        if found is None:
            found = self._chained[input] = chained(self.normal(input))
        return found

    @cached_property
    def _chained(self) -> dict[Shape, Chained]:
        return {}

    def _atom(self, input: Shape) -> Atom:
        own = self.random or self.cost(input).params > 0
        return Atom(digest(self.meaning(input)), own, self.keeps_zero(input), self.channels(input), input)


class Merge(_Described, ABC):
    """An op without parameters that merges several values into one.

    If it is `commutative`, networks that differ only in the order of its inputs have the same id. `kind` marks the
    three merges whose algebra ids know: sum, elementwise product, concatenation of channels.
    """

    commutative: ClassVar[bool] = False
    kind: ClassVar[Literal["sum", "product", "concat"] | None] = None

    @abstractmethod
    def shape(self, inputs: Sequence[Shape]) -> Shape:
        """The output shape. Raises ShapeError if `inputs` do not fit each other."""

    @abstractmethod
    def combine(self, tensors: "Sequence[torch.Tensor]") -> "torch.Tensor":
        """The merged tensor."""

    @abstractmethod
    def source(self, names: Sequence[str]) -> str:
        """The Python expression that computes `combine` of variables with these names."""


def show_shape(shape: Sequence[int]) -> str:
    """`(32, 8, 8)` as `32×8×8`."""
    return "×".join(map(str, shape))


def spatial(op: str, input: Shape) -> tuple[int, tuple[int, ...]]:
    """Channels and spatial sizes of a `(C, L)` or `(C, H, W)` shape. Raises ShapeError for any other."""
    if len(input) not in (2, 3):
        raise ShapeError(f"{op} needs a sequence (C, L) or an image (C, H, W), got {show_shape(input)}")
    return input[0], input[1:]


def torch_class(name: str, input: Shape) -> "type[nn.Module]":
    """`Conv1d` or `Conv2d` for `name="Conv"`, by the rank of `input`."""
    from torch import nn

    found: type[nn.Module] = getattr(nn, f"{name}{len(input) - 1}d")
    return found


def window(op: str, sizes: Sequence[int], *, kernel: int, stride: int, padding: int, dilation: int = 1) -> Shape:
    """Spatial sizes after a sliding window: floor((n + 2p - d(k - 1) - 1) / s) + 1 (see `torch.nn.Conv2d`).

    Raises ShapeError if the window is larger than the padded input.
    """
    reach = dilation * (kernel - 1) + 1
    if any(size + 2 * padding < reach for size in sizes):
        padded = show_shape([size + 2 * padding for size in sizes])
        raise ShapeError(f"{op} has a window of {reach} that is larger than its padded input of {padded}")
    return tuple((size + 2 * padding - reach) // stride + 1 for size in sizes)
