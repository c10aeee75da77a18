"""Ids against brute force over all bijections of layers, and against networks written in other words on purpose."""

from collections.abc import Iterator, Sequence
from itertools import permutations
from typing import cast

import numpy as np
import pytest

from nas.ops import Add, BatchNorm, Conv, Identity, Merge, Op, ReLU, Sigmoid, Zero
from nas.ops.op import FREE
from nas.space import Architecture, Layer, Space, parse_space

INPUT = (2, 3)
OPS: tuple[Op, ...] = (Conv(2, kernel=1, bias=False), Conv(2, bias=False), BatchNorm(), ReLU(), Sigmoid(), Zero())
WEIGHED = (Conv, BatchNorm)

Term = tuple[object, ...]
Value = tuple[Term, ...]


def network(layers: Sequence[tuple[Op | Merge, tuple[int, ...]]]) -> Architecture:
    """Layers that keep the shape; the last one is the output."""
    return Architecture((), tuple(Layer(op, inputs, INPUT, FREE) for op, inputs in layers), INPUT)


def output_of(arch: Architecture, numbers: dict[int, int]) -> Value:
    """What a network computes: the terms of a sum, each an op with the number of its layer and what it reads."""
    values: list[Value] = [(("input",),)]
    for place, layer in enumerate(arch.layers):
        read = [values[index] for index in layer.inputs]
        if isinstance(layer.op, Add):
            value: Value = tuple(sorted((term for one in read for term in one), key=repr))
        elif isinstance(layer.op, Identity):
            (value,) = read
        elif isinstance(layer.op, Zero) or (not read[0] and isinstance(layer.op, Conv | ReLU)):
            value = ()
        else:
            number = numbers.get(place, -1) if isinstance(layer.op, WEIGHED) else None
            value = ((layer.op.text, number, read[0]),)
        values.append(value)
    return values[-1]


def numbers_in(value: Value) -> Iterator[int]:
    for term in value:
        if len(term) > 1:
            if term[1] is not None:
                yield cast(int, term[1])
            yield from numbers_in(cast(Value, term[2]))


def function_of(arch: Architecture) -> str:
    """Equal for networks that are equal under a bijection of their layers with weights: the least of all spellings."""
    live = sorted(set(numbers_in(output_of(arch, {place: place for place in range(len(arch.layers))}))))
    orders = permutations(live)
    return min(repr(output_of(arch, dict(zip(order, range(len(live)), strict=True)))) for order in orders)


def drawn(rng: np.random.Generator, count: int) -> Architecture:
    layers: list[tuple[Op | Merge, tuple[int, ...]]] = []
    for place in range(count):
        low = max(0, place - 3)
        if place == count - 1 or rng.random() < 0.35:
            read = tuple(int(one) for one in rng.integers(low, place + 1, size=int(rng.integers(2, 4))))
            layers.append((Add(), read))
        else:
            layers.append((OPS[int(rng.integers(len(OPS)))], (int(rng.integers(low, place + 1)),)))
    return network(layers)


def respelled(arch: Architecture, rng: np.random.Generator) -> Architecture:
    """The same network: layers in another order, sums nested and turned, with identities, zeros and dead layers."""
    layers: list[tuple[Op | Merge, tuple[int, ...]]] = []
    place = {0: 0}

    def put(op: Op | Merge, *read: int) -> int:
        layers.append((op, read))
        return len(layers)

    left = set(range(1, len(arch.layers) + 1))
    while left:
        ready = [value for value in sorted(left) if all(one in place for one in arch.layers[value - 1].inputs)]
        value = int(rng.choice(ready))
        left.remove(value)
        op, inputs = arch.layers[value - 1][:2]
        read = [place[one] for one in inputs]
        if rng.random() < 0.3:
            put(Conv(2, kernel=1), int(rng.choice(read)))  # nothing reads it
        if rng.random() < 0.3:
            read[0] = put(Identity(), read[0])
        if isinstance(op, Add):
            rng.shuffle(read)
            if rng.random() < 0.5:
                read = [*read[2:], put(Add(), *read[:2])]
            if rng.random() < 0.3:
                read.append(put(Conv(2, bias=False), put(Zero(), read[0])))
        elif not isinstance(op, WEIGHED) and rng.random() < 0.3:
            put(op, *read)  # a function made twice
        place[value] = put(op, *read) if len(read) > 1 or not isinstance(op, Add) else read[0]
    layers.append((Identity(), (place[len(arch.layers)],)))
    return network(layers)


def test_ids_are_equal_just_where_functions_are() -> None:
    rng = np.random.default_rng(0)
    pairs = set()
    for _ in range(1500):
        arch = drawn(rng, int(rng.integers(3, 9)))
        if sum(isinstance(layer.op, WEIGHED) for layer in arch.layers) <= 5:
            pairs.add((function_of(arch), arch.id))
    assert len(pairs) == len({function for function, _ in pairs}) == len({id for _, id in pairs}) > 300


def test_a_network_in_other_words_has_the_same_id() -> None:
    rng = np.random.default_rng(1)
    for _ in range(300):
        arch = drawn(rng, int(rng.integers(3, 15)))
        assert respelled(arch, rng).id == arch.id


def only(text: str) -> Architecture:
    space = parse_space(f"input: [4, 6]\nlayers: {text}")
    return space.sample(np.random.default_rng(0))


CONV = "{conv: {width: 4}}"


EQUAL = [
    (
        f"[{{parallel: [[{CONV}, {{parallel: [[relu], [sigmoid]]}}], [{CONV}, {{parallel: [[tanh], [gelu]]}}]]}}]",
        f"[{{parallel: [[{CONV}, {{parallel: [[gelu], [tanh]]}}], [{CONV}, {{parallel: [[sigmoid], [relu]]}}]]}}]",
    ),
    ("[{parallel: [[relu], [relu, identity]]}]", "[relu, {parallel: [[], []]}]"),
    ("[{residual: [{residual: [gelu]}]}]", "[{parallel: [[gelu], [], []]}]"),
    (f"[{{parallel: [[zero, {{conv: {{width: 4, bias: false}}}}], [{CONV}]]}}]", f"[{CONV}]"),
    ("[{parallel: [[zero], [relu]], merge: multiply}]", "[zero]"),
    ("[{mbconv: {width: 8, skip: false}}]", "[{mbconv: {width: 8}}]"),
    (
        "[{depthwise_conv: {kernel: 1, dilation: 2}}, relu]",
        "[{conv: {width: 4, kernel: 1, groups: 4, padding: valid}}, relu]",
    ),
    (
        f"[{{parallel: [[relu], [gelu]], merge: concat}}, batch_norm, {CONV}]",
        f"[{{parallel: [[gelu], [relu]], merge: concat}}, batch_norm, {CONV}]",
    ),
    (
        "[{parallel: [[relu], {parallel: [[gelu], [tanh]], merge: concat}], merge: concat}]",
        "[{parallel: [[relu], [gelu], [tanh]], merge: concat}]",
    ),
]


@pytest.mark.parametrize(("one", "other"), EQUAL)
def test_one_network_written_in_two_ways(one: str, other: str) -> None:
    assert only(one).id == only(other).id


DIFFERENT = [
    (
        f"[{{parallel: [[{CONV}, {{parallel: [[relu], [sigmoid]]}}], [{CONV}, {{parallel: [[tanh], [gelu]]}}]]}}]",
        f"[{{parallel: [[{CONV}, {{parallel: [[relu], [tanh]]}}], [{CONV}, {{parallel: [[sigmoid], [gelu]]}}]]}}]",
    ),
    (f"[{{parallel: [[{CONV}], [{CONV}]]}}]", f"[{CONV}, {{parallel: [[], []]}}]"),
    ("[{parallel: [[dropout], [dropout]]}]", "[dropout, {parallel: [[], []]}]"),
    ("[{parallel: [[zero, batch_norm], [relu]]}]", "[relu]"),
    (
        "[{parallel: [[relu], [gelu]], merge: concat}]",
        "[{parallel: [[gelu], [relu]], merge: concat}]",
    ),
    (
        "[{parallel: [[relu], [gelu]], merge: concat}, {conv: {width: 4, groups: 2}}]",
        "[{parallel: [[gelu], [relu]], merge: concat}, {conv: {width: 4, groups: 2}}]",
    ),
    (
        f"[{{residual: [{{parallel: [[relu], [gelu]], merge: concat}}, {CONV}, {CONV}]}}]",
        f"[{{residual: [{{parallel: [[relu], [tanh]], merge: concat}}, {CONV}, {CONV}]}}]",
    ),
    ("[relu]", "[relu, relu]"),
]


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_two_networks_are_not_one(one: str, other: str) -> None:
    assert only(one).id != only(other).id


def _cell(keys: str, after: str = "") -> Space:
    return parse_space(f"input: [4, 6]\nlayers: [{{name: c, cell: {{{keys}}}}}{after}]")


def test_nodes_of_a_concat_have_no_order_where_channels_are_mixed_behind_it() -> None:
    edge = "{choice: {skip: identity, conv: {conv: {width: width}}}}"
    keys = f"nodes: 3, reads: 1, output: concat, edge: {edge}"
    chosen = {"c.0-1": "conv", "c.2": "0", "c.0-2": "conv", "c.1-3": "skip", "c.2-3": "skip"}
    for after, equal in ((f", {CONV}", True), ("", False)):
        space = _cell(keys, after)
        ids = []
        for source in ("1", "2"):
            wanted = {**chosen, "c.3": source}
            names = {name for name in space.universe if name in wanted}
            kept = {name: wanted[name] for name in names if name not in ("c.1-3", "c.2-3") or name == f"c.{source}-3"}
            ids.append(space.rebuild(kept).id)
        assert (ids[0] == ids[1]) is equal


@pytest.mark.parametrize("option", ["identity", "zero", "relu"])
def test_a_cell_without_weights_is_what_it_hands_on(option: str) -> None:
    space = _cell("nodes: 1, edge: {choice: [identity, zero, relu]}", f", {CONV}")
    arch = space.rebuild({"c.0-1": option})
    if option == "identity":
        assert arch.id == only(f"[{CONV}]").id
    elif option == "zero":
        assert arch.id == only(f"[zero, {CONV}]").id
    else:
        assert arch.id != only(f"[{CONV}]").id


def test_what_a_cell_adds_to_its_input_is_added_to_what_others_add() -> None:
    edge = "{choice: {none: zero, skip: identity, conv: {conv: {width: width}}}}"
    cell = f"cell: {{nodes: 2, edge: {edge}}}"
    space = parse_space(f"input: [4, 6]\nlayers: [{{name: a, {cell}}}, {{name: b, {cell}}}]")

    def id_(*options: str) -> str:
        return space.rebuild(dict(zip(space.universe, options, strict=True))).id

    twice, once = ("skip", "skip", "skip"), ("skip", "none", "skip")
    assert id_(*twice, *once) == id_(*once, *twice)
    assert id_(*twice, *twice) != id_(*twice, *once)
    conv = ("none", "conv", "none")
    assert id_(*conv, *once) == id_(*once, *conv) != id_(*conv, *conv)


def test_many_equal_branches_take_no_time() -> None:
    """16! orders of them, all of which are equal."""
    branches = ", ".join([f"[{CONV}, batch_norm, relu]"] * 16)
    one = only(f"[{{parallel: [{branches}]}}]")
    other = only(f"[{{parallel: [{branches.replace('relu', 'gelu', 1)}]}}]")
    assert one.id != other.id
    assert one.id == only(f"[{{parallel: [{branches}, [zero]]}}]").id
