"""The table of layers that can be packed.

A layer that is not in the table cannot be packed, and neither can a network that contains one. Recurrent layers are not
there: torch has no batched form of their cells. Types are compared exactly, since a subclass may compute anything.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import torch
from torch import nn

from nas.ops import conv_modules, sequence_modules
from nas.training.packed import channels, norms, sequences
from nas.training.packed.convolution import PackedConv, refuses_conv
from nas.training.packed.dropout import PackedDropout
from nas.training.packed.linear import PackedLinear

Modules = Sequence[Any]
"""One module of each copy, all of one type and with equal arguments."""


@dataclass(frozen=True)
class Packing:
    """Packs the layers of some networks.

    Attributes:
        generators: of the dropout of each copy.
        flat: the layers of the first network that read flat values.
    """

    generators: Sequence[torch.Generator]
    flat: Set[nn.Module]

    @property
    def copies(self) -> int:
        return len(self.generators)

    def __call__(self, modules: Modules) -> nn.Module:
        """The packed form of modules of equal type."""
        return FORMS[type(modules[0])].packed(modules, self)

    def parts(self, modules: Modules, *names: str) -> Sequence[nn.Module]:
        """The packed forms of parts of modules, by their names."""
        return [self([getattr(module, name) for module in modules]) for name in names]

    def is_flat(self, modules: Modules) -> bool:
        """Whether modules read flat values."""
        return modules[0] in self.flat


@dataclass(frozen=True)
class Form:
    """How modules of one type are packed.

    Attributes:
        packed: the packed module of the modules of all copies.
        refuses: why a module cannot be packed, regardless of the modules in it; empty if it can.
        parts: the names of the modules in it that are packed themselves; None: all.
    """

    packed: Callable[[Modules, Packing], nn.Module]
    refuses: Callable[[Any], str] = field(default=lambda module: "")


def refusals(module: nn.Module, name: str = "") -> Iterator[str]:
    """Why a module, or those in it, cannot be packed.

    Args:
        module: the module.
        name: of the module in its network.
    """
    form = FORMS.get(type(module))
    hooked = [hooks for hooks in (module._forward_hooks, module._forward_pre_hooks, module._backward_hooks) if hooks]
    if form is None:
        yield f"{name} ({type(module).__name__}) has no packed form"
    elif hooked:
        yield f"{name} ({type(module).__name__}) has hooks"
    elif reason := form.refuses(module):
        yield f"{name} ({type(module).__name__}) {reason}"
    elif not isinstance(module, _WHOLE):
        for part, child in module.named_children():
            yield from refusals(child, f"{name}.{part}")


def _as_it_is(modules: Modules, packing: Packing) -> nn.Module:
    module: nn.Module = modules[0]
    return module


def _dropout(modules: Modules, packing: Packing) -> nn.Module:
    return PackedDropout(modules, packing.generators, maps=not packing.is_flat(modules))


def _flatten(modules: Modules, packing: Packing) -> nn.Module:
    if packing.is_flat(modules):
        return nn.Identity()
    return channels.PackedFlatten(packing.copies) if modules[0].start_dim == 1 else _as_it_is(modules, packing)


def _self_attention(modules: Modules, packing: Packing) -> nn.Module:
    return sequences.PackedSelfAttention(modules[0].heads, *packing.parts(modules, "norm", "qkv", "out"))


def _feed_forward(modules: Modules, packing: Packing) -> nn.Module:
    first = modules[0]
    parts = packing.parts(modules, "norm", "up", "down")
    dropout = PackedDropout([module.dropout for module in modules], packing.generators, maps=False)
    return sequences.PackedFeedForward(first.activation, *parts, dropout, flat=packing.is_flat(modules))


def _alike(make: Callable[[Modules], nn.Module]) -> Callable[[Modules, Packing], nn.Module]:
    """Of modules that are packed alike whatever they read."""
    return lambda modules, packing: make(modules)


def _by_layout(make: Callable[..., nn.Module]) -> Callable[[Modules, Packing], nn.Module]:
    """Of modules that are packed differently for flat values and for maps."""
    return lambda modules, packing: make(modules, flat=packing.is_flat(modules))


_ELEMENTWISE = (
    nn.ReLU,
    nn.ReLU6,
    nn.LeakyReLU,
    nn.ELU,
    nn.GELU,
    nn.SiLU,
    nn.Hardswish,
    nn.Mish,
    nn.Tanh,
    nn.Sigmoid,
    nn.Hardsigmoid,
    nn.Identity,
)
_POOLS = (
    nn.MaxPool1d,
    nn.MaxPool2d,
    nn.AvgPool1d,
    nn.AvgPool2d,
    nn.AdaptiveAvgPool1d,
    nn.AdaptiveAvgPool2d,
    nn.AdaptiveMaxPool1d,
    nn.AdaptiveMaxPool2d,
)
_WHOLE = (sequence_modules.TokenEmbedding, sequence_modules.LearnedPosition)
"""Types whose packed form takes care of the modules in it."""

FORMS: Mapping[type[nn.Module], Form] = MappingProxyType(
    {
        **dict.fromkeys((*_ELEMENTWISE, *_POOLS, conv_modules.Zero), Form(_as_it_is)),
        nn.Dropout: Form(_dropout),
        nn.Linear: Form(_alike(PackedLinear)),
        nn.Conv1d: Form(_alike(PackedConv), refuses_conv),
        nn.Conv2d: Form(_alike(PackedConv), refuses_conv),
        nn.BatchNorm1d: Form(_by_layout(norms.PackedBatchNorm), norms.refuses_batch_norm),
        nn.BatchNorm2d: Form(_by_layout(norms.PackedBatchNorm), norms.refuses_batch_norm),
        nn.LayerNorm: Form(_alike(norms.PackedLayerNorm), norms.refuses_layer_norm),
        nn.GroupNorm: Form(_by_layout(norms.PackedGroupNorm), norms.refuses_group_norm),
        nn.Flatten: Form(_flatten, channels.refuses_flatten),
        nn.ChannelShuffle: Form(_alike(channels.PackedChannelShuffle)),
        nn.Sequential: Form(lambda modules, packing: nn.Sequential(*map(packing, zip(*modules, strict=True)))),
        conv_modules.Residual: Form(
            lambda modules, packing: conv_modules.Residual(*packing.parts(modules, "body", "shortcut"))
        ),
        conv_modules.SqueezeExcitation: Form(
            lambda modules, packing: conv_modules.SqueezeExcitation(*packing.parts(modules, "gate"))
        ),
        conv_modules.ChannelNorm: Form(_alike(norms.PackedChannelNorm), norms.refuses_layer_norm),
        conv_modules.LayerScale: Form(_alike(channels.PackedLayerScale)),
        conv_modules.TwoPhases: Form(
            lambda modules, packing: channels.PackedTwoPhases(
                *packing.parts(modules, "even", "odd"), copies=packing.copies
            )
        ),
        conv_modules.Truncate: Form(_by_layout(channels.PackedTruncate)),
        sequence_modules.TokenEmbedding: Form(_alike(sequences.PackedTokenEmbedding)),
        sequence_modules.LearnedPosition: Form(_alike(sequences.PackedLearnedPosition)),
        sequence_modules.SinusoidalPosition: Form(_alike(sequences.PackedSinusoidalPosition)),
        sequence_modules.SelfAttention: Form(_self_attention, sequences.refuses_self_attention),
        sequence_modules.FeedForward: Form(_feed_forward),
    }
)
"""The table of forms, by the exact type of modules."""
