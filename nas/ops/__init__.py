"""The tables of ops and merges: every name that a layer may have in a space file."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TypeVar

from nas.arguments import checked
from nas.ops.activation import (
    ELU,
    GELU,
    Dropout,
    Hardsigmoid,
    Hardswish,
    Identity,
    LeakyReLU,
    Mish,
    ReLU,
    ReLU6,
    Sigmoid,
    SiLU,
    Tanh,
)
from nas.ops.attention import Attention, FeedForward, TransformerBlock
from nas.ops.cell import FactorizedReduce, Truncate, Zero
from nas.ops.conv import Conv, DepthwiseConv, SeparableConv
from nas.ops.embedding import Embedding, PatchEmbedding
from nas.ops.linear import Linear
from nas.ops.merge import Add, Concat, Multiply
from nas.ops.mobile import ChannelShuffle, MBConv
from nas.ops.norm import BatchNorm, GroupNorm, LayerNorm
from nas.ops.op import Cost, Merge, Op, Shape
from nas.ops.pool import AdaptiveAvgPool, AdaptiveMaxPool, AvgPool, Flatten, GlobalAvgPool, GlobalMaxPool, MaxPool
from nas.ops.recurrent import GRU, LSTM
from nas.ops.residual import BasicBlock, Bottleneck, ConvNeXt

T = TypeVar("T", Op, Merge)


def table(classes: Iterable[type[T]]) -> Mapping[str, type[T]]:
    """Name to class, whose arguments are checked from now on. Raises ValueError if a name is taken twice."""
    found: dict[str, type[T]] = {}
    for cls in classes:
        if cls.name in found:
            raise ValueError(f"two ops are named {cls.name!r}: {found[cls.name].__name__} and {cls.__name__}")
        found[cls.name] = checked(cls)
    return MappingProxyType(found)


OPS = table(
    [
        Conv,
        DepthwiseConv,
        SeparableConv,
        MBConv,
        BasicBlock,
        Bottleneck,
        ConvNeXt,
        ChannelShuffle,
        FactorizedReduce,
        Truncate,
        Zero,
        MaxPool,
        AvgPool,
        AdaptiveAvgPool,
        AdaptiveMaxPool,
        GlobalAvgPool,
        GlobalMaxPool,
        Flatten,
        Linear,
        BatchNorm,
        LayerNorm,
        GroupNorm,
        ReLU,
        ReLU6,
        LeakyReLU,
        ELU,
        GELU,
        SiLU,
        Hardswish,
        Mish,
        Tanh,
        Sigmoid,
        Hardsigmoid,
        Dropout,
        Identity,
        # Tokens and sequences.
        Embedding,
        PatchEmbedding,
        Attention,
        FeedForward,
        TransformerBlock,
        LSTM,
        GRU,
    ]
)

MERGES = table([Add, Multiply, Concat])

__all__ = [
    "ELU",
    "GELU",
    "GRU",
    "LSTM",
    "MERGES",
    "OPS",
    "AdaptiveAvgPool",
    "AdaptiveMaxPool",
    "Add",
    "Attention",
    "AvgPool",
    "BasicBlock",
    "BatchNorm",
    "Bottleneck",
    "ChannelShuffle",
    "Concat",
    "Conv",
    "ConvNeXt",
    "Cost",
    "DepthwiseConv",
    "Dropout",
    "Embedding",
    "FactorizedReduce",
    "FeedForward",
    "Flatten",
    "GlobalAvgPool",
    "GlobalMaxPool",
    "GroupNorm",
    "Hardsigmoid",
    "Hardswish",
    "Identity",
    "LayerNorm",
    "LeakyReLU",
    "Linear",
    "MBConv",
    "MaxPool",
    "Merge",
    "Mish",
    "Multiply",
    "Op",
    "PatchEmbedding",
    "ReLU",
    "ReLU6",
    "SeparableConv",
    "Shape",
    "SiLU",
    "Sigmoid",
    "Tanh",
    "TransformerBlock",
    "Truncate",
    "Zero",
    "table",
]
