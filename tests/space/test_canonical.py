"""Texts and hashes of cells against brute force, and against the counts of the papers."""

import hashlib
from collections.abc import Iterator, Sequence
from itertools import combinations, permutations, product

import pytest

from nas.space.canonical import LONGEST, edge_text, graph_hash

Matrix = tuple[tuple[bool, ...], ...]


def _matrices(count: int) -> Iterator[Matrix]:
    """Every graph on these vertices whose edges lead from lower to higher numbers."""
    pairs = list(combinations(range(count), 2))
    for chosen in product((False, True), repeat=len(pairs)):
        edges = dict(zip(pairs, chosen, strict=True))
        yield tuple(tuple(edges.get((i, j), False) for j in range(count)) for i in range(count))


def _canonical(edges: Matrix, labels: Sequence[object]) -> str:
    """The least spelling over all orders of the vertices, labels and all."""
    orders = permutations(range(len(labels)))
    return min(str(([labels[v] for v in order], [[edges[i][j] for j in order] for i in order])) for order in orders)


@pytest.mark.parametrize(("vertices", "labels"), [(2, "ab"), (3, "ab"), (4, "ab"), (4, "a")])
def test_hashes_tell_graphs_apart_as_isomorphism_does(vertices: int, labels: str) -> None:
    graphs = [(edges, given) for edges in _matrices(vertices) for given in product(labels, repeat=vertices)]
    pairs = {(_canonical(*graph), graph_hash(*graph)) for graph in graphs}
    classes, hashes = ({pair[side] for pair in pairs} for side in range(2))
    assert len(pairs) == len(classes) == len(hashes)


def test_a_hash_is_that_of_the_published_code() -> None:
    # The algorithm of google-research/nasbench, lib/graph_util.py, written out for the graph 0 → 1 → 2, 0 → 2.
    def md5(text: str) -> str:
        return hashlib.md5(text.encode()).hexdigest()

    a, b, c = md5("(2, 0, -1)"), md5("(1, 1, 0)"), md5("(0, 2, -2)")
    for _ in range(3):
        a, b, c = (
            md5("|" + "".join(sorted([b, c])) + "|" + a),
            md5(a + "|" + c + "|" + b),
            md5("".join(sorted([a, b])) + "||" + c),
        )
    edges = (False, True, True), (False, False, True), (False, False, False)
    assert graph_hash(edges, [-1, 0, -2]) == md5(str(sorted([a, b, c])))


def test_a_hash_depends_on_labels_and_directions() -> None:
    line = (False, True, False), (False, False, True), (False, False, False)
    turned = (False, False, False), (True, False, False), (False, True, False)
    assert graph_hash(line, "abc") == graph_hash(turned, "cba") != graph_hash(turned, "abc")
    assert graph_hash(line, ["a", "b", 1]) != graph_hash(line, ["a", "b", "1"])
    assert len(graph_hash(line, "abc")) == 32


OPS = {"none": None, "skip": "", "conv1": "c1", "conv3": "c3", "pool": "p"}


def _cells(nodes: int, options: Sequence[str]) -> list[dict[tuple[int, int], str | None]]:
    pairs = [(source, node) for node in range(1, nodes) for source in range(node)]
    return [
        {pair: OPS[option] for pair, option in zip(pairs, chosen, strict=True)}
        for chosen in product(options, repeat=len(pairs))
    ]


def test_nas_bench_201_has_as_many_cells_as_its_paper_says() -> None:
    texts = {edge_text(1, cell, 4, concat=False) for cell in _cells(4, list(OPS))}
    assert len(texts) == 6466


@pytest.mark.parametrize(
    ("edges", "text"),
    [
        ({(0, 1): ""}, "0"),
        ({(0, 1): None}, "#"),
        ({(0, 1): "r"}, "(0)@r"),
        ({(0, 1): "r", (0, 2): "", (1, 2): ""}, "(0)@r+0"),
        ({(0, 1): "r", (0, 2): "", (1, 2): None}, "#+0"),
        ({(0, 1): None, (0, 2): "r", (1, 2): "r"}, "#+(0)@r"),
        ({(0, 1): "r", (0, 2): None, (1, 2): "s"}, "#+((0)@r)@s"),
        ({(0, 1): None, (0, 2): None, (1, 2): ""}, "#+#"),
    ],
)
def test_texts(edges: dict[tuple[int, int], str | None], text: str) -> None:
    assert edge_text(1, edges, max(node for _, node in edges) + 1, concat=False) == text


def test_concatenated_nodes_come_in_any_order() -> None:
    one = {(0, 2): "a", (1, 2): "b", (0, 3): "c", (1, 3): "d"}
    other = {(0, 3): "a", (1, 3): "b", (0, 2): "c", (1, 2): "d"}
    text = "(0)@a+(1)@b|(0)@c+(1)@d"
    assert edge_text(2, one, 4, concat=True) == edge_text(2, other, 4, concat=True) == text
    assert edge_text(2, one, 4, concat=False) == "(0)@c+(1)@d"


def test_long_texts_are_hashed() -> None:
    # Each node is twice the text of the one before.
    edges: dict[tuple[int, int], str | None] = {}
    for node in range(1, 40):
        edges |= {(source, node): "conv" if source == node - 1 else "" for source in range(node)}
    text = edge_text(1, edges, 40, concat=False)
    assert len(text) <= LONGEST
    assert text == edge_text(1, dict(reversed(edges.items())), 40, concat=False)
    assert text != edge_text(1, {**edges, (0, 1): "pool"}, 40, concat=False)
