"""Bayesian optimisation with a Gaussian process, as in NAS-BOWL: Ru, Wan, Dong & Osborne, "Interpretable Neural
Architecture Search via Bayesian Optimisation with Weisfeiler-Lehman Kernels", ICLR 2021 (arXiv:2006.07556),
algorithm 1.

A Gaussian process is fitted to what was evaluated (Rasmussen & Williams 2006, algorithm 2.1):

    μ(x) = k(x)ᵀ (K + λI)⁻¹ y        σ²(x) = s² (k(x, x) - k(x)ᵀ (K + λI)⁻¹ k(x))

Candidates are mutations of the best architectures and random ones, half of each; those of the greatest expected
improvement over the best value y⁺ (Jones, Schonlau & Welch 1998) are evaluated:

    EI(x) = (μ - y⁺) Φ(z) + σ φ(z),   z = (μ - y⁺) / σ                                                    (eq. 4)

In spaces with cells the kernel is the paper's, Weisfeiler-Lehman on the graphs of cells; elsewhere, and where
`kernel: decisions` says so, it compares decisions (`kernels.py`). The kernel's parameter and the noise λ are those of
the greatest marginal likelihood on a grid; the scale s² has its maximum in closed form.

Deviations: the paper's experiments model the logarithm of the error, so that a few hopeless architectures do not set
the scale; for scores of any unit, y are the normal scores of their ranks (the Gaussian copula of Salinas, Shen &
Perrone, ICML 2020). A trial that failed counts as the worst score so far, and a network that was evaluated repeatedly
as the mean of its scores.
"""

import math
from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nas.arguments import checked
from nas.controllers.backends.batches import Batches, Examples, Plan, draw_candidates
from nas.controllers.backends.kernels import Basis, Kernel, Matrix, kernel_of
from nas.errors import UsageError
from nas.space import Architecture, Space
from nas.trial import Proposal, Trial

NOISES = (1e-3, 1e-2, 1e-1, 1.0)
"""λ: the variance of the noise, as a multiple of s²."""

SMALLEST = 1e-12
"""A variance is never less than this, so that nothing is divided by 0 where all scores are equal."""

Vector = NDArray[np.float64]


@checked
class BayesianOptimization:
    """A Gaussian process with expected improvement.

    Args:
        space: where to search.
        kernel: between architectures: `wl` of their cells, of their `decisions`, or `auto`: `wl` where there are cells.
        initial: random architectures at the start.
        batch: trials between one fit and the next; a batch is the best candidates of one pool (the paper's 5).
        candidates: size of the pool (the paper's 200).
        parents: how many of the best architectures are mutated (the 10 of the authors' code).
    """

    def __init__(
        self,
        space: Space,
        *,
        kernel: Literal["auto", "decisions", "wl"] = "auto",
        initial: int = 10,
        batch: int = 5,
        candidates: int = 200,
        parents: int = 10,
    ) -> None:
        if candidates < 2 or parents < 1:
            raise UsageError(f"candidates must be 2 or more, and parents 1 or more, got {candidates} and {parents}")
        self.space = space
        self.kernel = kernel
        self.candidates = candidates
        self.parents = parents
        self._batches = Batches(space, initial=initial, size=batch, make_plan=self._make_plan)

    def ask(self, rng: np.random.Generator, pending: Sequence[Proposal] = ()) -> Proposal:
        return self._batches.ask(rng, pending)

    def tell(self, trial: Trial) -> None:
        self._batches.tell(trial)

    def predict(self, arch: Architecture) -> float:
        """The normal score that is expected of an architecture; 0 of all before the first fit. Changes no state."""
        return self._batches.predict(arch)

    def _make_plan(self, examples: Examples, rng: np.random.Generator) -> Plan:
        from nas.controllers.backends.surrogate import normal_scores

        values = normal_scores(examples.scores)
        posterior = fit(kernel_of(self.kernel, examples.architectures), examples.architectures, values)
        mutants = self.candidates // 2
        random = self.candidates - mutants
        pool = draw_candidates(self.space, examples, rng, parents=self.parents, mutants=mutants, random=random)
        if not pool:
            return Plan((), posterior.mean)
        gains = expected_improvement(*posterior.at(pool), float(values.max()))
        return Plan([pool[place] for place in np.argsort(-gains, kind="stable")], posterior.mean)


class Posterior(NamedTuple):
    """What a Gaussian process says of any architecture.

    Attributes:
        basis: what it was fitted to.
        setting: parameter of the kernel.
        noise: λ.
        scale: s, in the unit of the values.
        centre: the mean of the values.
        solve: (K + λI)⁻¹ times a matrix.
        weights: (K + λI)⁻¹ y, in the unit of the values.
        evidence: the logarithm of the marginal likelihood, up to a constant.
    """

    basis: Basis
    setting: float
    noise: float
    scale: float
    centre: float
    solve: Callable[[Matrix], Matrix]
    weights: Vector
    evidence: float

    def at(self, architectures: Sequence[Architecture]) -> tuple[Vector, Vector]:
        """Mean and standard deviation of the value of each, without the noise of an evaluation."""
        cross = self.basis.cross(architectures)(self.setting)
        explained = np.einsum("mn,nm->m", cross, self.solve(cross.T))
        return self.centre + cross @ self.weights, self.scale * np.sqrt(np.maximum(1.0 - explained, SMALLEST))

    def mean(self, arch: Architecture) -> float:
        """The mean alone, of one architecture."""
        return float(self.at([arch])[0][0])


def fit(
    kernel: Kernel, architectures: Sequence[Architecture], values: Vector, *, noises: Sequence[float] = NOISES
) -> Posterior:
    """The Gaussian process whose kernel and noise make these values of these architectures most likely."""
    basis = Basis(kernel, architectures)
    gram = basis.gram()
    centre, scale = float(values.mean()), float(values.std()) or 1.0
    targets = (values - centre) / scale
    fits = (
        _condition(basis, setting, matrix, noise, targets)
        for setting, matrix in ((setting, gram(setting)) for setting in kernel.settings)
        for noise in noises
    )
    found = max(fits, key=lambda posterior: posterior.evidence)
    return found._replace(centre=centre, scale=scale * found.scale, weights=scale * found.weights)


def _condition(basis: Basis, setting: float, gram: Matrix, noise: float, targets: Vector) -> Posterior:
    """The process for these values of the parameters, with targets whose mean is 0 and whose deviation is 1 or 0."""
    from scipy.linalg import cho_factor, cho_solve

    factor = cho_factor(gram + noise * np.eye(len(gram)), lower=True)
    weights = cho_solve(factor, targets)
    variance = max(float(targets @ weights) / len(targets), SMALLEST)
    evidence = -len(targets) / 2 * math.log(variance) - float(np.log(np.diag(factor[0])).sum())
    return Posterior(
        basis, setting, noise, math.sqrt(variance), 0.0, lambda matrix: cho_solve(factor, matrix), weights, evidence
    )


def expected_improvement(mean: Vector, deviation: Vector, best: float) -> Vector:
    """By how much a normal variable exceeds `best` on average."""
    from scipy.special import ndtr

    z = (mean - best) / deviation
    return np.asarray((mean - best) * ndtr(z) + deviation * np.exp(-z * z / 2) / math.sqrt(2 * math.pi))
