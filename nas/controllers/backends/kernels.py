"""Kernels between architectures, for Gaussian processes.

Each kernel is a function of inner products of feature counts at several levels. Counts are small integers, so products
are exact in floating point, in any order of summation.

`wl`: the Weisfeiler-Lehman kernel of NAS-BOWL (Ru, Wan, Dong & Osborne, "Interpretable Neural Architecture Search via
Bayesian Optimisation with Weisfeiler-Lehman Kernels", ICLR 2021, arXiv:2006.07556, section 3.1) between the graphs of
cells. A vertex starts with its label; at each level it aggregates the labels of the vertices that it reads
(Shervashidze et al., JMLR 2011), so that its label at level h represents the ops of the cell within h steps of it. The
kernel of depth H is the inner product of the counts of all labels at the levels 0 to H, normalised by the lengths of
both vectors:

    k(a, b) = Σ_h ⟨φ_h(a), φ_h(b)⟩ / √(Σ_h |φ_h(a)|² Σ_h |φ_h(b)|²)

Decisions outside of cells are features of level 0.

`decisions`: k(a, b) = exp(-d / ℓ), where d is the number of decisions that only one of the two reaches, or in which
they differ: a product of one kernel for each decision (the Hamming kernel over categories, for conditional spaces).
"""

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from hashlib import blake2b
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nas.space import Architecture
from nas.space.encode import outside_cells
from nas.space.network.cell import Sketch

Matrix = NDArray[np.float64]
Counts = Mapping[Hashable, int]

DEPTHS = (1, 2, 3)
"""Candidates for H of the Weisfeiler-Lehman kernel; the paper also maximises the marginal likelihood over few."""

LENGTHS = (1.0, 2.0, 4.0, 8.0, 16.0)
"""Candidates for ℓ of the kernel over decisions, in decisions."""

KernelName = Literal["auto", "decisions", "wl"]
"""The kernels by name; `auto`: `wl` for spaces with cells, else `decisions`."""


class Kernel(NamedTuple):
    """A family of kernels.

    Attributes:
        features: of an architecture, at each level.
        settings: the values of the parameter of the family.
        value: the kernel for one of the settings, from inner products at each level: `(N, M)` between two sets of
            architectures, and `(N, 1)` and `(1, M)` of each architecture with itself. Returns `(N, M)`.
    """

    features: Callable[[Architecture], tuple[Counts, ...]]
    settings: tuple[float, ...]
    value: Callable[[Sequence[Matrix], Sequence[Matrix], Sequence[Matrix], float], Matrix]


class Basis:
    """Architectures as count vectors, with a column for each feature that one of them has, at each level."""

    def __init__(self, kernel: Kernel, architectures: Sequence[Architecture]) -> None:
        self.kernel = kernel
        rows = [kernel.features(arch) for arch in architectures]
        self._columns: list[dict[Hashable, int]] = []
        for counts in zip(*rows, strict=True):
            keys = dict.fromkeys(key for count in counts for key in count)
            self._columns.append({key: column for column, key in enumerate(keys)})
        self._rows, own = self._count(rows)
        self._own = [length.T for length in own]

    def gram(self) -> Callable[[float], Matrix]:
        """A function from a setting to the kernel matrix of the architectures, `(N, N)`."""
        return self._with(self._rows, [length.T for length in self._own])

    def cross(self, others: Sequence[Architecture]) -> Callable[[float], Matrix]:
        """A function from a setting to the kernel matrix of M others and these, `(M, N)`."""
        return self._with(*self._count([self.kernel.features(arch) for arch in others]))

    def _with(self, rows: Sequence[NDArray[np.float32]], own: Sequence[Matrix]) -> Callable[[float], Matrix]:
        products = [(one @ other.T).astype(np.float64) for one, other in zip(rows, self._rows, strict=True)]
        return lambda setting: self.kernel.value(products, own, self._own, setting)

    def _count(self, rows: Sequence[tuple[Counts, ...]]) -> tuple[list[NDArray[np.float32]], list[Matrix]]:
        """The counts of the known features at each level, and the squared lengths over all features, `(M, 1)`."""
        counted, own = [], []
        for level, columns in enumerate(self._columns):
            matrix = np.zeros((len(rows), len(columns)), dtype=np.float32)
            for row, levels in enumerate(rows):
                for key, count in levels[level].items():
                    if key in columns:
                        matrix[row, columns[key]] = count
            counted.append(matrix)
            own.append(np.array([[float(sum(c * c for c in levels[level].values()))] for levels in rows]))
        return counted, own


def wl_kernel(depths: Sequence[int] = DEPTHS) -> Kernel:
    """The Weisfeiler-Lehman kernels of these depths between cells."""

    def features(arch: Architecture) -> tuple[Counts, ...]:
        levels = [Counter[Hashable]() for _ in range(max(depths) + 1)]
        for name, cell in arch.cells.items():
            for level, labels in zip(levels, wl_labels(*cell_graph(cell.sketch), max(depths)), strict=True):
                level.update((name, label) for label in labels)
        levels[0].update(outside_cells(arch))
        return tuple(levels)

    def value(products: Sequence[Matrix], left: Sequence[Matrix], right: Sequence[Matrix], depth: float) -> Matrix:
        common, one, other = (sum(parts[: int(depth) + 1], np.zeros(())) for parts in (products, left, right))
        return np.asarray(common / np.sqrt(np.maximum(one, 1.0) * np.maximum(other, 1.0)))

    return Kernel(features, tuple(map(float, depths)), value)


def wl_labels(reads: Sequence[Collection[int]], labels: Sequence[str], depth: int) -> list[list[int]]:
    """The label of each vertex at the levels 0 to `depth`, as numbers; equal labels have equal numbers.

    Args:
        reads: of each vertex the vertices that it reads.
        labels: of each vertex.
        depth: the last level.
    """
    numbers = [int.from_bytes(blake2b(label.encode(), digest_size=7).digest()) for label in labels]
    levels = [numbers]
    for _ in range(depth):
        # The hash of a tuple of numbers is the same in every process, and takes a tenth of the time of a digest.
        numbers = [
            hash((number, *sorted(numbers[source] for source in sources)))
            for number, sources in zip(numbers, reads, strict=True)
        ]
        levels.append(numbers)
    return levels


def cell_graph(sketch: Sketch) -> tuple[list[list[int]], list[str]]:
    """A cell as a graph of what it computes: which vertices each one reads, and labels.

    Vertices are the inputs, the ops and the output. Sums and identities are replaced by what they read; zeros that are
    added to something are not in a sketch; what the output does not depend on is left out.
    """
    spots, edges = sketch.spots, sketch.edges
    before: list[list[int]] = [[] for _ in spots]
    for source, target in edges:
        before[target].append(source)
    reads: list[dict[int, None]] = []
    seen_through: list[dict[int, None]] = []
    for place, spot in enumerate(spots):
        reads.append(dict.fromkeys(one for source in before[place] for one in seen_through[source]))
        passes = spot.kind == "node" or (spot.kind == "op" and not spot.layers)
        seen_through.append(reads[place] if passes else {place: None})
    needed = {len(spots) - 1: None}
    for place in range(len(spots) - 1, -1, -1):
        if place in needed:
            needed |= reads[place]
    number = {place: count for count, place in enumerate(sorted(needed))}
    return [[number[one] for one in reads[place]] for place in number], [spots[place].label for place in number]


def decisions_kernel(lengths: Sequence[float] = LENGTHS) -> Kernel:
    """The kernels over decisions of these lengths."""

    def features(arch: Architecture) -> tuple[Counts, ...]:
        return dict.fromkeys(arch.choices, 1), dict.fromkeys((name for name, _ in arch.choices), 1)

    def value(products: Sequence[Matrix], left: Sequence[Matrix], right: Sequence[Matrix], length: float) -> Matrix:
        same, both = products
        either = left[1] + right[1] - both
        return np.asarray(np.exp((same - either) / length))

    return Kernel(features, tuple(lengths), value)


def kernel_of(name: KernelName, architectures: Sequence[Architecture]) -> Kernel:
    """The kernel of this name; `auto` is `wl` if one of these architectures has a cell."""
    cells = name == "wl" or (name == "auto" and any(arch.cells for arch in architectures))
    return wl_kernel() if cells else decisions_kernel()
