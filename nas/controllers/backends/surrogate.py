"""A posterior over the scores of all architectures of a space: a mixture of Gaussian processes over decisions.

A kernel is a weighted sum of three similarities between two architectures:

    s, s², s³    the share of the decisions in which they agree, s = |x ∩ y| / √(|x| |y|); its powers are the kernels of
                 single decisions, of pairs and of triples of them (Rasmussen & Williams 2006, §4.2.2)
    counts       how often each option was taken anywhere: decisions that offer the same options are of one kind
    costs        the logarithms of parameters and MACs, in standard deviations of the space

The last two are squared exponentials. Weights and noise are averaged over instead of fitted: from a fixed set, the
likeliest are kept, weighted by their marginal likelihoods (R & W, eq. 2.30, scale profiled out), because a single fit
to ten scores is often wrong and overconfident. Scores are transformed to normal scores (the normal quantiles of their
ranks), so that units, outliers and the many bad architectures do not matter.

Fitting takes O(n³) time in the number of trials used, at most `LOOKED_AT`. A posterior is O(n³) in all trials with a
small constant (500 trials: some milliseconds for each process), and a prediction O(n²) for each point.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.linalg import cho_solve, solve_triangular

from nas.controllers.backends.acquisition import expected_improvement
from nas.controllers.backends.scores import Floats
from nas.controllers.backends.vocabulary import Vocabulary
from nas.interrupt import stop_if_asked
from nas.space import Outline, Space

POWERS = 3
"""The highest order of interactions between decisions."""
COMPONENTS = POWERS + 2
MIXTURES = 24
NOISES = (0.003, 0.03, 0.1, 0.3)
"""Candidate variances of the noise, as multiples of the signal variance."""
KEPT = 8
"""Processes in the mixture."""
LOOKED_AT = 200
"""The last trials, by which weights and noise are chosen."""
SCALE_SAMPLES = 200
"""Random architectures from which the spread of costs is estimated."""


def _mixtures() -> Floats:
    """Weights of the components `(MIXTURES, COMPONENTS)`: each alone, all equal, and others from a fixed seed."""
    drawn = np.random.default_rng(1).dirichlet(np.full(COMPONENTS, 0.7), MIXTURES - COMPONENTS - 1)
    return np.concatenate([np.eye(COMPONENTS), np.full((1, COMPONENTS), 1 / COMPONENTS), drawn])


WEIGHTS = _mixtures()


class Points(NamedTuple):
    """M architectures, encoded.

    Attributes:
        taken: `(M, E)` 1 where an option of a decision was taken.
        counts: `(M, C)` how often the options of each kind of decision were taken.
        costs: `(M, 2)` standardised logarithms of parameters and MACs.
    """

    taken: Floats
    counts: Floats
    costs: Floats

    def select(self, rows: Sequence[int] | slice) -> "Points":
        """The points of some rows."""
        return Points(*(array[rows] for array in self))

    def join(self, others: "Points") -> "Points":
        """These points, followed by others."""
        return Points(*(np.concatenate(pair) for pair in zip(self, others, strict=True)))


class Encoder:
    """Makes `Points` of the architectures of a space."""

    def __init__(self, space: Space) -> None:
        self._vocabulary = Vocabulary(space.universe)
        kinds = self._vocabulary.kinds
        self._kind = np.zeros((len(kinds), max(kinds, default=-1) + 1))
        self._kind[range(len(kinds)), kinds] = 1.0
        rng = np.random.default_rng(0)
        logs = np.log1p([space.outline(lambda choice: choice.draw(rng)).cost for _ in range(SCALE_SAMPLES)])
        self._centre, self._spread = logs.mean(axis=0), np.maximum(logs.std(axis=0), 1e-6)

    def __call__(self, plans: Sequence[Outline]) -> Points:
        """The points of M architectures."""
        taken = np.zeros((len(plans), len(self._vocabulary)))
        for row, plan in enumerate(plans):
            taken[row, [self._vocabulary.token(name, value) for name, value in plan.choices]] = 1.0
        costs = np.array([plan.cost for plan in plans], dtype=np.float64).reshape(len(plans), 2)
        return Points(taken, taken @ self._kind, (np.log1p(costs) - self._centre) / self._spread)


def components(one: Points, other: Points) -> Floats:
    """The kernels `(COMPONENTS, M, N)` between M and N points; each is 1 between a point and itself."""
    lengths = [np.maximum(points.taken.sum(axis=1), 1.0) for points in (one, other)]
    agree = one.taken @ other.taken.T / np.sqrt(np.outer(*lengths))
    # Counts differ by some units in a short space and by dozens in a long one.
    counts = _squared_exponential(one.counts, other.counts, 2 / 3 * float(lengths[1].mean()))
    costs = _squared_exponential(one.costs, other.costs, 1.0)
    return np.stack([*(agree ** (power + 1) for power in range(POWERS)), counts, costs])


def _squared_exponential(one: Floats, other: Floats, variance: float) -> Floats:
    distances = (one**2).sum(axis=1)[:, None] + (other**2).sum(axis=1) - 2 * one @ other.T
    return np.asarray(np.exp(-np.maximum(distances, 0.0) / (2 * variance)))


class Process(NamedTuple):
    """A Gaussian process: its share in the mixture, the weights of its components, noise and signal variance."""

    share: float
    weights: Floats
    noise: float
    scale: float


def likeliest(points: Points, targets: Floats) -> tuple[Process, ...]:
    """The `KEPT` processes with the greatest marginal likelihood of the targets of the last `LOOKED_AT` points."""
    count = min(len(targets), LOOKED_AT)
    parts, y = components(*[points.select(slice(-count, None))] * 2), targets[-count:]
    found = []
    for weights in WEIGHTS:
        kernel = np.tensordot(weights, parts, 1)
        for noise in NOISES:
            stop_if_asked()
            factor = np.linalg.cholesky(kernel + noise * np.eye(count))
            scale = max(float((solve_triangular(factor, y, lower=True) ** 2).mean()), 1e-12)
            evidence = -0.5 * count * np.log(scale) - np.log(factor.diagonal()).sum()
            found.append((float(evidence), weights, noise, scale))
    found = sorted(found, key=lambda one: -one[0])[:KEPT]
    shares = np.exp([evidence - found[0][0] for evidence, *_ in found])
    return tuple(Process(float(share), *rest) for share, (_, *rest) in zip(shares / shares.sum(), found, strict=True))


class Posterior:
    """The posterior over the scores of all architectures, given some of them.

    Args:
        points: N architectures.
        targets: `(N,)` their normal scores.
        processes: the mixture.
    """

    def __init__(self, points: Points, targets: Floats, processes: Sequence[Process]) -> None:
        self._points = points
        self._processes = processes
        parts = components(points, points)
        self._factors = []
        for _, weights, noise, _ in processes:
            kernel = np.tensordot(weights, parts, 1)
            factor = np.linalg.cholesky(kernel + noise * np.eye(len(targets)))
            solved = cho_solve((factor, True), targets)
            self._factors.append((factor, solved, float((kernel @ solved).max())))

    def mean(self, points: Points) -> Floats:
        """The posterior mean `(M,)` of M architectures, in normal scores."""
        parts = components(points, self._points)
        means = np.zeros(len(points.taken))
        for process, (_, solved, _) in zip(self._processes, self._factors, strict=True):
            means += process.share * (np.tensordot(process.weights, parts, 1) @ solved)
        return means

    def expected_improvement(self, points: Points) -> Floats:
        """The expected improvement `(M,)` of M architectures over the incumbent, in normal scores.

        The incumbent of each process is the one of the N architectures with the highest posterior mean: under noise,
        the highest score is mostly luck. (Jones, Schonlau & Welch 1998, eq. 15, with the plug-in of Picheny et al.
        2013.)
        """
        parts = components(points, self._points)
        found = np.zeros(len(points.taken))
        for (share, weights, _, scale), (factor, solved, best) in zip(self._processes, self._factors, strict=True):
            kernel = np.tensordot(weights, parts, 1)
            known = solve_triangular(factor, kernel.T, lower=True)
            deviation = np.sqrt(np.maximum(weights.sum() - (known**2).sum(axis=0), 1e-9) * scale)
            found += share * expected_improvement(kernel @ solved, deviation, best)
        return found
