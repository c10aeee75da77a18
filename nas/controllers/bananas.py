"""BANANAS: White, Neiswanger & Savani, "BANANAS: Bayesian Optimization with Neural Architectures for Neural
Architecture Search", AAAI 2021 (arXiv:1910.11858), algorithm 1.

After `initial` random architectures, an ensemble of feed-forward networks is trained to predict scores. Candidates are
mutations of the best architectures; those with the best independent Thompson samples are evaluated (section 3): for
each candidate x a score is sampled from the predictions of the M networks f_m,

    f̃(x) ~ N(f̂(x), σ̂²(x)),   f̂ = 1/M Σ f_m,   σ̂² = 1/(M-1) Σ (f_m - f̂)²,

and the `batch_size` greatest are evaluated before the ensemble is trained again.

A cell is encoded by its paths (section 4): one feature for each path from an input to the output, 1 if the cell has it.
The encoding is truncated to paths of at most `longest` ops; the paper's 40 of 364 paths in NAS-Bench-101 are those of
at most 3. Decisions outside of cells are encoded one-hot, and so are all decisions where there is no cell.

Deviations: only paths and options that occur in a told architecture are features, since nothing can be learned of
others. Scores are standardised. The networks are trained for `steps` steps of 32 examples, where the paper's 200 epochs
grow with the history (for the first 32 trials it is the same). Candidates are `candidates` mutations of the `parents`
best architectures, which take turns. Failed trials get the worst score so far, and repeated evaluations of a network
are averaged.
"""

from collections.abc import Hashable, Iterator, Sequence
from typing import ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nas.arguments import NotNegative, Positive, checked
from nas.controllers.backends.ensemble import Ensemble, train_ensemble
from nas.controllers.backends.model_based import Examples, ModelBased
from nas.controllers.backends.scores import Floats, standardize
from nas.space import Architecture, Space
from nas.space.encode import outside_cells
from nas.space.network.cell import Dag

MEMBERS = 5
DEPTH, WIDTH = 10, 20
LR = 0.01
BATCH_SIZE = 32
"""The ensemble of the paper: five networks of ten layers of twenty units."""


@checked
class Bananas(ModelBased):
    """An ensemble of neural predictors, with independent Thompson sampling.

    Args:
        space: where to search.
        initial: t0, random proposals at the start (the paper's 10).
        batch_size: k, trials between two trainings of the ensemble (the paper's 10).
        candidates: c, mutations that a batch is chosen from (the paper's 100).
        parents: how many of the best architectures are mutated.
        steps: of Adam, in each training of the ensemble (the paper's 200 epochs).
        longest: ops on the longest path that is encoded.
    """

    name: ClassVar = "bananas"

    def __init__(
        self,
        space: Space,
        *,
        initial: Positive = 10,
        batch_size: Positive = 10,
        candidates: Positive = 100,
        parents: Positive = 5,
        steps: Positive = 200,
        longest: NotNegative = 3,
    ) -> None:
        def fit(examples: Examples, rng: np.random.Generator) -> Predictor:
            return train_predictor(examples, rng, steps=steps, longest=longest)

        super().__init__(
            space, fit, initial=initial, batch_size=batch_size, mutants=candidates, random=0, parents=parents
        )


class Predictor(NamedTuple):
    """A trained ensemble, with the encoding of its inputs and the scale of its outputs."""

    encoding: "Encoding"
    ensemble: Ensemble
    mean: float
    deviation: float

    def predict(self, arch: Architecture) -> float:
        """The mean of the members' predictions, in the unit of the scores."""
        return float(self.scores([arch]).mean())

    def acquisition(self, pool: Sequence[Architecture], rng: np.random.Generator) -> Floats:
        """A Thompson sample of the score of each candidate, `(N,)`."""
        return thompson(self.scores(pool), rng)

    def scores(self, architectures: Sequence[Architecture]) -> Floats:
        """What each of M members predicts for each of N architectures, `(M, N)`."""
        return self.mean + self.deviation * self.ensemble.predict(self.encoding.encode(architectures))


def train_predictor(examples: Examples, rng: np.random.Generator, *, steps: int, longest: int) -> Predictor:
    """Trains an ensemble on the standardised scores of some architectures."""
    encoding = Encoding(examples.architectures, longest)
    targets, mean, deviation = standardize(examples.scores)
    ensemble = train_ensemble(
        encoding.encode(examples.architectures),
        targets,
        rng,
        members=MEMBERS,
        depth=DEPTH,
        width=WIDTH,
        steps=steps,
        batch_size=BATCH_SIZE,
        lr=LR,
    )
    return Predictor(encoding, ensemble, mean, deviation)


def thompson(predicted: Floats, rng: np.random.Generator) -> Floats:
    """Independent Thompson sampling: a score for each of N candidates, from the M predictions of each, `(M, N)`."""
    return np.asarray(rng.normal(predicted.mean(axis=0), predicted.std(axis=0, ddof=1)))


class Encoding:
    """Architectures as vectors, with a column for each feature that one of the given architectures has."""

    def __init__(self, architectures: Sequence[Architecture], longest: int) -> None:
        self.longest = longest
        keys = dict.fromkeys(feature for arch in architectures for feature in features(arch, longest))
        self.columns: dict[Hashable, int] = {key: column for column, key in enumerate(keys)}

    def encode(self, architectures: Sequence[Architecture]) -> NDArray[np.float32]:
        """Shape `(N, F)`."""
        matrix = np.zeros((len(architectures), len(self.columns)), dtype=np.float32)
        for row, arch in enumerate(architectures):
            known = [self.columns[key] for key in features(arch, self.longest) if key in self.columns]
            matrix[row, known] = 1
        return matrix


def features(arch: Architecture, longest: int) -> Iterator[Hashable]:
    """The paths of each cell, and each decision outside of cells with the option taken."""
    for name, cell in arch.cells.items():
        for path in paths(cell.dag, longest):
            yield name, path
    yield from outside_cells(arch)


def paths(dag: Dag, longest: int) -> list[tuple[int | str, ...]]:
    """Every path from an input to the output over at most `longest` vertices: the input's index, and the labels."""
    last = len(dag.labels) - 1
    inputs = [vertex for vertex, label in enumerate(dag.labels) if label == "input"]
    ahead: list[tuple[int, tuple[int | str, ...]]] = [(vertex, (vertex,)) for vertex in inputs]
    found: dict[tuple[int | str, ...], None] = {}
    while ahead:
        longer = []
        for vertex, path in ahead:
            if dag.edges[vertex][last]:
                found.setdefault(path)
            if len(path) <= longest:
                following = (reader for reader in range(vertex + 1, last) if dag.edges[vertex][reader])
                longer += [(reader, (*path, dag.labels[reader])) for reader in following]
        ahead = longer
    return list(found)
