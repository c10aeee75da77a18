"""Every op of the table, with arguments and inputs drawn from all that its fields allow, against its module."""

import dataclasses
from typing import Any, ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nas.errors import ShapeError
from nas.ops import MERGES, OPS, Identity, Op, Shape
from nas.testing import check_op

SIZES = st.integers(1, 12)
SEQUENCES: st.SearchStrategy[Shape] = st.tuples(SIZES, SIZES)
MAPS: st.SearchStrategy[Shape] = SEQUENCES | st.tuples(SIZES, SIZES, SIZES)
SHAPES: st.SearchStrategy[Shape] = st.tuples(SIZES) | MAPS
PICTURES: st.SearchStrategy[Shape] = st.tuples(st.just(3), SIZES, SIZES)
WAVEFORMS: st.SearchStrategy[Shape] = st.tuples(st.integers(1, 3), st.integers(14, 20))
SHORT: st.SearchStrategy[Shape] = st.tuples(SIZES, st.integers(1, 4))
INPUTS = {
    "attention": SEQUENCES,
    "augment": PICTURES,
    "conv": MAPS,
    "gru": SHORT,
    "log_mel": WAVEFORMS,
    "lstm": SHORT,
    "wide_conv": SEQUENCES,
}
"""Inputs of ops that few shapes suit, or whose steps are slow to count; `check_op` probes those that do not fit."""

CONV: dict[str, st.SearchStrategy[Any]] = {
    "kernel": st.integers(1, 5),
    "stride": st.integers(1, 3),
    "padding": st.sampled_from(["same", "valid"]),
    "dilation": st.integers(1, 3),
    "bias": st.booleans(),
}
POOL: dict[str, st.SearchStrategy[Any]] = {
    "kernel": st.integers(1, 4),
    "stride": st.none() | st.integers(1, 3),
    "padding": st.integers(0, 2),
}
BLOCK: dict[str, st.SearchStrategy[Any]] = {
    "width": SIZES,
    "kernel": st.sampled_from([1, 2, 3, 5]),
    "stride": st.integers(1, 3),
}
PROBABILITY = st.floats(0, 1, exclude_max=True)
STD = st.sampled_from([1.0, 0.1])
POSITION = st.sampled_from(["none", "learned", "sinusoidal"])
HEADS = st.sampled_from([1, 1, 2, 3, 4])
EXPANSION = st.floats(0.01, 5)
RECURRENT: dict[str, st.SearchStrategy[Any]] = {
    "units": SIZES,
    "layers": st.integers(1, 2),
    "bidirectional": st.booleans(),
    "dropout": PROBABILITY,
    "output": st.sampled_from(["sequence", "last"]),
    "mask": st.booleans(),
}

SHARE = st.sampled_from([0.0] * 18 + [0.3, 1.0])
"""Most are 0, so that pictures suit the others."""

# One strategy for each field of each op: a new op or a new field has no case here, and fails the first test below.
ARGUMENTS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "conv": {"width": SIZES, "groups": st.sampled_from([1, 1, 2, 3, 4]), **CONV},
    "depthwise_conv": CONV,
    "separable_conv": {"width": SIZES, **CONV},
    "mbconv": {
        "width": SIZES,
        "kernel": st.sampled_from([1, 2, 3, 5]),
        "stride": st.integers(1, 3),
        "expansion": st.sampled_from([0.1, 1, 1, 2.0, 2.3, 6]),
        "activation": st.sampled_from(["relu", "relu6", "hardswish", "silu"]),
        "se": st.sampled_from([0, 0.05, 0.25, 1]),
        "se_of": st.sampled_from(["input", "expanded"]),
        "gate": st.sampled_from(["sigmoid", "hardsigmoid"]),
        "groups": st.sampled_from([1, 1, 2]),
        "expand_always": st.booleans(),
        "skip": st.booleans(),
    },
    "basic_block": BLOCK,
    "bottleneck": {**BLOCK, "reduction": st.integers(1, 4), "groups": st.sampled_from([1, 1, 2])},
    "convnext": {"kernel": st.sampled_from([1, 2, 3, 7]), "expansion": st.integers(1, 4)},
    "shuffle": {"groups": st.integers(1, 4)},
    "factorized_reduce": {"width": SIZES, "stride": st.sampled_from([1, 2])},
    "truncate": {"width": SIZES},
    "zero": {"stride": st.integers(1, 3)},
    "max_pool": POOL,
    "avg_pool": {**POOL, "count_include_pad": st.booleans()},
    "adaptive_avg_pool": {"size": st.integers(1, 6)},
    "adaptive_max_pool": {"size": st.integers(1, 6)},
    "global_avg_pool": {"mask": st.booleans()},
    "global_max_pool": {"mask": st.booleans()},
    "flatten": {},
    "linear": {"units": SIZES, "bias": st.booleans()},
    "batch_norm": {},
    "layer_norm": {"over": st.sampled_from(["sample", "channels"])},
    "group_norm": {"groups": SIZES},
    "relu": {},
    "relu6": {},
    "leaky_relu": {"negative_slope": st.floats(0, 1)},
    "elu": {},
    "gelu": {},
    "silu": {},
    "hardswish": {},
    "mish": {},
    "tanh": {},
    "sigmoid": {},
    "hardsigmoid": {},
    "dropout": {"p": st.just(0.0) | PROBABILITY},
    "identity": {},
    # Tokens and sequences.
    "embedding": {"vocabulary": SIZES, "width": SIZES, "position": POSITION, "mask": st.booleans(), "std": STD},
    "ngram_embedding": {
        "vocabulary": SIZES,
        "width": SIZES,
        "n": st.integers(2, 4),
        "buckets": SIZES,
        "mask": st.booleans(),
        "std": STD,
    },
    "patch_embedding": {"width": SIZES, "patch": st.integers(1, 4), "position": POSITION},
    "attention": {"heads": HEADS, "dropout": PROBABILITY, "mask": st.booleans()},
    "feed_forward": {
        "expansion": EXPANSION,
        "activation": st.sampled_from(["gelu", "relu", "silu"]),
        "dropout": PROBABILITY,
        "mask": st.booleans(),
    },
    "log_mel": {
        "rate": st.sampled_from([1000, 1000, 2000]),
        "mels": st.sampled_from([1, 1, 2, 3]),
        "window_ms": st.floats(4, 7),
        "hop_ms": st.floats(1, 4),
        "fmin": st.sampled_from([0.0, 20.0]),
        "fmax": st.none() | st.sampled_from([450.0, 499.0]),
        "floor": st.floats(1e-9, 1),
        "cmn": st.booleans(),
        "level": st.booleans(),
    },
    "spectrogram_mask": {"time": st.floats(0, 1), "frequency": st.floats(0, 1), "masks": st.integers(1, 3)},
    "augment": {
        "shift": st.integers(0, 3),
        "flip": st.booleans(),
        "crop": st.floats(0.1, 1),
        "rotate": st.floats(0, 180),
        "policy": st.none() | st.sampled_from(["rand_augment", "trivial_augment"]),
        "operations": st.integers(1, 3),
        "magnitude": st.integers(0, 30),
        **dict.fromkeys(("brightness", "contrast", "saturation", "swap", "token_dropout"), SHARE),
        **dict.fromkeys(("erase", "time_mask", "speed", "noise", "gain", "mixup", "cutmix"), SHARE),
        "cutout": st.integers(0, 3),
    },
    "transformer_block": {"heads": HEADS, "expansion": EXPANSION, "dropout": PROBABILITY, "mask": st.booleans()},
    "lstm": RECURRENT,
    "gru": RECURRENT,
    "wide_conv": {"width": SIZES, "kernel": st.integers(1, 5), "bias": st.booleans()},
    # Rows of tables.
    "embed_categories": {"categories": st.lists(SIZES, max_size=3).map(tuple), "width": SIZES},
    "embed_numbers": {
        "categories": st.lists(SIZES, max_size=3).map(tuple),
        "width": SIZES,
        "encoding": st.sampled_from(["piecewise", "periodic"]),
        "components": SIZES,
        "std": STD,
    },
}


def test_every_op_and_every_argument_has_a_case() -> None:
    assert {name: set(cases) for name, cases in ARGUMENTS.items()} == {
        name: {field.name for field in dataclasses.fields(op)} for name, op in OPS.items()
    }


@pytest.mark.slow
@pytest.mark.parametrize("name", OPS)
def test_arithmetic_agrees_with_the_module(name: str) -> None:
    fitted = 0

    # Of 12 inputs of all ranks, about 4 fit, and to each come the probes.
    @settings(max_examples=6 if INPUTS.get(name) is SHORT else 12, deadline=None, derandomize=True, database=None)
    @given(arguments=st.fixed_dictionaries(ARGUMENTS.get(name, {})), input=INPUTS.get(name, SHAPES))
    def check(arguments: dict[str, Any], input: Shape) -> None:
        nonlocal fitted
        op = OPS[name](**arguments)
        try:
            op.shape(input)
        except ShapeError:
            check_op(op)
            return
        check_op(op, input)
        fitted += 1

    check()
    assert fitted, "no drawn input fitted, so that nothing was checked beyond the probes"


@pytest.mark.parametrize("name", OPS)
def test_shapes_are_positive_and_cost_is_not_negative(name: str) -> None:
    @settings(max_examples=60, deadline=None, derandomize=True, database=None)
    @given(arguments=st.fixed_dictionaries(ARGUMENTS.get(name, {})), input=SHAPES)
    def check(arguments: dict[str, Any], input: Shape) -> None:
        op = OPS[name](**arguments)
        try:
            output = op.shape(input)
        except ShapeError:
            return
        assert min(output) >= 1
        assert min(op.cost(input)) >= 0
        assert all(type(number) is int for number in (*output, *op.cost(input)))

    check()


def test_names_are_those_of_the_classes() -> None:
    assert all(name == op.name for name, op in OPS.items())
    assert all(name == merge.name for name, merge in MERGES.items())
    assert not OPS.keys() & MERGES.keys()


def test_a_family_is_one_of_those_that_drawings_have_a_colour_for() -> None:
    with pytest.raises(TypeError, match=r"^Loud: family is 'red', expected one of conv, pool, "):

        class Loud(Identity):
            family: ClassVar[Any] = "red"


def test_table_cannot_be_changed() -> None:
    ops: Any = OPS
    with pytest.raises(TypeError):
        ops["relu"] = Identity


def test_defaults_fit_an_image_a_sequence_or_a_row() -> None:
    required: dict[str, dict[str, Any]] = {
        "conv": {"width": 8},
        "separable_conv": {"width": 8},
        "mbconv": {"width": 8},
        "basic_block": {"width": 8},
        "bottleneck": {"width": 8},
        "shuffle": {"groups": 4},
        "factorized_reduce": {"width": 8},
        "truncate": {"width": 8},
        "adaptive_avg_pool": {"size": 4},
        "adaptive_max_pool": {"size": 4},
        "linear": {"units": 8},
        "embedding": {"vocabulary": 8, "width": 8},
        "ngram_embedding": {"vocabulary": 8, "width": 8},
        "patch_embedding": {"width": 8, "patch": 4},
        "log_mel": {"rate": 1000, "mels": 2, "window_ms": 5},
        "lstm": {"units": 8},
        "gru": {"units": 8},
        "wide_conv": {"width": 8},
        "embed_categories": {"categories": (3, 4)},
        "embed_numbers": {"categories": (3, 4)},
    }
    rows = ("linear", "embedding", "ngram_embedding", "embed_categories", "embed_numbers")
    sequences = ("attention", "transformer_block", "lstm", "gru", "log_mel", "wide_conv")
    for name, cls in OPS.items():
        op: Op = cls(**required.get(name, {}))
        input = (8,) if name in rows else (16, 8) if name in sequences else (16, 8, 8)
        check_op(op, input)
