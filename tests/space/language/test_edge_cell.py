"""Cells with layers on their edges: shapes, layers written down by hand, counts, and what coincides."""

from math import comb, prod

import pytest

from nas.errors import SpecError
from nas.space import Architecture, Space, parse_space
from nas.space.language.edge_cell import show_sources
from nas.space.network.layer import Layer

Written = tuple[str, tuple[int, ...], tuple[int, ...], int]


def _cell(keys: str, input: str = "[2, 4]", before: str = "", after: str = "") -> Space:
    return parse_space(f"input: {input}\nlayers: [{before}{{name: c, cell: {{{keys}}}}}{after}]")


def _written(layers: tuple[Layer, ...]) -> list[Written]:
    """Text, inputs, output and parameters of each layer."""
    return [(layer.op.text, layer.inputs, layer.output, layer.cost.params) for layer in layers]


def _wires(arch: Architecture) -> list[tuple[str, tuple[int, ...]]]:
    return [(layer.op.name, layer.inputs) for layer in arch.layers]


EDGE = "edge: {choice: {none: zero, skip: identity, conv: [relu, {conv: {width: width, kernel: 1}}]}}"


def test_decisions_and_their_order() -> None:
    space = _cell(f"nodes: 3, {EDGE}")
    options = ("none", "skip", "conv")
    assert space.universe == dict.fromkeys(
        [f"c.{edge}" for edge in ("0-1", "0-2", "1-2", "0-3", "1-3", "2-3")], options
    )
    assert space.size == 3**6
    two = _cell(f"nodes: 2, inputs: 2, {EDGE}")
    assert list(two.universe) == [f"c.{edge}" for edge in ("0-2", "1-2", "0-3", "1-3", "2-3")]


def test_decisions_within_an_edge() -> None:
    conv = "{conv: {width: width, kernel: {choice: [1, 3]}}}"
    edge = f"{{choice: {{conv: [{conv}, {{name: act, choice: [relu, gelu]}}], no: zero}}}}"
    space = _cell(f"nodes: 1, edge: {edge}")
    assert space.universe == {
        "c.0-1": ("conv", "no"),
        "c.0-1.conv.0.conv.kernel": (1, 3),
        "c.0-1.conv.act": ("relu", "gelu"),
    }
    assert [_wires(arch) for arch in space][-2:] == [[("conv", (0,)), ("gelu", (1,))], [("zero", (0,))]]
    assert space.size == 5


def test_an_edge_without_a_choice() -> None:
    (arch,) = _cell("nodes: 2, edge: [relu, gelu]")
    assert arch.choices == ()
    assert _wires(arch) == [
        ("relu", (0,)),
        ("gelu", (1,)),
        ("relu", (0,)),
        ("gelu", (3,)),
        ("relu", (2,)),
        ("gelu", (5,)),
        ("add", (4, 6)),
    ]
    assert arch.cells["c"].dag.labels == ("input", "relu + gelu", "relu + gelu", "relu + gelu", "output")


def test_an_edge_of_one_op_with_arguments() -> None:
    space = _cell("nodes: 1, edge: {conv: {width: width, kernel: {choice: [1, 3]}}}")
    assert space.universe == {"c.0-1.conv.kernel": (1, 3)}
    assert next(iter(space)).cells["c"].dag.labels == ("input", "conv", "output")


@pytest.mark.parametrize(
    ("decided", "layers"),
    [
        (("conv", "skip", "conv"), [("relu", (0,)), ("conv", (1,)), ("relu", (2,)), ("conv", (3,)), ("add", (0, 4))]),
        (("skip", "skip", "skip"), [("add", (0, 0))]),
        (("skip", "none", "skip"), []),
        (("none", "none", "none"), [("zero", (0,)), ("zero", (0,))]),
        (("none", "skip", "skip"), [("zero", (0,)), ("add", (0, 1))]),
        (("skip", "none", "none"), [("zero", (0,))]),
        # Node 1 is dead, and stands there all the same: its parameters count.
        (("conv", "skip", "none"), [("relu", (0,)), ("conv", (1,)), ("identity", (0,))]),
        (("conv", "none", "skip"), [("relu", (0,)), ("conv", (1,))]),
    ],
)
def test_layers(decided: tuple[str, ...], layers: list[tuple[str, tuple[int, ...]]]) -> None:
    space = _cell(f"nodes: 2, {EDGE}")
    arch = space.rebuild(dict(zip(space.universe, decided, strict=True)))
    assert _wires(arch) == layers
    assert arch.cost.params == 6 * [name for name, _ in layers].count("conv")


def test_what_follows_a_cell_reads_its_output() -> None:
    space = _cell(f"nodes: 2, {EDGE}", before="tanh, ", after=", silu")
    for decided, wires in [
        (("conv", "skip", "none"), [("tanh", (0,)), ("relu", (1,)), ("conv", (2,)), ("silu", (1,))]),
        (("skip", "none", "skip"), [("tanh", (0,)), ("silu", (1,))]),
        (("skip", "none", "none"), [("tanh", (0,)), ("zero", (1,)), ("silu", (2,))]),
    ]:
        assert _wires(space.rebuild(dict(zip(space.universe, decided, strict=True)))) == wires


def test_the_graph_of_a_cell() -> None:
    space = _cell(f"nodes: 2, {EDGE}")
    dag = space.rebuild({"c.0-1": "conv", "c.0-2": "skip", "c.1-2": "none"}).cells["c"].dag
    assert dag.labels == ("input", "conv", "skip", "none", "output")
    assert [[int(edge) for edge in row] for row in dag.edges] == [
        [0, 1, 1, 0, 0],
        [0, 0, 0, 1, 0],
        [0, 0, 0, 0, 1],
        [0, 0, 0, 0, 1],
        [0, 0, 0, 0, 0],
    ]


def test_isomorphic_cells_coincide() -> None:
    space = _cell(f"nodes: 3, {EDGE}")

    def id_(*decided: str) -> str:
        return space.rebuild(dict(zip(space.universe, decided, strict=True))).id

    # Node 1 is the input itself, so edges that leave either are equal.
    assert id_("skip", "conv", "none", "skip", "none", "conv") == id_("skip", "none", "conv", "none", "skip", "conv")
    assert id_("skip", "conv", "none", "skip", "none", "conv") != id_("skip", "conv", "none", "skip", "conv", "none")
    assert id_("conv", "conv", "none", "skip", "none", "conv") != id_("conv", "none", "conv", "none", "skip", "conv")


def test_sums_are_of_all_that_comes_in() -> None:
    space = _cell("nodes: 3, edge: {choice: [zero, relu]}")
    for arch in space:
        coming = [sum(dict(arch.choices)[f"c.{i}-{j}"] == "relu" for i in range(j)) for j in (1, 2, 3)]
        sums = [len(layer.inputs) for layer in arch.layers if layer.op.name == "add"]
        assert sums == [count for count in coming if count > 1]
        assert sum(layer.op.name == "zero" for layer in arch.layers) == coming.count(0)


def test_width_and_stride() -> None:
    edge = "edge: {conv: {width: width, stride: stride, kernel: 1}}"
    (arch,) = _cell(f"nodes: 2, width: 3, stride: 2, {edge}", "[2, 5, 4]")
    assert _written(arch.layers) == [
        ("conv(width=3, kernel=1, stride=2)", (0,), (3, 3, 2), 9),
        ("conv(width=3, kernel=1, stride=2)", (0,), (3, 3, 2), 9),
        ("conv(width=3, kernel=1)", (1,), (3, 3, 2), 12),
        ("add", (2, 3), (3, 3, 2), 0),
    ]


def test_an_option_that_changes_the_shape_is_not_offered() -> None:
    space = _cell("nodes: 2, stride: 2, edge: {choice: {pool: max_pool, skip: identity}}")
    assert [arch.choices for arch in space] == [(("c.0-1", "pool"), ("c.0-2", "pool"), ("c.1-2", "skip"))]
    with pytest.raises(SpecError) as caught:
        _cell("nodes: 1, width: 3, edge: {choice: [identity, max_pool]}").check()
    assert [str(problem) for problem in caught.value.problems] == [
        "<text>:2:10: c.0-1: no architecture fits: a cell needs 3×4 here, and its layers output 2×4",
    ]


def test_conditions_on_the_shape_in_an_edge() -> None:
    edge = "{choice: {big: {relu: , when: {size: '>= 4'}}, any: [{gelu: , when: {channels: 2}}, tanh]}}"
    assert _cell(f"nodes: 1, edge: {edge}").size == 2
    (arch,) = _cell(f"nodes: 1, edge: {edge}", "[3, 2]")
    assert _wires(arch) == [("tanh", (0,))]


def test_a_cell_reads_maps() -> None:
    with pytest.raises(SpecError, match=r"c: no architecture fits: a cell reads maps of channels, got 8$"):
        _cell("nodes: 1, edge: relu", "[8]").check()


def test_concatenated_nodes() -> None:
    space = _cell("nodes: 3, reads: 1, output: concat, edge: {conv: {width: width, kernel: 1}}")
    arch = space.rebuild({"c.2": "0", "c.3": "1"})
    assert _wires(arch) == [("conv", (0,)), ("conv", (0,)), ("conv", (1,)), ("concat", (1, 2, 3))]
    assert arch.output == (6, 4)
    (single,) = _cell("nodes: 1, output: concat, edge: relu")
    assert _wires(single) == [("relu", (0,))]
    doubled = _cell("nodes: 2, output: concat, edge: identity")
    assert _wires(next(iter(doubled))) == [("add", (0, 0)), ("concat", (0, 1))]


@pytest.mark.parametrize(("inputs", "nodes", "reads"), [(1, 3, 1), (1, 3, 2), (2, 3, 2), (2, 2, 3), (2, 4, 1)])
def test_reads(inputs: int, nodes: int, reads: int) -> None:
    space = _cell(f"inputs: {inputs}, nodes: {nodes}, reads: {reads}, edge: {{choice: [relu, gelu, tanh]}}")
    computed = range(inputs, inputs + nodes)
    assert space.size == prod(comb(node, min(reads, node)) * 3 ** min(reads, node) for node in computed)
    asked = [name for name in space.universe if "-" not in name]
    assert asked == [f"c.{node}" for node in computed if comb(node, min(reads, node)) > 1]
    arch = next(iter(space))
    edges = [name for name, _ in arch.choices if "-" in name]
    assert edges == [f"c.{source}-{node}" for node in computed for source in range(min(reads, node))]


def test_sets_of_nodes_in_words() -> None:
    assert [show_sources(nodes) for nodes in [(0,), (0, 2), (1, 10)]] == ["0", "0,2", "1,10"]
    space = _cell("inputs: 2, nodes: 2, reads: 2, edge: relu")
    assert space.universe == {"c.3": ("0,1", "0,2", "1,2")}


DARTS = """
input: [2, 8, 8]
define:
  darts:
    share: true
    parameters: {width: , stride: 1}
    cell:
      inputs: 2
      nodes: 2
      reads: 2
      edge:
        choice:
          none: {zero: {stride: stride}}
          skip: {factorized_reduce: {width: width, stride: stride}}
          conv: [relu, {conv: {width: width, stride: stride}}]
      project: {conv: {width: width, kernel: 1, stride: stride, bias: false}}
      width: width
      stride: stride
      output: concat
layers:
  - darts: {width: 2}
  - darts: {width: 4, stride: 2}
  - darts: {width: 4}
"""


def test_branches_do_not_see_the_cells_of_each_other() -> None:
    cell = "{cell: {inputs: 2, nodes: 1, width: 2, edge: {conv: {width: 2}}}}"
    residual = f"{{residual: [{cell}]}}"
    parallel = f"{{parallel: [[{{conv: {{width: 3}}}}, {cell}, {cell}], [gelu, {cell}]]}}"
    layers = f"[{cell}, tanh, {parallel}, {cell}, {residual}, {cell}]"
    (arch,) = parse_space(f"input: [2, 4]\nlayers: {layers}")
    blocks = dict(enumerate(arch.blocks, 1))
    ops = {index: block.op.name for index, block in blocks.items() if isinstance(block, Layer)}
    assert ops == {2: "tanh", 3: "conv", 6: "gelu", 8: "add", 11: "add"}
    reads = {index: block.inputs for index, block in blocks.items() if index not in ops}
    # Two values: what the last such cell read, and the current one. Each branch goes on from the first cell, which read
    # the input; behind the merges counts the last branch.
    assert reads == {1: (0, 0), 4: (0, 3), 5: (3, 4), 7: (0, 6), 9: (6, 8), 10: (8, 9), 12: (9, 11)}
    shapes = [arch.input, *(block.output for block in arch.blocks)]
    for block in arch.blocks:
        if not isinstance(block, Layer):
            assert [shapes[index] for index in block.inputs] == list(block.op.inputs)


def test_cells_of_darts() -> None:
    space = parse_space(DARTS)
    assert (
        space.universe
        == {
            "darts.0-2": ("none", "skip", "conv"),
            "darts.1-2": ("none", "skip", "conv"),
            "darts.3": ("0,1", "0,2", "1,2"),
            "darts.1-3": ("none", "skip", "conv"),
            "darts.0-3": ("none", "skip", "conv"),
            "darts.2-3": ("none", "skip", "conv"),
        }
        or list(space.universe) == []
    )
    assert space.size == 3**2 * 3 * 3**2
    arch = space.rebuild(
        {"darts.0-2": "conv", "darts.1-2": "skip", "darts.3": "0,2", "darts.0-3": "conv", "darts.2-3": "skip"}
    )
    same, wide = "conv(width=2)", "conv(width=4)"
    first, second, third = (layers for _, layers in arch.sections)
    assert _written(first) == [
        ("conv(width=2, kernel=1, bias=False)", (0,), (2, 8, 8), 4),
        ("conv(width=2, kernel=1, bias=False)", (0,), (2, 8, 8), 4),
        ("relu", (1,), (2, 8, 8), 0),
        (same, (3,), (2, 8, 8), 38),
        # The other edge, a factorized reduction of stride 1, has nothing to do.
        ("add", (4, 2), (2, 8, 8), 0),
        ("relu", (1,), (2, 8, 8), 0),
        (same, (6,), (2, 8, 8), 38),
        ("add", (7, 5), (2, 8, 8), 0),
        ("concat", (5, 8), (4, 8, 8), 0),
    ]
    assert _written(second) == [
        ("conv(width=4, kernel=1, bias=False)", (0,), (4, 8, 8), 8),
        ("conv(width=4, kernel=1, bias=False)", (9,), (4, 8, 8), 16),
        ("relu", (10,), (4, 8, 8), 0),
        ("conv(width=4, stride=2)", (12,), (4, 4, 4), 148),
        ("factorized_reduce(width=4)", (11,), (4, 4, 4), 24),
        ("add", (13, 14), (4, 4, 4), 0),
        ("relu", (10,), (4, 8, 8), 0),
        ("conv(width=4, stride=2)", (16,), (4, 4, 4), 148),
        ("add", (17, 15), (4, 4, 4), 0),
        ("concat", (15, 18), (8, 4, 4), 0),
    ]
    assert _written(third) == [
        # What the cell before read last is larger by 2.
        ("conv(width=4, kernel=1, stride=2, bias=False)", (9,), (4, 4, 4), 16),
        ("conv(width=4, kernel=1, bias=False)", (19,), (4, 4, 4), 32),
        ("relu", (20,), (4, 4, 4), 0),
        (wide, (22,), (4, 4, 4), 148),
        ("add", (23, 21), (4, 4, 4), 0),
        ("relu", (20,), (4, 4, 4), 0),
        (wide, (25,), (4, 4, 4), 148),
        ("add", (26, 24), (4, 4, 4), 0),
        ("concat", (24, 27), (8, 4, 4), 0),
    ]
    assert arch.output == (8, 4, 4)
    dag = arch.cells["darts"].dag
    assert dag.labels == ("input", "input", "conv", "skip", "conv", "skip", "output")
    assert ["".join("01"[edge] for edge in row) for row in dag.edges] == [
        "0010100",
        "0001000",
        "0000011",
        "0000011",
        "0000001",
        "0000001",
        "0000000",
    ]


def test_all_members_of_darts_cost_what_their_layers_cost() -> None:
    for arch in parse_space(DARTS):
        assert arch.params == sum(layer.cost.params for layer in arch.layers)
        assert arch.macs == sum(layer.cost.macs for layer in arch.layers)


def test_inputs_of_a_cell_that_are_not_projected() -> None:
    space = _cell("nodes: 1, inputs: 2, edge: {choice: {a: {conv: {width: 3}}, b: identity}}, width: 3")
    assert [arch.choices for arch in space] == [(("c.0-2", "a"), ("c.1-2", "a"))]


def test_projections_are_part_of_the_id() -> None:
    space = parse_space(
        """
        input: [2, 4]
        define:
          c:
            parameters: {width: , kernel: 1}
            cell:
              nodes: 1
              edge: {choice: [identity, tanh]}
              width: width
              project: {conv: {width: width, kernel: kernel}}
        layers: [{c: {width: {choice: [2, 4]}, kernel: {choice: [1, 3]}}}, global_avg_pool, {linear: {units: 2}}]
        """
    )
    assert len({arch.id for arch in space}) == space.size == 8


def test_the_width_that_projections_lead_to_is_part_of_the_id() -> None:
    # Nothing else tells these apart: the edges have no width, and what follows reads any.
    text = "input: [2, 4]\nlayers: [{name: c, cell: {nodes: 1, width: %d, edge: relu, project: %s}}, global_avg_pool]"
    for project in ("{conv: {width: width}}", "[tanh, {factorized_reduce: {width: width, stride: stride}}]"):
        ids = {arch.id for width in (4, 6, 8) for arch in parse_space(text % (width, project))}
        assert len(ids) == 3


def test_conditions_in_an_edge_ask_for_no_decision() -> None:
    edge = "{choice: {a: {conv: {width: width}, when: {act: relu}}, b: identity}}"
    with pytest.raises(SpecError) as caught:
        _cell(f"nodes: 1, edge: {edge}", before="{name: act, choice: [relu, gelu]}, ")
    assert str(caught.value) == (
        "<text>:2:121: c.0-1.when: a condition in a cell cannot refer to decisions "
        "(expected size, channels, flat, width, stride, got act)"
    )
