"""Normal forms of ops against their modules: equal ones are one module, different ones are not."""

import dataclasses
import itertools
import warnings
from collections import defaultdict
from contextlib import suppress
from typing import Any, NamedTuple

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from nas.errors import ShapeError
from nas.ops import (
    GRU,
    OPS,
    AdaptiveAvgPool,
    AdaptiveMaxPool,
    Attention,
    Augment,
    AvgPool,
    BasicBlock,
    BatchNorm,
    Bottleneck,
    Conv,
    ConvNeXt,
    DepthwiseConv,
    Dropout,
    EmbedCategories,
    Embedding,
    EmbedNumbers,
    FactorizedReduce,
    FeedForward,
    Flatten,
    GlobalAvgPool,
    GlobalMaxPool,
    GroupNorm,
    Identity,
    LayerNorm,
    LeakyReLU,
    MaxPool,
    MBConv,
    NgramEmbedding,
    Op,
    PatchEmbedding,
    ReLU,
    SeparableConv,
    Shape,
    SpectrogramMask,
    TransformerBlock,
    Truncate,
    Zero,
)
from nas.ops.composite import Chain
from nas.ops.normal import IDENTITY, ZERO
from tests.ops.test_ops import ARGUMENTS

IMAGE = (8, 6, 5)
SHAPES: tuple[Shape, ...] = ((1,), (4,), (4, 1), (3, 5), (4, 1, 1), (4, 3, 2), (2, 4, 4))


@pytest.mark.parametrize(
    ("one", "other", "input"),
    [
        (Conv(4, 1), Conv(4, 1, dilation=2), IMAGE),
        (Conv(4, 1), Conv(4, 1, padding="valid"), IMAGE),
        (Conv(8, groups=8), DepthwiseConv(), IMAGE),
        (Conv(1), DepthwiseConv(), (1, 4)),
        (Conv(4, 3, stride=2), Conv(4, 3, stride=5), (3, 2, 2)),
        (Conv(4, dilation=3), Conv(4, dilation=5), (3, 2, 3)),
        (Conv(4, 5), Conv(4, 3), (3, 2, 2)),
        (Conv(4, 7, stride=2), Conv(4, 1, stride=2), (3, 1, 1)),
        (DepthwiseConv(5), DepthwiseConv(1, dilation=2), (3, 1)),
        (DepthwiseConv(1, padding="valid"), DepthwiseConv(1, dilation=3), IMAGE),
        (SeparableConv(4), Chain((DepthwiseConv(bias=False), Conv(4, 1))), IMAGE),
        (MBConv(4, skip=False), MBConv(4), IMAGE),
        (MBConv(8, stride=2, skip=False), MBConv(8, stride=2), IMAGE),
        (MBConv(8, expansion=2.01), MBConv(8, expansion=2), IMAGE),
        (MBConv(8, se=0.3), MBConv(8, se=0.25), IMAGE),
        (Bottleneck(8, reduction=5), Bottleneck(8, reduction=8), IMAGE),
        (FeedForward(4.01), FeedForward(4.02), (8, 5)),
        (TransformerBlock(2), Chain((Attention(2), FeedForward())), (8, 5)),
        (Attention(2), Attention(4), (8, 1)),
        (LayerNorm("channels"), LayerNorm(), (8,)),
        (LayerNorm("channels"), GroupNorm(1), (8,)),
        (LayerNorm("channels"), LayerNorm(), (8, 1, 1)),
        (LeakyReLU(0.0), ReLU(), IMAGE),
        (LeakyReLU(1.0), Identity(), IMAGE),
        (Dropout(0.0), Identity(), IMAGE),
        (MaxPool(3, stride=1, padding=1), Identity(), (8, 1, 1)),
        (MaxPool(1, stride=2), AvgPool(1, stride=2), IMAGE),
        (AvgPool(2), AdaptiveAvgPool(2), (8, 4, 4)),
        (MaxPool(2), AdaptiveMaxPool(2), (8, 4, 4)),
        (MaxPool(2, stride=2), MaxPool(2, stride=5), (8, 3, 2)),
        (AvgPool(3, count_include_pad=False), AvgPool(3), IMAGE),
        (GlobalAvgPool(), Chain((AdaptiveAvgPool(1), Flatten())), IMAGE),
        (GlobalAvgPool(), GlobalMaxPool(), (8, 1, 1)),
        (GlobalAvgPool(), Flatten(), (8, 1)),
        (FactorizedReduce(8, 1), Identity(), IMAGE),
        (Truncate(8), Identity(), IMAGE),
        (PatchEmbedding(4, 2, "none"), Conv(4, 2, stride=2, padding="valid"), (8, 4)),
        (GRU(4, dropout=0.5), GRU(4), (8, 5)),
    ],
    ids=lambda value: value.text if isinstance(value, Op) else str(value),
)
def test_one_layer_has_one_normal_form(one: Op, other: Op, input: Shape) -> None:
    assert one.normal(input) == other.normal(input)
    assert one.shape(input) == other.shape(input)


@pytest.mark.parametrize(
    ("one", "other", "input"),
    [
        (Conv(4), Conv(4, bias=False), IMAGE),
        (Conv(4), Conv(4, padding="valid"), IMAGE),
        (Conv(4, groups=2), Conv(4, groups=4), IMAGE),
        (Conv(4, dilation=1), Conv(4, dilation=2), IMAGE),
        (AvgPool(3, padding=1), AvgPool(3, padding=1, count_include_pad=False), IMAGE),
        (MaxPool(2), AvgPool(2), IMAGE),
        (LayerNorm("channels"), LayerNorm(), IMAGE),
        (GroupNorm(1), LayerNorm(), IMAGE),
        (Attention(2), Attention(4), (8, 5)),
        (Attention(2, dropout=0.1), Attention(4, dropout=0.1), (8, 1)),
        (Dropout(0.1), Dropout(0.2), IMAGE),
        (MBConv(8), MBConv(8, skip=False), IMAGE),
        (BasicBlock(8), BasicBlock(8, kernel=5), IMAGE),
        (ConvNeXt(3), ConvNeXt(5), IMAGE),
    ],
    ids=lambda value: value.text if isinstance(value, Op) else str(value),
)
def test_different_layers_have_different_ones(one: Op, other: Op, input: Shape) -> None:
    assert one.normal(input) != other.normal(input)


def test_zeros() -> None:
    assert Zero().normal(IMAGE) == Zero(2).normal(IMAGE) == ZERO
    assert Identity().normal(IMAGE) == IDENTITY
    assert not BatchNorm().keeps_zero(IMAGE)


class Made(NamedTuple):
    """What the module of an op computes; `weights` are the shapes of those that this depends on."""

    op: Op
    weights: tuple[Shape, ...]
    output: Tensor


def made(op: Op, input: Shape) -> Made:
    """What its module computes in training, with weights that depend on their number alone."""
    module = op.module(input).double().train()
    generator = torch.Generator().manual_seed(0)
    x = 5 * torch.randn((12, *input), generator=generator, dtype=torch.float64)
    if op.tokens is not None:
        x = torch.randint(0, op.tokens, x.shape, generator=generator).double()
    if isinstance(op, EmbedCategories):
        for column, count in zip(range(input[0] - len(op.categories), input[0]), op.categories, strict=True):
            x[:, column] = torch.randint(0, count, (12,), generator=generator)
    x = torch.cat([x, torch.zeros_like(x[:1]), x[:1] if op.tokens is not None else -x[:1].abs()])
    x[-1, ..., -1] = 0  # as padding, of which masks know
    live = live_places(module, x)
    with torch.no_grad():
        for parameter, places in zip(module.parameters(), live, strict=True):
            parameter.zero_()
            numbers = torch.randn(int(places.sum()), generator=generator, dtype=torch.float64)
            parameter[places] = numbers
        weights = tuple(shape for shape in map(extent, live) if 0 not in shape)
        return Made(op, weights, module(x))


def live_places(module: nn.Module, x: Tensor) -> list[Tensor]:
    """Of each parameter the places where a gradient is not zero, for some draws of the weights.

    Functions without weights are bent: a ReLU that is zero for all samples ends a gradient, and one that is linear for
    all of them lets batch norm take back a bias.
    """
    parameters = list(module.parameters())
    found = [torch.zeros_like(one, dtype=torch.bool) for one in parameters]
    functions = [part for part in module.modules() if not [*part.children(), *part.parameters()]]
    hooks = [part.register_forward_hook(bent) for part in functions]
    generator = torch.Generator().manual_seed(1)
    for _ in range(4 if parameters else 0):
        for parameter in parameters:
            nn.init.normal_(parameter, generator=generator)
        y = module(x)
        weighted = (y * torch.randn(y.shape, generator=generator, dtype=torch.float64)).sum()
        gradients = torch.autograd.grad(weighted, parameters, allow_unused=True, materialize_grads=True)
        most = max(float(one.abs().max()) for one in gradients)
        found = [live | (one.abs() > 1e-10 * most) for live, one in zip(found, gradients, strict=True)]
    for hook in hooks:
        hook.remove()
    return found


def bent(function: nn.Module, read: tuple[Tensor], given: Tensor) -> Tensor:
    return given + torch.sin(read[0]) if given.shape == read[0].shape else given


def extent(places: Tensor) -> Shape:
    """How many places there are along each axis, axes of one left out."""
    counts = (
        int(places.transpose(0, axis).reshape(places.shape[axis], -1).any(dim=1).sum()) for axis in range(places.dim())
    )
    return tuple(count for count in counts if count != 1)


def equal(one: Made, other: Made) -> bool:
    return (
        one.weights == other.weights
        and one.output.shape == other.output.shape
        and torch.allclose(one.output, other.output, rtol=1e-3, atol=1e-4, equal_nan=True)
    )


def drawn(name: str) -> list[Op]:
    """Some of an op, without dropout and masks, and with weights that begin alike: the same draws on each run."""
    found: dict[str, Op] = {}

    @settings(max_examples=12, deadline=None, derandomize=True, database=None)
    @given(arguments=st.fixed_dictionaries(ARGUMENTS[name]))
    def draw(arguments: dict[str, Any]) -> None:
        plain = {key: 0.0 if key in ("dropout", "p") else value for key, value in arguments.items()}
        if "negative_slope" in plain:
            plain["negative_slope"] = round(plain["negative_slope"], 1)
        op = OPS[name](**plain)
        found.setdefault(op.text, op)

    draw()
    if name == Augment.name:  # what the others do is not in their modules
        return [Augment()]
    ops = [
        dataclasses.replace(op, std=1.0) if isinstance(op, Embedding | EmbedNumbers | NgramEmbedding) else op
        for op in found.values()
    ]
    return [dataclasses.replace(op, time=0.0, frequency=0.0) if isinstance(op, SpectrogramMask) else op for op in ops]


def test_normal_forms_are_equal_just_where_modules_are() -> None:
    """Over the whole table: ops that fit a shape, those with one normal form, and those with one set of weights."""
    ops = [op for name in OPS for op in drawn(name)]
    compared = 0
    for input in SHAPES:
        by_normal: dict[Any, list[Made]] = defaultdict(list)
        for op in ops:
            try:
                output = op.shape(input)
            except ShapeError:
                continue
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of windows without a middle
                with suppress(ValueError):  # batch norm of single values
                    by_normal[op.normal(input), output].append(made(op, input))
        for same in by_normal.values():
            for one in same[1:]:
                assert equal(same[0], one), f"{same[0].op.text} and {one.op.text} are equal on {input}, and are not"
                compared += 1
        by_weights: dict[Any, list[tuple[Any, Made]]] = defaultdict(list)
        for (normal, _), same in by_normal.items():
            by_weights[same[0].weights].append((normal, same[0]))
        for group in by_weights.values():
            for (normal, one), (other_normal, other) in itertools.combinations(group, 2):
                if normal != other_normal and equal(one, other):
                    raise AssertionError(f"{one.op.text} is {other.op.text} on {input}, and their normal forms differ")
                compared += 1
    assert compared > 1000
