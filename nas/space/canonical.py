"""Texts and hashes of cells that are equal for isomorphic ones."""

import hashlib
from collections.abc import Mapping, Sequence

LONGEST = 4096


def graph_hash(edges: Sequence[Sequence[bool]], labels: Sequence[object]) -> str:
    """The hash of a labelled directed graph by Ying et al. (2019, NAS-Bench-101, §2.3): equal for isomorphic graphs.

    Each vertex begins with its out-degree, in-degree and label, and takes in the hashes of its neighbours as often as
    there are vertices (Weisfeiler-Lehman). With the labels -1 (input), 0 (conv3x3-bn-relu), 1 (conv1x1-bn-relu), 2
    (maxpool3x3) and -2 (output) this is the module hash of the published table.

    Args:
        edges: the adjacency matrix; `edges[i][j]` is the edge from vertex i to vertex j.
        labels: one for each vertex; vertices are told apart by `str(label)`.

    Returns:
        32 hexadecimal digits (MD5).
    """
    vertices = range(len(labels))
    before = [[i for i in vertices if edges[i][j]] for j in vertices]
    after = [[j for j in vertices if edges[i][j]] for i in vertices]
    hashes = [_md5(str((len(after[v]), len(before[v]), labels[v]))) for v in vertices]
    for _ in vertices:
        hashes = [
            _md5("|".join(["".join(sorted(hashes[w] for w in near[v])) for near in (before, after)] + [hashes[v]]))
            for v in vertices
        ]
    return _md5(str(sorted(hashes)))


def edge_text(inputs: int, edges: Mapping[tuple[int, int], str | None], nodes: int, *, concat: bool) -> str:
    """What a cell with layers on its edges computes, by the rule of Dong & Yang (2020, NAS-Bench-201, §2.4).

    A node is the sorted sum of its edges' texts; an edge that does nothing has the text of the node that it leaves, and
    a zero, or whatever is done to a zero, is `#`. The rule counts 6,466 different cells in NAS-Bench-201. It is not
    complete: a sum with a zero and without it, or sums nested otherwise, may have different texts.

    Args:
        inputs: how many of the nodes are inputs.
        edges: (i, j) to what is done on the edge from node i to node j: a text, empty for nothing, None for a zero.
        nodes: how many nodes there are, inputs included.
        concat: whether the output is all computed nodes, in any order, and not the last one alone.
    """
    values = [str(number) for number in range(inputs)]
    for node in range(inputs, nodes):
        terms = []
        for (source, target), done in edges.items():
            if target != node:
                continue
            if done is None or values[source] == "#":
                terms.append("#")
            else:
                terms.append(f"({values[source]})@{done}" if done else values[source])
        text = "+".join(sorted(terms))
        values.append(text if len(text) <= LONGEST else _md5(text))
    return "|".join(sorted(values[inputs:])) if concat else values[-1]


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
