"""Kernels by hand, against brute force, and as kernels must be: symmetric, 1 on the diagonal, positive semidefinite."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest

from nas.controllers.backends.kernels import Basis, cell_graph, decisions_kernel, kernel_of, wl_kernel, wl_labels
from nas.space import Architecture, Space, load_space, parse_space

CONDITIONAL = "input: [4]\nlayers: [{name: n, repeat: {choice: [0, 1, 3]}, of: [{linear: {units: {choice: [2, 3]}}}]}]"

# input → conv → conv → output, and input → pool → output
READS = [[], [0], [1], [0], [2, 3]]
LABELS = ["input", "conv", "conv", "pool", "output"]


@pytest.fixture(scope="module")
def nasbench201() -> Space:
    return load_space("search_spaces/nasbench201.yaml")


def _cell(space: Space, *ops: str) -> Architecture:
    """The architecture with these on the edges 0-1, 0-2, 1-2, 0-3, 1-3, 2-3."""
    edges = ("0-1", "0-2", "1-2", "0-3", "1-3", "2-3")
    return space.rebuild({f"normal.{edge}": op for edge, op in zip(edges, ops, strict=True)})


def _texts(reads: Sequence[Sequence[int]], labels: Sequence[str], level: int) -> list[str]:
    """The tree of what each vertex reads, `level` vertices deep, written out."""
    if level == 0:
        return list(labels)
    below = _texts(reads, labels, level - 1)
    return [f"{below[v]}<{'+'.join(sorted(below[w] for w in reads[v]))}>" for v in range(len(labels))]


def test_labels_by_hand() -> None:
    """Level 0: the two conv are the same. Level 1: one reads the input and one a conv. What reads nothing stays apart
    from the others at each level."""
    levels = wl_labels(READS, LABELS, 2)
    assert [len(set(labels)) for labels in levels] == [4, 5, 5]
    assert levels[0][1] == levels[0][2]
    assert (
        wl_labels([[], [0], [0], [1, 2]], ["input", "conv", "conv", "output"], 3)[3][1:3]
        == [wl_labels([[], [0]], ["input", "conv"], 3)[3][1]] * 2
    )


def test_the_kernel_by_hand() -> None:
    """Counts (input, conv, pool, output) at level 0 are (1, 2, 1, 1) and (1, 1, 0, 1): product 4, lengths 7 and 3. At
    level 1 they share the input and the conv that reads it: product 2, lengths 5 and 3."""
    one, other = wl_labels(READS, LABELS, 1), wl_labels([[], [0], [1]], ["input", "conv", "output"], 1)
    for level, (product, length, other_length) in enumerate([(4, 7, 3), (2, 5, 3)]):
        left, right = Counter(one[level]), Counter(other[level])
        assert sum(left[key] * right[key] for key in left) == product
        assert (sum(n * n for n in left.values()), sum(n * n for n in right.values())) == (length, other_length)


def test_a_cell_as_a_graph(nasbench201: Space) -> None:
    """Edges that hand on what they read are no vertices, and neither is what the output does not depend on.

    Node 1 = conv(0); node 2 = 0; node 3 = pool(1) + pool(2). In the second cell nothing reads node 1.
    """
    arch = _cell(nasbench201, "nor_conv_3x3", "skip_connect", "none", "none", "avg_pool_3x3", "avg_pool_3x3")
    reads, labels = cell_graph(arch.cells["normal"].sketch)
    pool, conv = "avg_pool_3x3", "nor_conv_3x3"
    assert labels == ["input", conv, pool, pool, "output"]
    assert reads == [[], [0], [1], [0], [2, 3]]
    arch = _cell(nasbench201, "nor_conv_3x3", "none", "none", "skip_connect", "none", "none")
    reads, labels = cell_graph(arch.cells["normal"].sketch)
    assert (reads, labels) == ([[], [0]], ["input", "output"])


@pytest.mark.parametrize("name", ["nasbench201", "nasbench101", "darts"])
def test_the_kernel_against_brute_force(name: str) -> None:
    """Counts of the written-out trees, at all levels of every depth; the kernel is positive semidefinite."""
    space = load_space(f"search_spaces/{name}.yaml")
    rng = np.random.default_rng(0)
    found = [space.sample(rng) for _ in range(8)]
    kernel = wl_kernel((0, 1, 3))
    gram = Basis(kernel, found).gram()
    for depth in (0, 1, 3):
        counts = [
            Counter(
                (cell, text)
                for cell in arch.cells
                for level in range(depth + 1)
                for text in _marked(_texts(*cell_graph(arch.cells[cell].sketch), level), level)
            )
            for arch in found
        ]
        products = np.array([[sum(one[key] * other[key] for key in one) for other in counts] for one in counts])
        lengths = np.sqrt(np.diag(products))
        assert np.allclose(gram(depth), products / np.outer(lengths, lengths))
        assert np.linalg.eigvalsh(gram(depth)).min() > -1e-9


def _marked(texts: Sequence[str], level: int) -> list[str]:
    return [f"{level}: {text}" for text in texts]


def test_isomorphic_cells_are_the_same(nasbench201: Space) -> None:
    """With nothing between nodes 1 and 2 these may change places."""
    conv1, conv3, pool = "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3"
    one = _cell(nasbench201, conv1, conv3, "none", "skip_connect", pool, conv1)
    other = _cell(nasbench201, conv3, conv1, "none", "skip_connect", conv1, pool)
    unlike = _cell(nasbench201, conv3, conv1, "none", "skip_connect", pool, conv1)
    gram = Basis(wl_kernel(), [one, other, unlike]).gram()(3)
    assert gram[0, 1] == pytest.approx(1.0)
    assert gram[0, 2] < 0.99


def test_decisions_by_hand() -> None:
    """One decides a repeat alone. The others share two decisions of four; the fourth has other units once."""
    space = parse_space(CONDITIONAL)
    units = "n.{}.0.linear.units"
    none, one, three = (
        space.rebuild({"n.repeat": count, **{units.format(copy): 2 for copy in range(count)}}) for count in (0, 1, 3)
    )
    other = space.rebuild({"n.repeat": 3, units.format(0): 2, units.format(1): 3, units.format(2): 2})
    gram = Basis(decisions_kernel((2.0,)), [none, one, three, other]).gram()(2.0)
    apart = np.array([[0, 2, 4, 4], [2, 0, 3, 3], [4, 3, 0, 1], [4, 3, 1, 0]])
    assert np.allclose(gram, np.exp(-apart / 2))


@pytest.mark.parametrize("name", ["wl", "decisions"])
def test_others_are_compared_as_those_it_was_made_of(nasbench201: Space, name: str) -> None:
    """The kernel to architectures with features that no known one has is what it is when all are known."""
    rng = np.random.default_rng(1)
    found = [nasbench201.sample(rng) for _ in range(10)]
    kernel = wl_kernel() if name == "wl" else decisions_kernel()
    for setting in kernel.settings:
        together = Basis(kernel, found).gram()(setting)
        assert np.array_equal(together, together.T)
        assert np.allclose(np.diag(together), 1.0)
        assert np.allclose(Basis(kernel, found[:3]).cross(found[3:])(setting), together[3:, :3])


def test_which_kernel(nasbench201: Space) -> None:
    cells = [nasbench201.sample(np.random.default_rng(0))]
    plain = [parse_space(CONDITIONAL).sample(np.random.default_rng(0))]
    wl, decisions = wl_kernel().settings, decisions_kernel().settings
    assert kernel_of("auto", cells).settings == kernel_of("wl", plain).settings == wl
    assert kernel_of("auto", plain).settings == kernel_of("decisions", cells).settings == decisions


def test_decisions_outside_cells_count_too() -> None:
    space = parse_space(
        "input: [3, 8, 8]\noutputs: 2\nlayers: [{conv: {width: {choice: [4, 8]}}}, {name: c, cell: {nodes: 1, edge: "
        "{choice: [identity, relu]}}}, flatten, {linear: {units: outputs}}]"
    )
    gram = Basis(wl_kernel(), list(space)).gram()(1)
    assert (gram[np.triu_indices(4, 1)] < 1 - 1e-9).all()
