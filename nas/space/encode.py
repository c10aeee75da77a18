"""Architectures as arrays of fixed size, for controllers and predictors that learn from numbers."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from nas.errors import UsageError
from nas.space.architecture import Architecture
from nas.space.choice import Value
from nas.space.network.cell import Cell

Universe = Mapping[str, tuple[Value, ...]]
"""Every decision of a space, with all of its options."""


def encode(universe: Universe, arch: Architecture) -> NDArray[np.float32]:
    """The decisions of `arch` as one vector.

    Returns:
        Shape `(E,)`: for each decision of the universe, in order, one number for each option, 1 for the one that was
        taken and else 0; zeros alone for a decision that was not reached.
    """
    decided = dict(arch.choices)
    taken = [
        name in decided and _same(option, decided[name]) for name, options in universe.items() for option in options
    ]
    return np.array(taken, dtype=np.float32)


def encode_cell(universe: Universe, arch: Architecture, name: str) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """A cell of `arch` as a graph with ops in its vertices (for a cell with layers on its edges: one for each edge).

    Args:
        universe: of the space.
        arch: the architecture.
        name: of the cell, as in `Architecture.cells`.

    Returns:
        The adjacency matrix `(V, V)`, `[i, j]` being 1 if vertex j reads vertex i, and the op matrix `(V, K)`, one-hot
        over `cell_labels`. V is the most vertices that a cell may have there; vertices that do not exist are rows of
        zeros at the end.

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
        if label in labels:  # not where nothing was to choose
            matrix[vertex, labels.index(label)] = 1
    return adjacency, matrix


def cell_labels(universe: Universe, cell: Cell) -> tuple[str, ...]:
    """What the vertices of a cell may be: `input`, `output`, and the options of its edges or nodes."""
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
    """The decisions of `arch` that belong to none of its cells."""
    inside = tuple(f"{name}." for name in arch.cells)
    return tuple(choice for choice in arch.choices if not choice[0].startswith(inside))


def _same(one: Value, other: Value) -> bool:
    return one == other and type(one) is type(other)
