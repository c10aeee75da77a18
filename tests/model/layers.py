"""Layers of all kinds for the tests of networks."""

from typing import Any

from nas.ops import OPS, Op, Shape
from nas.space import Architecture, Layer

# Arguments that differ from the defaults, at least one set for each op that has any.
ARGUMENTS: dict[str, list[dict[str, Any]]] = {
    "conv": [
        {"width": 8},
        {"width": 8, "kernel": 5, "stride": 2, "padding": "valid", "groups": 2, "bias": False},
        {"width": 4, "kernel": 2, "padding": "valid", "dilation": 2},
    ],
    "depthwise_conv": [{}, {"kernel": 5, "stride": 2, "dilation": 2, "bias": False}],
    "separable_conv": [{"width": 8}, {"width": 8, "kernel": 5, "stride": 2, "bias": False}],
    "max_pool": [{}, {"kernel": 3, "stride": 1, "padding": 1}, {"kernel": 1, "stride": 2}],
    "avg_pool": [{}, {"kernel": 3, "stride": 1, "padding": 1}, {"kernel": 3, "padding": 1, "count_include_pad": False}],
    "adaptive_avg_pool": [{"size": 3}, {"size": 1}],
    "adaptive_max_pool": [{"size": 3}],
    "mbconv": [
        {"width": 8},
        {"width": 8, "se": 0.25, "activation": "silu"},
        {"width": 4, "stride": 2, "expansion": 2.3, "se": 0.25, "se_of": "expanded", "gate": "hardsigmoid"},
        {"width": 8, "kernel": 5, "expansion": 1, "activation": "hardswish", "groups": 2, "expand_always": True},
        {"width": 8, "expansion": 1, "activation": "relu", "skip": False},
    ],
    "basic_block": [{"width": 8}, {"width": 4, "kernel": 5, "stride": 2}],
    "bottleneck": [{"width": 8}, {"width": 12, "kernel": 5, "stride": 2, "reduction": 2, "groups": 3}],
    "convnext": [{}, {"kernel": 3, "expansion": 2}],
    "shuffle": [{"groups": 2}, {"groups": 8}],
    "factorized_reduce": [{"width": 4}, {"width": 5, "stride": 1}, {"width": 8, "stride": 1}],
    "truncate": [{"width": 3}, {"width": 8}],
    "zero": [{}, {"stride": 2}],
    "linear": [{"units": 8}, {"units": 8, "bias": False}],
    "group_norm": [{"groups": 2}, {"groups": 4}, {"groups": 1}],
    "leaky_relu": [{}, {"negative_slope": 0.123456789012345}, {"negative_slope": 1e-9}, {"negative_slope": 0.0}],
    "dropout": [{}, {"p": 0.25}, {"p": 0.1 + 0.2}],
    "layer_norm": [{}, {"over": "channels"}],
    # Tokens and sequences.
    "embedding": [
        {"vocabulary": 17, "width": 8, "position": name, **mask}
        for name in ("none", "learned", "sinusoidal")
        for mask in ({}, {"mask": True})
    ],
    "ngram_embedding": [
        {"vocabulary": 17, "width": 8, "buckets": 40},
        {"vocabulary": 17, "width": 8, "buckets": 40, "n": 3, "mask": True},
    ],
    "patch_embedding": [
        {"width": 8, "patch": 1},
        {"width": 8, "patch": 1, "position": "none"},
        {"width": 6, "patch": 5, "position": "sinusoidal"},
    ],
    "attention": [{}, {"heads": 2, "dropout": 0.1}, {"mask": True}],
    "feed_forward": [{}, {"expansion": 1.7, "activation": "silu", "dropout": 0.1}, {"mask": True}],
    "transformer_block": [{}, {"heads": 2, "expansion": 1.7, "dropout": 0.1}, {"mask": True}],
    "log_mel": [
        {"rate": 1000, "mels": 2, "window_ms": 5},
        {"rate": 1000, "mels": 3, "window_ms": 7, "hop_ms": 1, "fmin": 0, "fmax": 499.5, "floor": 1e-3, "cmn": True},
        {"rate": 1000, "mels": 2, "window_ms": 5, "level": True},
    ],
    "augment": [{}, {"policy": "rand_augment"}, {"mixup": 0.2, "noise": 0.1}],
    "spectrogram_mask": [{}, {"time": 0.5, "frequency": 0.5, "masks": 2}],
    "lstm": [
        {"units": 8},
        {"units": 3, "layers": 2, "bidirectional": True, "dropout": 0.1, "output": "last"},
        {"units": 8, "mask": True},
    ],
    "gru": [
        {"units": 8},
        {"units": 3, "layers": 2, "bidirectional": True, "dropout": 0.1, "output": "last"},
        {"units": 3, "layers": 2, "bidirectional": True, "dropout": 0.1, "output": "last", "mask": True},
    ],
    "embed_categories": [{"categories": (3,)}, {"categories": (3, 2), "width": 4}, {"categories": ()}],
    "embed_numbers": [
        {"categories": ()},
        {"categories": (3, 2), "width": 3, "components": 5},
        {"categories": (3,), "width": 4, "encoding": "periodic", "components": 3, "std": 0.5},
    ],
    "wide_conv": [{"width": 6}, {"width": 6, "kernel": 2, "bias": False}],
    "global_avg_pool": [{}, {"mask": True}],
    "global_max_pool": [{}, {"mask": True}],
}

# The ranks of the inputs that an op fits, where these are not all.
RANKS: dict[str, set[int]] = {
    "linear": {1},
    "embedding": {1},
    "ngram_embedding": {1},
    "patch_embedding": {2, 3},
    "attention": {2},
    "transformer_block": {2},
    "log_mel": {2},
    "spectrogram_mask": {3},
    "lstm": {2},
    "gru": {2},
    "wide_conv": {2},
    "embed_categories": {1},
    "embed_numbers": {1},
}

BLOCKS = {"basic_block", "bottleneck", "convnext", "shuffle", "factorized_reduce"}
SPATIAL = {name for name in OPS if name.endswith(("conv", "pool"))} | BLOCKS
"""Ops that need a sequence or an image."""


def chain(input: Shape, *ops: Op) -> Architecture:
    """An architecture of layers that follow each other."""
    layers: list[Layer] = []
    shape = input
    for place, op in enumerate(ops):
        output = op.shape(shape)
        layers.append(Layer(op, (place,), output, op.cost(shape)))
        shape = output
    return Architecture((), tuple(layers), input)
