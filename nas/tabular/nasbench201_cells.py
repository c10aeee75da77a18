"""The cells of NAS-Bench-201, as the codes of the operations on their edges."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.errors import UsageError
from nas.tabular.members import Members
from nas.tabular.table import Floats

OPS = ("none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3")
"""The operations, by their codes in all of these files."""

EDGES = ("normal.0-1", "normal.0-2", "normal.1-2", "normal.0-3", "normal.1-3", "normal.2-3")
"""The decisions of the space, in the order of all of these files."""

ROWS = len(OPS) ** len(EDGES)


def members_of_codes(codes: NDArray[np.int16]) -> Members:
    """Cells by the codes of their operations."""
    return Members(EDGES, (OPS,) * len(EDGES), codes)


def codes_of(text: str) -> tuple[int, ...]:
    """The codes of `|avg_pool_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|...~0|...~1|...~2|`. Raises UsageError."""
    nodes = [[edge.split("~") for edge in node.strip("|").split("|")] for node in text.split("+")]
    sources = [[edge[1] if len(edge) == 2 else "" for edge in node] for node in nodes]
    if sources != [["0"], ["0", "1"], ["0", "1", "2"]]:
        raise UsageError(f"{text!r} is not a cell of NAS-Bench-201")
    names = [edge[0] for node in nodes for edge in node]
    unknown = [name for name in names if name not in OPS]
    if unknown:
        raise UsageError(f"{text!r} has the operation {unknown[0]!r}; expected {', '.join(OPS)}")
    return tuple(map(OPS.index, names))


def spelling(operations: Sequence[str]) -> str:
    """The string of a cell by the rule of Dong & Yang (2020, §2.4), by which there are 6,466 non-isomorphic cells.

    The string of a node is the sorted sum of the strings of its edges. A skip connection has the string of its source
    node, and a zero, or any operation on a zero, is `#`. The rule distinguishes strings rather than functions, of which
    there are 5,485 (`Architecture.id`): it identifies one convolution that is used twice with two convolutions, and
    thus networks of different sizes; and it distinguishes sums that differ in zeros or in nesting.

    Args:
        operations: those of the edges 0-1, 0-2, 1-2, 0-3, 1-3, 2-3.
    """
    given = iter(operations)
    nodes = ["0"]
    for _ in range(3):
        terms = []
        for source, operation in zip(tuple(nodes), given, strict=False):
            if operation == "none" or source == "#":
                terms.append("#")
            else:
                terms.append(source if operation == "skip_connect" else f"({source})@{operation}")
        nodes.append("+".join(sorted(terms)))
    return nodes[-1]


def aligned(codes: NDArray[Any], others: NDArray[Any], values: NDArray[Any]) -> Floats:
    """The values of the cells `others`, reordered for the cells `codes`; NaN for missing cells."""
    place = np.full(ROWS, -1)
    place[_number(others)] = np.arange(len(others))
    rows = place[_number(codes)]
    found: Floats = np.where(rows >= 0, np.asarray(values, dtype=np.float32)[rows], np.float32(np.nan))
    return found


def _number(codes: NDArray[Any]) -> NDArray[np.intp]:
    """The index of each cell."""
    if codes.ndim != 2 or codes.shape[1] != len(EDGES) or codes.min() < 0 or codes.max() >= len(OPS):
        raise UsageError(f"codes of shape {codes.shape} are not cells of NAS-Bench-201")
    numbers: NDArray[np.intp] = codes.astype(np.intp) @ (len(OPS) ** np.arange(len(EDGES)))
    return numbers
