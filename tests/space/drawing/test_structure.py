"""Networks as trees."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nas.ops import Add, Conv, ReLU
from nas.space import Architecture, parse_space
from nas.space.drawing.structure import Chain, Fork, Part, Run, Step, Tangle, blocks_of, quiet, structure

Named = Callable[..., Architecture]


def tree(part: Part | Chain) -> object:
    """A part in short: a number of blocks, branches and a merge, how often what."""
    match part:
        case Step():
            return len(part.blocks)
        case Fork():
            return {"branches": [tree(branch) for branch in part.branches]}
        case Tangle():
            return {"tangle": len(part.blocks)}
        case Run():
            return {len(part.copies): tree(part.copies[0])}
    return [tree(inner) for inner in part]


def of(layers: str, input: str = "[8, 16, 16]") -> object:
    return tree(structure(parse_space(f"input: {input}\nlayers: {layers}").sample(np.random.default_rng(0))))


def test_every_block_stands_in_it_once(network: Architecture) -> None:
    for exact in (True, False):
        numbers = [number for part in structure(network, exact=exact) for number in blocks_of(part)]
        assert sorted(numbers) == list(range(1, len(network.blocks) + 1))
        if not any(isinstance(part, Tangle) for part in structure(network)):
            assert numbers == sorted(numbers)


def test_norms_and_activations_belong_to_the_layer_before() -> None:
    assert of("[relu, {conv: {width: 4}}, batch_norm, relu, {max_pool: {kernel: 2}}, {dropout: {p: 0.1}}]") == [1, 3, 2]
    assert of("[{conv: {width: 4}}, {residual: [{conv: {width: 4}}]}, relu]") == [1, {"branches": [[1], []]}, 1]


def test_branches() -> None:
    assert of("[{residual: [{conv: {width: 4}}, relu], project: true}]") == [{"branches": [[2], [1]]}]
    assert of("[{parallel: [[], []]}]") == [{"branches": [[], []]}]
    nested = "[{residual: [{conv: {width: 8}}, {residual: [{conv: {width: 8, kernel: 5}}]}]}]"
    assert of(nested) == [{"branches": [[1, {"branches": [[1], []]}], []]}]


def test_runs() -> None:
    conv, other = "{conv: {width: 8}}", "{conv: {width: 8, kernel: 5}}"
    assert of(f"[{conv}, {conv}, {conv}]") == [{3: [1]}]
    assert of(f"[{conv}, {other}, {conv}, {other}, {conv}]") == [{2: [1, 1]}, 1]
    twice = f"{conv}, {conv}, {other}"
    assert of(f"[{twice}, {twice}, {twice}]") == [{3: [{2: [1]}, 1]}]
    assert of(f"[{conv}, {conv}]", "[3, 16, 16]") == [1, 1], "the first one reads another shape"


def test_a_run_does_not_begin_with_an_activation() -> None:
    block = "{residual: [{conv: {width: 8}}]}, relu"
    fork = {"branches": [[1], []]}
    assert of(f"[{block}, {block}, {block}]") == [{3: [fork, 1]}]
    assert of(f"[{{conv: {{width: 8}}}}, batch_norm, {block}, {block}]") == [2, {2: [fork, 1]}]
    assert of("[global_avg_pool, relu, {residual: [{linear: {units: 8}}]}, relu]") == [2, fork, 1]


def test_a_run_is_in_step_with_what_stands_before_it() -> None:
    def pair(kernel: int, size: int) -> str:
        return f"{{conv: {{width: 8, kernel: {kernel}}}}}, {{max_pool: {{kernel: {size}, stride: 1, padding: 1}}}}"

    same = ", ".join([pair(3, 3)] * 3)
    assert of(f"[{pair(5, 3)}, {same}]") == [1, 1, {3: [1, 1]}], "not the pool of the first and the next conv"
    assert of(f"[{same}, {pair(3, 2)}]", "[8, 9, 9]") == [{3: [1, 1]}, 1, 1]


def test_other_networks(named: Named) -> None:
    assert tree(structure(named("tangle"))) == [{"tangle": 5}, 1]
    assert structure(named("nothing")) == ()
    assert tree(structure(named("nasbench201"))) == [
        2,
        {5: [1]},
        *2 * [{"branches": [[1, 3, 2], [1, 1]]}, {5: [1]}],
        2,
        1,
        1,
    ]


def test_cells_that_are_decided_together_are_equal_unless_exactly(named: Named) -> None:
    arch = named("nasbench101", 3)
    assert tree(structure(arch, exact=False)) == [3, *3 * [{3: [1]}, 1], 1]
    assert tree(structure(arch)) == [3, {3: [1]}, 1, *2 * [1, {2: [1]}, 1], 1]


@dataclass(frozen=True)
class Own(ReLU):
    """An activation of a user's own."""


@dataclass(frozen=True)
class OwnConv(Conv):
    """A layer that weighs, and says so by its family."""


def test_an_op_says_by_its_family_whether_it_belongs_to_the_layer_before() -> None:
    assert quiet(Own())
    assert not quiet(OwnConv(4))
    assert not quiet(Add())
