"""Cells with layers in their nodes: members against brute force, widths, layers written down by hand."""

from collections.abc import Iterator, Sequence
from itertools import combinations, permutations, product
from typing import Any

import pytest

from nas.errors import SpecError
from nas.ops import Op
from nas.space import Architecture, Space, parse_space
from nas.space.language.node_cell import share_out

Written = tuple[str, tuple[int, ...], tuple[int, ...], int]

PROJECT = "project: {conv: {width: width, kernel: 1, bias: false}}"
NODE = "node: {choice: {conv: {conv: {width: width, kernel: 1, bias: false}}, relu: relu}}"


def _cell(keys: str, input: str = "[2, 4]", after: str = "") -> Space:
    return parse_space(f"input: {input}\nlayers: [{{name: c, cell: {{{keys}}}}}{after}]")


def _written(arch: Architecture) -> list[Written]:
    return [(layer.op.text, layer.inputs, layer.output, layer.cost.params) for layer in arch.layers]


def _graph(rows: Sequence[str], labels: str) -> dict[str, Any]:
    """The decisions of a graph: its adjacency matrix in rows, and a letter for each node between."""
    end = len(rows) - 1
    names = [*map(str, range(end)), "out"]
    decided: dict[str, Any] = {"c.nodes": end - 1}
    decided |= {f"c.{i}-{names[j]}": rows[i][j] == "1" for i, j in combinations(range(end + 1), 2)}
    return decided | {f"c.{node}": {"c": "conv", "r": "relu"}[label] for node, label in enumerate(labels, 1)}


@pytest.mark.parametrize(
    ("width", "read", "widths"),
    [
        (8, "11", [4, 4]),
        (8, "111", [3, 3, 2]),
        (8, "0101", [0, 4, 0, 4]),
        (7, "1011", [3, 0, 2, 2]),
        (5, "1", [5]),
        (5, "00", [0, 0]),
        (5, "", []),
        (2, "111", [1, 1, 0]),
        (512, "11111", [103, 103, 102, 102, 102]),
    ],
)
def test_channels_are_shared_out_the_first_taking_more(width: int, read: str, widths: list[int]) -> None:
    found = share_out(width, [one == "1" for one in read])
    assert found == widths
    assert sum(found) == (width if "1" in read else 0)


def test_decisions_and_their_order() -> None:
    space = _cell(f"nodes: 2, {NODE}, {PROJECT}")
    assert space.universe == {
        "c.nodes": (0, 1, 2),
        "c.0-out": (False, True),
        "c.1-out": (False, True),
        "c.2-out": (False, True),
        "c.2": ("conv", "relu"),
        "c.1-2": (False, True),
        "c.1": ("conv", "relu"),
        "c.0-1": (False, True),
        "c.0-2": (False, True),
    }
    # From the output backwards, since this is how widths are known.
    arch = space.rebuild(_graph(["0110", "0011", "0001", "0000"], "cr"))
    assert [name.removeprefix("c.") for name, _ in arch.choices] == [
        *("nodes", "0-out", "1-out", "2-out", "2", "1-2", "1", "0-1", "0-2")
    ]


def _connected(nodes: int, edges: int) -> Iterator[tuple[tuple[int, int], ...]]:
    """Every graph with this many nodes between input and output, each on a path from one to the other."""
    pairs = list(combinations(range(nodes + 2), 2))
    for chosen in product((False, True), repeat=len(pairs)):
        graph = tuple(pair for pair, one in zip(pairs, chosen, strict=True) if one)
        forward, backward = {0}, {nodes + 1}
        for i, j in graph:
            forward |= {j} if i in forward else set()
        for i, j in reversed(graph):
            backward |= {i} if j in backward else set()
        if len(graph) <= edges and forward == backward == set(range(nodes + 2)):
            yield graph


@pytest.mark.parametrize(("nodes", "edges"), [(1, 9), (2, 9), (3, 10), (3, 9), (3, 5), (3, 3), (3, 1)])
def test_members_against_brute_force_over_adjacency_matrices(nodes: int, edges: int) -> None:
    space = _cell(f"nodes: {nodes}, edges: {edges}, width: 4, {NODE}, {PROJECT}")
    graphs = {(count, graph) for count in range(nodes + 1) for graph in _connected(count, edges)}
    found = set()
    for arch in space:
        decided = dict(arch.choices)
        count = decided["c.nodes"]
        assert isinstance(count, int)
        names = [*map(str, range(count + 1)), "out"]
        matrix = arch.cells["c"].dag.edges
        graph = tuple((i, j) for i, j in combinations(range(count + 2), 2) if decided[f"c.{i}-{names[j]}"])
        assert graph == tuple((i, j) for i, row in enumerate(matrix) for j, edge in enumerate(row) if edge)
        found.add((count, graph))
    assert found == graphs
    assert space.size == sum(2**count for count, _ in graphs)


def test_edges_have_no_limit_by_default() -> None:
    assert _cell(f"nodes: 3, {NODE}, {PROJECT}").size == _cell(f"nodes: 3, edges: 10, {NODE}, {PROJECT}").size


@pytest.mark.parametrize(
    ("rows", "labels", "layers"),
    [
        (["01", "00"], "", [("conv(width=5, kernel=1, bias=False)", (0,), (5, 4), 10)]),
        (
            ["010", "001", "000"],
            "c",
            [
                ("conv(width=5, kernel=1, bias=False)", (0,), (5, 4), 10),
                ("conv(width=5, kernel=1, bias=False)", (1,), (5, 4), 25),
            ],
        ),
        (
            ["011", "001", "000"],
            "r",
            [
                ("conv(width=5, kernel=1, bias=False)", (0,), (5, 4), 10),
                ("relu", (1,), (5, 4), 0),
                ("conv(width=5, kernel=1, bias=False)", (0,), (5, 4), 10),
                ("add", (2, 3), (5, 4), 0),
            ],
        ),
        (
            # 5 channels for two nodes: 3 and 2. Node 1 is truncated where node 2 reads it.
            ["0111", "0011", "0001", "0000"],
            "cr",
            [
                ("conv(width=3, kernel=1, bias=False)", (0,), (3, 4), 6),
                ("conv(width=3, kernel=1, bias=False)", (1,), (3, 4), 9),
                ("truncate(width=2)", (2,), (2, 4), 0),
                ("conv(width=2, kernel=1, bias=False)", (0,), (2, 4), 4),
                ("add", (3, 4), (2, 4), 0),
                ("relu", (5,), (2, 4), 0),
                ("concat", (2, 6), (5, 4), 0),
                ("conv(width=5, kernel=1, bias=False)", (0,), (5, 4), 10),
                ("add", (7, 8), (5, 4), 0),
            ],
        ),
        (
            # Node 1 is read by nodes 2 (3 channels) and 3 (2 channels): it is as wide as the wider.
            ["01000", "00110", "00001", "00001", "00000"],
            "ccc",
            [
                ("conv(width=3, kernel=1, bias=False)", (0,), (3, 4), 6),
                ("conv(width=3, kernel=1, bias=False)", (1,), (3, 4), 9),
                ("conv(width=3, kernel=1, bias=False)", (2,), (3, 4), 9),
                ("truncate(width=2)", (2,), (2, 4), 0),
                ("conv(width=2, kernel=1, bias=False)", (4,), (2, 4), 4),
                ("concat", (3, 5), (5, 4), 0),
            ],
        ),
        (
            ["01100", "00010", "00010", "00001", "00000"],
            "rrc",
            [
                ("conv(width=5, kernel=1, bias=False)", (0,), (5, 4), 10),
                ("relu", (1,), (5, 4), 0),
                ("conv(width=5, kernel=1, bias=False)", (0,), (5, 4), 10),
                ("relu", (3,), (5, 4), 0),
                ("add", (2, 4), (5, 4), 0),
                ("conv(width=5, kernel=1, bias=False)", (5,), (5, 4), 25),
            ],
        ),
    ],
)
def test_layers(rows: list[str], labels: str, layers: list[Written]) -> None:
    arch = _cell(f"nodes: 3, {NODE}, {PROJECT}, width: 5").rebuild(_graph(rows, labels))
    assert _written(arch) == layers


def test_the_graph_of_a_cell() -> None:
    arch = _cell(f"nodes: 2, {NODE}, {PROJECT}").rebuild(_graph(["0111", "0011", "0001", "0000"], "cr"))
    dag = arch.cells["c"].dag
    assert dag.labels == ("input", "conv", "relu", "output")
    assert ["".join("01"[edge] for edge in row) for row in dag.edges] == ["0111", "0011", "0001", "0000"]


def test_stride_is_that_of_the_projection() -> None:
    project = "project: {conv: {width: width, kernel: 1, stride: stride}}"
    space = _cell(
        f"nodes: 1, stride: 2, width: 3, node: {{conv: {{width: width, stride: stride}}}}, {project}", "[2, 5]"
    )
    arch = space.rebuild({"c.nodes": 1, "c.0-out": True, "c.1-out": True, "c.0-1": True})
    assert _written(arch) == [
        ("conv(width=3, kernel=1, stride=2)", (0,), (3, 3), 9),
        ("conv(width=3)", (1,), (3, 3), 30),
        ("conv(width=3, kernel=1, stride=2)", (0,), (3, 3), 9),
        ("add", (2, 3), (3, 3), 0),
    ]


def test_decisions_within_a_node() -> None:
    conv = "{conv: {width: width, kernel: {choice: [1, 3]}}}"
    space = _cell(f"nodes: 1, node: [{conv}, {{name: a, choice: [relu, gelu]}}], {PROJECT}")
    assert [name for name in space.universe if name.startswith("c.1.")] == ["c.1.0.conv.kernel", "c.1.a"]
    # An edge from the input to the output alone; with a node it may be there or not.
    assert space.size == 1 + 2 * 4


def test_a_node_keeps_its_shape() -> None:
    space = _cell(f"nodes: 1, node: {{choice: {{pool: max_pool, same: relu}}}}, {PROJECT}")
    assert {dict(arch.choices).get("c.1") for arch in space} == {None, "same"}


def test_more_nodes_than_channels_are_never_read_by_the_output() -> None:
    space = _cell(f"nodes: 3, width: 2, {NODE}, {PROJECT}")
    read = [[dict(arch.choices).get(f"c.{node}-out") is True for node in (1, 2, 3)] for arch in space]
    assert max(map(sum, read)) == 2
    for arch in space:
        assert all(min(layer.output) > 0 for layer in arch.layers)


@pytest.mark.parametrize("keys", ["nodes: 3", "nodes: 3, edges: 1", "nodes: 3, edges: 2", "nodes: 2, edges: 3"])
def test_graphs_that_are_none_are_not_reported(keys: str) -> None:
    # An output that reads nothing, a node that nothing reads, an edge too many: no reasons why something does not fit.
    assert _cell(f"{keys}, width: 6, {NODE}, {PROJECT}").graph.misfits == ()


def test_why_nothing_fits_is_reported_and_graphs_that_are_none_are_not() -> None:
    with pytest.raises(SpecError) as caught:
        _cell(f"nodes: 2, edges: 2, width: 4, {NODE}").check()
    assert [problem.message for problem in caught.value.problems] == [
        "no architecture fits: an edge from the input of a cell needs 4×4, and its project outputs 2×4"
    ]


def test_spellings_of_one_graph_coincide_if_they_are_of_one_size() -> None:
    after = ", {conv: {width: 2, kernel: 1}}"
    even = _cell(f"nodes: 2, width: 6, {NODE}, {PROJECT}", after=after)
    odd = _cell(f"nodes: 2, width: 5, {NODE}, {PROJECT}", after=after)
    parallel = ["0110", "0001", "0001", "0000"]
    one, turned, other = (even.rebuild(_graph(parallel, labels)) for labels in ("cr", "rc", "cc"))
    assert one.id == turned.id != other.id
    # 5 channels are shared out by the order of the nodes, so that these are not even of one size.
    one, turned = (odd.rebuild(_graph(parallel, labels)) for labels in ("cr", "rc"))
    assert one.params != turned.params
    assert one.id != turned.id
    line, with_skip = ["0100", "0010", "0001", "0000"], ["0101", "0010", "0001", "0000"]
    assert even.rebuild(_graph(line, "cr")).id != even.rebuild(_graph(line, "rc")).id
    assert len({even.rebuild(_graph(rows, "cr")).id for rows in (parallel, line, with_skip)}) == 3


def test_the_order_of_nodes_counts_where_the_output_is_that_of_the_network() -> None:
    space = _cell(f"nodes: 2, width: 6, {NODE}, {PROJECT}")
    one, turned = (space.rebuild(_graph(["0110", "0001", "0001", "0000"], labels)) for labels in ("cr", "rc"))
    assert one.id != turned.id


def test_as_many_ids_as_graphs() -> None:
    # By brute force over all orders of the nodes. Each of these has weights of its own, and 6 channels are shared out
    # evenly.
    node = "node: {choice: {one: {conv: {width: width, kernel: 1}}, three: {conv: {width: width}}}}"
    space = _cell(f"nodes: 3, width: 6, {node}, {PROJECT}", after=", {conv: {width: 2}}")
    kinds: dict[str, set[str]] = {}
    for arch in space:
        dag = arch.cells["c"].dag
        end = len(dag.labels) - 1
        orders = [(0, *order, end) for order in permutations(range(1, end))]
        least = min(str(([dag.labels[v] for v in o], [[dag.edges[i][j] for j in o] for i in o])) for o in orders)
        kinds.setdefault(least, set()).add(arch.id)
    assert all(len(ids) == 1 for ids in kinds.values())
    assert len({arch.id for arch in space}) == len(kinds)


def test_the_input_is_read_where_it_has_the_width_of_its_reader() -> None:
    # Without `project` by all of the cell's width alone, so that no reader shares it with another.
    for arch in _cell(f"nodes: 2, {NODE}"):
        shapes = [arch.input, *(layer.output for layer in arch.layers)]
        for op, inputs, output, _ in arch.layers:
            read = [shapes[index] for index in inputs]
            assert output == (op.shape(read[0]) if isinstance(op, Op) else op.shape(read))
        decided = dict(arch.choices)
        assert not (decided.get("c.1-out") and decided.get("c.2-out"))


@pytest.mark.parametrize(
    ("keys", "needed", "given"),
    [
        (f"nodes: 1, width: 4, {NODE}", "4×4", "2×4"),
        (f"nodes: 1, stride: 2, {NODE}, {PROJECT}", "2×2", "2×4"),
        (f"nodes: 1, {NODE}, project: {{conv: {{width: 3}}}}", "2×4", "3×4"),
    ],
)
def test_a_projection_must_lead_to_what_is_read(keys: str, needed: str, given: str) -> None:
    with pytest.raises(SpecError) as caught:
        _cell(keys).check()
    message = f"no architecture fits: an edge from the input of a cell needs {needed}, and its project outputs {given}"
    assert message in [problem.message for problem in caught.value.problems]


def test_an_output_that_reads_the_input_and_a_node() -> None:
    space = _cell(f"nodes: 1, edges: 3, {NODE}, {PROJECT}")
    arch = space.rebuild({"c.nodes": 1, "c.0-out": True, "c.1-out": True, "c.1": "relu", "c.0-1": True})
    project = "conv(width=2, kernel=1, bias=False)"
    assert _written(arch) == [
        (project, (0,), (2, 4), 4),
        ("relu", (1,), (2, 4), 0),
        (project, (0,), (2, 4), 4),
        ("add", (2, 3), (2, 4), 0),
    ]
    assert arch.params == 8


def test_a_cell_without_room_for_an_edge() -> None:
    with pytest.raises(SpecError, match="the number is out of range"):
        _cell(f"nodes: 1, edges: 0, {NODE}, {PROJECT}")
