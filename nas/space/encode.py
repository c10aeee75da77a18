"""Architectures as arrays of fixed size, for controllers and predictors."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from nas.errors import UsageError
from nas.space.architecture import Architecture
from nas.space.choice import Value
from nas.space.network.cell import Cell

Universe = Mapping[str, tuple[Value, ...]]
"""All decisions of a space, with all their options."""


def encode(universe: Universe, arch: Architecture) -> NDArray[np.float32]:
    """The decisions of `arch` as one vector.

    Returns:
        Shape `(E,)`: the one-hot codes of all decisions of the universe, in order; zeros for decisions that were not
        reached.
    """
    decided = dict(arch.choices)
    taken = [
        name in decided and _same(option, decided[name]) for name, options in universe.items() for option in options
    ]
    return np.array(taken, dtype=np.float32)


def encode_cell(universe: Universe, arch: Architecture, name: str) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """A cell of `arch` as a graph with ops in its vertices (if its ops are on the edges, each edge is a vertex).

    Args:
        universe: that of the space.
        arch: the architecture.
        name: name of the cell, as in `Architecture.cells`.

    Returns:
        The adjacency matrix `(V, V)`, with a 1 at `[i, j]` if vertex j reads vertex i, and the op matrix `(V, K)`,
        one-hot over `cell_labels`. V is the maximum number of vertices of the cell; missing vertices are rows of zeros
        at the end.

    Raises:
        UsageError: there is no such cell.
    """
    if name not in arch.cells:
        raise UsageError(f"there is no cell {name!r}; the cells are {', '.join(arch.cells) or 'none'}")
    cell = arch.cells[name]
    labels = cell_labels(universe, cell)
    edges, ops = cell.dag
    adjacency = np.zeros((cell.most_vertices, cell.most_vertices), dtype=np.float32)
    adjacency[: len(ops), : len(ops)] = edges
    matrix = np.zeros((cell.most_vertices, len(labels)), dtype=np.float32)
    for vertex, label in enumerate(ops):
        if label in labels:  # labels without a choice are not in the matrix
            matrix[vertex, labels.index(label)] = 1
    return adjacency, matrix


def cell_labels(universe: Universe, cell: Cell) -> tuple[str, ...]:
    """The possible labels of the vertices of a cell: `input`, `output`, and the options of its edges or nodes."""
    labels = {"input": None, "output": None}
    seen: set[str] = set()
    for decision, options in universe.items():
        place = decision.removeprefix(f"{cell.name}.")
        vertex = place.partition(".")[0]
        if place == decision or not cell.is_vertex(place) or vertex in seen:
            continue
        seen.add(vertex)
        labels |= dict.fromkeys(option for option in options if isinstance(option, str))
    return tuple(labels)


def outside_cells(arch: Architecture) -> tuple[tuple[str, Value], ...]:
    """The decisions of `arch` outside its cells."""
    inside = tuple(f"{name}." for name in arch.cells)
    return tuple(choice for choice in arch.choices if not choice[0].startswith(inside))


def _same(one: Value, other: Value) -> bool:
    return one == other and type(one) is type(other)
