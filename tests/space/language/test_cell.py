"""Cells in their networks: copies decided together or each for itself, what they cost, and limits on that."""

from typing import Any

import numpy as np
import pytest
import torch

from nas.errors import SpecError
from nas.model import Network
from nas.ops import Cost
from nas.space import Architecture, Space, load_space, parse_space
from nas.space.language.cell import by_place, scaled
from nas.space.network.cell import CellLayer
from nas.space.network.layer import Layer

HEAD = ", global_avg_pool, {linear: {units: outputs}}"
EDGES = "nodes: 2, edge: {choice: {none: zero, skip: identity, conv: [relu, {conv: {width: width, kernel: 1}}]}}"
NODES = (
    "nodes: 2, node: {choice: {conv: {conv: {width: width, kernel: 3}}, relu: relu}}, "
    "project: {conv: {width: width, kernel: 1, bias: false}}"
)


def _space(cell: str, layers: str, *, share: bool = True, input: str = "[2, 4]", limits: str = "{}") -> Space:
    return parse_space(
        f"input: {input}\noutputs: 3\nlimits: {limits}\n"
        f"define: {{c: {{share: {str(share).lower()}, cell: {{{cell}}}}}}}\nlayers: [{layers}{HEAD}]"
    )


def _total(arch: Architecture) -> Cost:
    return Cost(sum(layer.cost.params for layer in arch.layers), sum(layer.cost.macs for layer in arch.layers))


def test_copies_of_a_shared_cell_are_decided_together() -> None:
    space = _space(EDGES, "c, {conv: {width: 3, kernel: 1}}, c, {repeat: 2, of: [c]}")
    assert list(space.universe) == ["c.0-1", "c.0-2", "c.1-2"]
    assert space.size == 27
    arch = space.rebuild({"c.0-1": "conv", "c.0-2": "skip", "c.1-2": "skip"})
    assert [name for name, _ in arch.sections] == ["c", "", "c", "c", "c", "", ""]
    copies = [[(layer.op.text, layer.cost.params) for layer in layers] for name, layers in arch.sections if name]
    wide = [("relu", 0), ("conv(width=3, kernel=1)", 12), ("add", 0)]
    assert copies == [[("relu", 0), ("conv(width=2, kernel=1)", 6), ("add", 0)], wide, wide, wide]
    assert arch.params == 6 + 9 + 3 * 12 + 12


def test_a_cell_that_is_not_shared_decides_wherever_it_stands() -> None:
    space = _space(EDGES, "c, {name: again, c: }", share=False)
    assert list(space.universe) == [f"{path}.c.{edge}" for path in ("0", "again") for edge in ("0-1", "0-2", "1-2")]
    assert space.size == 27**2
    assert {name: cell.name for name, cell in next(iter(space)).cells.items()} == {"0.c": "0.c", "again.c": "again.c"}


def test_cells_in_repeats_and_where_they_are_written() -> None:
    body = f"{{name: c, cell: {{{EDGES}}}}}"
    free = parse_space(f"input: [2, 4]\nlayers: [{{name: r, repeat: 2, of: [{body}]}}]")
    assert list(free.universe) == [f"r.{copy}.c.{edge}" for copy in (0, 1) for edge in ("0-1", "0-2", "1-2")]
    assert free.size == 27**2
    shared = parse_space(f"input: [2, 4]\nlayers: [{{name: r, repeat: {{choice: [1, 3]}}, share: true, of: [{body}]}}]")
    assert list(shared.universe) == ["r.repeat", "r.c.0-1", "r.c.0-2", "r.c.1-2"]
    assert shared.size == 2 * 27
    for arch in shared:
        copies = [layers for name, layers in arch.sections if name]
        assert len({tuple(layer.op for layer in layers) for layers in copies}) <= 1


def test_shared_cells_are_decided_last() -> None:
    space = _space(EDGES, "c, {choice: [relu, gelu]}, c")
    assert [name for name, _ in next(iter(space)).choices] == ["1", "c.0-1", "c.0-2", "c.1-2"]
    alone = _space(EDGES, "c, {choice: [relu, gelu]}, c", share=False)
    assert [name for name, _ in next(iter(alone)).choices][3] == "1"


def test_two_shared_cells() -> None:
    space = parse_space(
        f"""
        input: [2, 4]
        define:
          normal: {{share: true, cell: {{{EDGES}}}}}
          graph: {{share: true, cell: {{{NODES}}}}}
        layers: [graph, normal, {{conv: {{width: 3}}}}, normal, graph]
        """
    )
    assert space.size == 27 * 45
    arch = space.sample(np.random.default_rng(0))
    assert list(arch.cells) == ["graph", "normal"]
    assert [name for name, _ in arch.sections] == ["graph", "normal", "", "normal", "graph"]


def test_a_shared_cell_may_be_given_its_width() -> None:
    space = parse_space(
        """
        input: [2, 4]
        define:
          c:
            share: true
            parameters: {width: , stride: 1}
            cell:
              nodes: 1
              edge:
                choice:
                  a: {conv: {width: width, stride: stride}}
                  b: {conv: {width: width, stride: stride, kernel: 1}}
              width: width
              stride: stride
        layers: [{c: {width: 3}}, {c: {width: 4, stride: 2}}, {c: {width: 4}}]
        """
    )
    assert [[layer.op.text for layer in arch.layers] for arch in space] == [
        ["conv(width=3)", "conv(width=4, stride=2)", "conv(width=4)"],
        ["conv(width=3, kernel=1)", "conv(width=4, kernel=1, stride=2)", "conv(width=4, kernel=1)"],
    ]


def test_an_option_must_be_allowed_in_all_copies() -> None:
    cell = "nodes: 1, edge: {choice: {any: relu, wide: {tanh: , when: {size: '>= 4'}}}}"
    assert [arch.choices for arch in _space(cell, "c, max_pool, c")] == [(("c.0-1", "any"),)]
    assert _space(cell, "c, c").size == 2


def test_copies_that_ask_for_different_things_are_refused() -> None:
    cell = "nodes: 1, edge: [{choice: [relu, gelu], when: {size: '>= 4'}}]"
    with pytest.raises(SpecError) as caught:
        _space(cell, "c, max_pool, c").check()
    assert caught.value.problems[0].message == (
        "no architecture fits: the copies of this cell cannot be decided together: their conditions differ"
    )
    assert _space(cell, "c, max_pool, c", share=False).size == 2


def test_a_cell_is_one_block_and_its_layers_are_opened() -> None:
    arch = _space(EDGES, "tanh, c").rebuild({"c.0-1": "conv", "c.0-2": "skip", "c.1-2": "skip"})
    tanh, cell, *_ = arch.blocks
    assert isinstance(tanh, Layer)
    assert isinstance(cell, CellLayer)
    assert (cell.inputs, cell.output, cell.cost) == ((1,), (2, 4), Cost(6, 16))
    assert cell.op is arch.cells["c"]
    assert cell.op.inputs == ((2, 4),)
    layers, output = cell.op.layers()
    assert [(layer.op.name, layer.inputs) for layer in layers] == [
        ("relu", (0,)),
        ("conv", (1,)),
        ("add", (2, 0)),
    ] or output
    assert [layer.inputs for layer in arch.layers] == [(0,), (1,), (2,), (1, 3), (4,), (5,)]
    assert arch.layers == tuple(layer for _, layers in arch.sections for layer in layers)
    assert arch.names == ("tanh1", "relu1", "conv1", "add1", "global_avg_pool1", "linear1")


def test_a_network_whose_cell_does_nothing_ends_in_an_identity() -> None:
    space = parse_space(f"input: [2, 4]\nlayers: [relu, {{name: c, cell: {{{EDGES}}}}}]")
    arch = space.rebuild({"c.0-1": "conv", "c.0-2": "skip", "c.1-2": "none"})
    assert [(layer.op.name, layer.inputs) for layer in arch.layers] == [
        ("relu", (0,)),
        ("relu", (1,)),
        ("conv", (2,)),
        ("identity", (1,)),
    ]
    assert [name for name, _ in arch.sections] == ["", "c", ""]
    assert arch.output == (2, 4)


SPACES: dict[str, tuple[str, dict[str, Any]]] = {
    "edges": ("c, {conv: {width: 3, kernel: 1}}, c", {}),
    "edges alone": ("c, {conv: {width: 3, kernel: 1}}", {"share": False}),
    "nodes": ("c, {conv: {width: 5, kernel: 1}}, c", {"cell": NODES}),
    "nodes alone": ("c, {choice: [relu, {conv: {width: 5}}]}", {"cell": NODES, "share": False}),
    "copies": ("{repeat: {choice: [1, 2]}, of: [c, {conv: {width: {choice: [2, 3]}, kernel: 1}}]}", {}),
    "images": ("c, max_pool, c", {"input": "[3, 4, 4]", "cell": NODES}),
}


def _of(name: str, **more: Any) -> Space:
    layers, given = SPACES[name]
    return _space(given.get("cell", EDGES), layers, **{k: v for k, v in given.items() if k != "cell"}, **more)


@pytest.mark.parametrize("name", SPACES)
def test_an_architecture_costs_what_its_layers_cost_and_what_torch_counts(name: str) -> None:
    members = list(_of(name))
    for place, arch in enumerate(members):
        assert arch.cost == _total(arch)
        if place % (len(members) // 12 + 1) == 0:
            with torch.device("meta"):
                network = Network(arch)
            assert arch.params == sum(parameter.numel() for parameter in network.parameters())
            assert Network(arch)(torch.zeros(2, *arch.input)).shape == (2, 3)


@pytest.mark.parametrize("name", SPACES)
@pytest.mark.parametrize("quantity", ["params", "macs"])
def test_limits_count_all_copies(name: str, quantity: str) -> None:
    free = _of(name)
    members = list(free)
    assert free.size == len(members)
    costs = sorted(getattr(arch, quantity) for arch in members)
    assert (free.graph.root.cost[0] + free.graph.root.state.high[0]) == max(arch.params for arch in members)
    for least, greatest in [(0, costs[len(costs) // 2]), (costs[len(costs) // 4], costs[-len(costs) // 4])]:
        space = _of(name, limits=f"{{{quantity}: {{min: {least}, max: {greatest}}}}}")
        kept = [arch for arch in members if least <= getattr(arch, quantity) <= greatest]
        assert 0 < len(kept) == space.size
        assert list(space) == kept


def test_cells_of_two_inputs_read_across_what_lies_between() -> None:
    space = parse_space(
        """
        input: [2, 4]
        define: {c: {share: true, cell: {inputs: 2, nodes: 1, edge: {choice: [identity, tanh]}}}}
        layers: [relu, c, gelu, c, c]
        """
    )
    arch = space.rebuild({"c.0-2": "tanh", "c.1-2": "identity"})
    assert [block.inputs for block in arch.blocks] == [(0,), (1, 1), (2,), (1, 3), (3, 4)]
    assert [(layer.op.name, layer.inputs) for layer in arch.layers] == [
        ("relu", (0,)),
        ("tanh", (1,)),
        ("add", (2, 1)),
        ("gelu", (3,)),
        ("tanh", (1,)),
        ("add", (5, 4)),
        ("tanh", (4,)),
        ("add", (7, 6)),
    ]


def test_many_copies_share_their_states() -> None:
    def states(copies: int) -> int:
        return len(_space(EDGES, ", ".join(["c"] * copies)).graph.states)

    assert states(1) == states(12) == 3


def test_copies_met_in_any_order_are_decided_in_one_state() -> None:
    wide, narrow = "{conv: {width: 3}}, c", "{conv: {width: 2}}, c"
    space = _space(EDGES, f"{{choice: {{a: [{wide}, {narrow}], b: [{narrow}, {wide}, {{conv: {{width: 2}}}}]}}}}")
    assert space.size == 2 * 27
    assert len(space.graph.states) == 1 + 3
    assert all(arch.cost == _total(arch) for arch in space)


def test_decisions_by_their_place() -> None:
    decisions = ("0-1", "a"), ("0-1.a.k", 3), ("2", "0,1"), ("0-2", "b")
    assert by_place(decisions) == {"0-1": (("", "a"), ("a.k", 3)), "2": (("", "0,1"),), "0-2": (("", "b"),)}


def test_costs_of_several_copies() -> None:
    assert scaled(Cost(2, 3), 4) == Cost(8, 12)


def test_a_mapping_describes_cells_like_a_file() -> None:
    cell = {"nodes": 1, "edge": {"choice": ["relu", "zero"]}}
    space = load_space({"input": [2, 4], "layers": [{"name": "c", "cell": cell}]})
    assert space.universe == {"c.0-1": ("relu", "zero")}
