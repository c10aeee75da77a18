"""The table of layers that can be packed.

A layer that is not in the table cannot be packed, and neither can a network that contains one. Recurrent layers are not
there: torch has no batched form of their cells. Types are compared exactly, since a subclass may compute anything.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from types import MappingProxyType
from typing import Any

import torch
from torch import nn

from nas.ops import conv_modules, masked_modules, sequence_modules, spectrogram_modules, table_modules
from nas.training.packed import channels, masked, norms, sequences
from nas.training.packed.convolution import PackedConv, refuses_conv
from nas.training.packed.dropout import PackedDropout
from nas.training.packed.linear import PackedLinear
from nas.training.packed.masks import PackedSpectrogramMasks
from nas.training.packed.tables import (
    PackedCategoryEmbedding,
    PackedColumnLinear,
    PackedNumberEmbedding,
    PackedPeriodicEncoding,
)

Modules = Sequence[Any]
"""One module of each copy, all of one type and with equal arguments."""


@dataclass(frozen=True)
class Packing:
    """Packs the layers of some networks.

    Attributes:
        generators: of the dropout of each copy.
        flat: whether they read flat values.
    """

    generators: Sequence[torch.Generator]
    flat: bool

    @property
    def copies(self) -> int:
        return len(self.generators)

    def __call__(self, modules: Modules) -> nn.Module:
        """The packed form of modules of equal type."""
        return FORMS[type(modules[0])].packed(modules, self)

    def part(self, modules: Modules, name: str) -> Any:
        """The packed form of a part of modules, by its name."""
        return self([getattr(module, name) for module in modules])

    def after(self, module: nn.Module) -> "Packing":
        """The packing of layers that read the output of a module."""
        if isinstance(module, masked_modules.MaskedMean | masked_modules.MaskedMax):
            return replace(self, flat=True)
        if isinstance(module, nn.Flatten):
            return replace(self, flat=self.flat or module.start_dim == 1)
        if isinstance(module, _EMBEDDINGS):
            return replace(self, flat=False)
        return reduce(Packing.after, module, self) if isinstance(module, nn.Sequential) else self


@dataclass(frozen=True)
class Form:
    """How modules of one type are packed.

    Attributes:
        packed: the packed module of the modules of all copies.
        refuses: why a module cannot be packed, regardless of the modules in it; empty if it can.
    """

    packed: Callable[[Modules, Packing], nn.Module]
    refuses: Callable[[Any], str] = field(default=lambda _: "")


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


def _as_it_is(modules: Modules, _: Packing) -> nn.Module:
    module: nn.Module = modules[0]
    return module


def _dropout(modules: Modules, packing: Packing) -> nn.Module:
    return PackedDropout(modules, packing.generators, maps=not packing.flat)


def _spectrogram_masks(modules: Modules, packing: Packing) -> nn.Module:
    return PackedSpectrogramMasks(modules[0], packing.generators)


def _flatten(modules: Modules, packing: Packing) -> nn.Module:
    if packing.flat:
        return nn.Identity()
    return channels.PackedFlatten(packing.copies) if modules[0].start_dim == 1 else _as_it_is(modules, packing)


def _self_attention(modules: Modules, packing: Packing) -> nn.Module:
    norm, qkv, out = (packing.part(modules, name) for name in ("norm", "qkv", "out"))
    return sequences.PackedSelfAttention(modules[0].heads, norm, qkv, out)


def _feed_forward(modules: Modules, packing: Packing) -> nn.Module:
    norm, up, down = (packing.part(modules, name) for name in ("norm", "up", "down"))
    dropout = PackedDropout([module.dropout for module in modules], packing.generators, maps=False)
    flat = packing.flat
    return sequences.PackedFeedForward(modules[0].activation, norm, up, down, dropout, flat=flat)


def _masked_position(modules: Modules, packing: Packing) -> nn.Module:
    return masked.PackedMaskedPosition(packing.part(modules, "position"), copies=packing.copies)


def _masked(modules: Modules, packing: Packing) -> nn.Module:
    return masked.PackedMasked(packing.part(modules, "layer"), copies=packing.copies, flat=packing.flat)


def _masked_attention(modules: Modules, packing: Packing) -> nn.Module:
    return masked.PackedMaskedAttention(packing.part(modules, "attention"), copies=packing.copies)


def _wide_conv(modules: Modules, packing: Packing) -> nn.Module:
    kernel = modules[0].conv.kernel_size[0]
    return masked.PackedWideConv(packing.part(modules, "conv"), kernel, copies=packing.copies)


def _number_embedding(modules: Modules, packing: Packing) -> nn.Module:
    linear = PackedColumnLinear([module.linear for module in modules])
    return PackedNumberEmbedding(packing.part(modules, "encoding"), linear)


def _residual(modules: Modules, packing: Packing) -> nn.Module:
    return conv_modules.Residual(packing.part(modules, "body"), packing.part(modules, "shortcut"))


def _squeeze_excitation(modules: Modules, packing: Packing) -> nn.Module:
    return conv_modules.SqueezeExcitation(packing.part(modules, "gate"))


def _two_phases(modules: Modules, packing: Packing) -> nn.Module:
    even, odd = packing.part(modules, "even"), packing.part(modules, "odd")
    return channels.PackedTwoPhases(even, odd, copies=packing.copies)


def _sequential(modules: Modules, packing: Packing) -> nn.Module:
    packed = []
    for parts in zip(*modules, strict=True):
        packed.append(packing(parts))
        packing = packing.after(parts[0])
    return nn.Sequential(*packed)


def _alike(make: Callable[[Modules], nn.Module]) -> Callable[[Modules, Packing], nn.Module]:
    """Of modules that are packed alike whatever they read."""
    return lambda modules, _: make(modules)


def _by_layout(make: Callable[..., nn.Module]) -> Callable[[Modules, Packing], nn.Module]:
    """Of modules that are packed differently for flat values and for maps."""
    return lambda modules, packing: make(modules, flat=packing.flat)


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
_ALIKE = (conv_modules.Zero, spectrogram_modules.LogMelSpectrogram)
"""Types of no parameters that treat each channel of a map on its own."""
_WHOLE = (
    sequence_modules.TokenEmbedding,
    sequence_modules.HashedNgrams,
    sequence_modules.LearnedPosition,
    masked_modules.MaskedEmbedding,
    table_modules.CategoryEmbedding,
)
"""Types whose packed form takes care of the modules in it."""

_EMBEDDINGS = sequence_modules.TokenEmbedding | sequence_modules.HashedNgrams | masked_modules.MaskedEmbedding

FORMS: Mapping[type[nn.Module], Form] = MappingProxyType(
    {
        **dict.fromkeys((*_ELEMENTWISE, *_POOLS, *_ALIKE), Form(_as_it_is)),
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
        nn.Sequential: Form(_sequential),
        conv_modules.Residual: Form(_residual),
        conv_modules.SqueezeExcitation: Form(_squeeze_excitation),
        conv_modules.ChannelNorm: Form(_alike(norms.PackedChannelNorm), norms.refuses_layer_norm),
        conv_modules.LayerScale: Form(_alike(channels.PackedLayerScale)),
        conv_modules.TwoPhases: Form(_two_phases),
        conv_modules.Truncate: Form(_by_layout(channels.PackedTruncate)),
        sequence_modules.TokenEmbedding: Form(_alike(sequences.PackedTokenEmbedding)),
        sequence_modules.HashedNgrams: Form(_alike(sequences.PackedHashedNgrams)),
        sequence_modules.LearnedPosition: Form(_alike(sequences.PackedLearnedPosition)),
        sequence_modules.SinusoidalPosition: Form(_alike(sequences.PackedSinusoidalPosition)),
        sequence_modules.SelfAttention: Form(_self_attention, sequences.refuses_self_attention),
        sequence_modules.FeedForward: Form(_feed_forward),
        masked_modules.MaskedEmbedding: Form(_alike(masked.PackedMaskedEmbedding)),
        masked_modules.MaskedPosition: Form(_masked_position),
        masked_modules.Masked: Form(_masked),
        masked_modules.MaskedAttention: Form(_masked_attention),
        masked_modules.WideConv: Form(_wide_conv),
        masked_modules.MaskedMean: Form(lambda _, packing: masked.PackedMaskedMean(packing.copies)),
        masked_modules.MaskedMax: Form(lambda _, packing: masked.PackedMaskedMax(packing.copies)),
        table_modules.CategoryEmbedding: Form(_alike(PackedCategoryEmbedding)),
        table_modules.PiecewiseEncoding: Form(_as_it_is),
        table_modules.PeriodicEncoding: Form(_alike(PackedPeriodicEncoding)),
        table_modules.ColumnLinear: Form(_alike(PackedColumnLinear)),
        table_modules.NumberEmbedding: Form(_number_embedding),
        spectrogram_modules.SpectrogramMasks: Form(_spectrogram_masks),
    }
)
"""The table of forms, by the exact type of modules."""
