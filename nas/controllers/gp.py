"""Bayesian optimisation with a Gaussian process, as in NAS-BOWL: Ru, Wan, Dong & Osborne, "Interpretable Neural
Architecture Search via Bayesian Optimisation with Weisfeiler-Lehman Kernels", ICLR 2021 (arXiv:2006.07556), algorithm
1.

A Gaussian process is fitted to the trials (Rasmussen & Williams 2006, algorithm 2.1):

    μ(x) = k(x)ᵀ (K + λI)⁻¹ y        σ²(x) = s² (k(x, x) - k(x)ᵀ (K + λI)⁻¹ k(x))

Half of the candidates are mutations of the best architectures, and half are random. Those with the greatest expected
improvement over the best value y⁺ (Jones, Schonlau & Welch 1998) are evaluated:

    EI(x) = (μ - y⁺) Φ(z) + σ φ(z),   z = (μ - y⁺) / σ                                                    (eq. 4)

In spaces with cells the kernel is the paper's, Weisfeiler-Lehman on the graphs of cells; in others, and with `kernel:
decisions`, it compares decisions (`kernels.py`). The parameter of the kernel and the noise λ maximise the marginal
likelihood over a grid; the optimal scale s² has a closed form.

Deviations: the paper's experiments model the logarithm of the error, so that a few very bad architectures do not
determine the scale. To support scores of any unit, y are the normal scores of their ranks (the Gaussian copula of
Salinas, Shen & Perrone, ICML 2020). Failed trials get the worst score so far, and repeated evaluations of a network are
averaged.
"""

import math
from collections.abc import Callable, Sequence
from typing import Annotated, ClassVar, NamedTuple

import numpy as np
from pydantic import Field

from nas.arguments import Positive, checked
from nas.controllers.backends.acquisition import expected_improvement
from nas.controllers.backends.kernels import Basis, Kernel, KernelName, Matrix, kernel_of
from nas.controllers.backends.model_based import Examples, ModelBased
from nas.controllers.backends.scores import Floats, normal_scores, standardize
from nas.space import Architecture, Space

NOISES = (1e-3, 1e-2, 1e-1, 1.0)
"""λ: the variance of the noise, as a multiple of s²."""

SMALLEST = 1e-12
"""Lower bound of variances, which prevents division by 0 where all scores are equal."""


@checked
class BayesianOptimization(ModelBased):
    """A Gaussian process with expected improvement.

    Args:
        space: where to search.
        kernel: between architectures: `wl` of their cells, of their `decisions`, or `auto`: `wl` where there are cells.
        initial: random proposals at the start.
        batch_size: trials between two fits; a batch is the best candidates of one pool (the paper's 5).
        candidates: size of the pool (the paper's 200).
        parents: how many of the best architectures are mutated (the 10 of the authors' code).
    """

    name: ClassVar = "gp"

    def __init__(
        self,
        space: Space,
        *,
        kernel: KernelName = "auto",
        initial: Positive = 10,
        batch_size: Positive = 5,
        candidates: Annotated[int, Field(ge=2)] = 200,
        parents: Positive = 10,
    ) -> None:
        def fit_scores(examples: Examples, _: np.random.Generator) -> Posterior:
            architectures = examples.architectures
            return fit(kernel_of(kernel, architectures), architectures, normal_scores(examples.scores))

        mutants = candidates // 2
        super().__init__(
            space,
            fit_scores,
            initial=initial,
            batch_size=batch_size,
            mutants=mutants,
            random=candidates - mutants,
            parents=parents,
        )


class Posterior(NamedTuple):
    """A fitted Gaussian process.

    Attributes:
        basis: the architectures that it was fitted to.
        setting: parameter of the kernel.
        noise: λ.
        scale: s, in the unit of the values.
        centre: the mean of the values.
        solve: (K + λI)⁻¹ times a matrix.
        weights: (K + λI)⁻¹ y, in the unit of the values.
        evidence: the log marginal likelihood, up to a constant.
        best: y⁺, the greatest of the values.
    """

    basis: Basis
    setting: float
    noise: float
    scale: float
    centre: float
    solve: Callable[[Matrix], Matrix]
    weights: Floats
    evidence: float
    best: float

    def predict(self, arch: Architecture) -> float:
        """The mean of the value of an architecture."""
        return float(self.at([arch])[0][0])

    def acquisition(self, pool: Sequence[Architecture], rng: np.random.Generator) -> Floats:
        """The expected improvement of each of N candidates, `(N,)`."""
        return expected_improvement(*self.at(pool), self.best)

    def at(self, architectures: Sequence[Architecture]) -> tuple[Floats, Floats]:
        """Mean and standard deviation of the value of each, without the noise of an evaluation."""
        cross = self.basis.cross(architectures)(self.setting)
        explained = np.einsum("mn,nm->m", cross, self.solve(cross.T))
        return self.centre + cross @ self.weights, self.scale * np.sqrt(np.maximum(1.0 - explained, SMALLEST))


def fit(
    kernel: Kernel, architectures: Sequence[Architecture], values: Floats, *, noises: Sequence[float] = NOISES
) -> Posterior:
    """The Gaussian process whose kernel and noise maximise the marginal likelihood of these values."""
    basis = Basis(kernel, architectures)
    gram = basis.gram()
    targets, centre, scale = standardize(values)
    fits = (
        _condition(basis, setting, matrix, noise, targets)
        for setting, matrix in ((setting, gram(setting)) for setting in kernel.settings)
        for noise in noises
    )
    found = max(fits, key=lambda posterior: posterior.evidence)
    return found._replace(
        centre=centre, scale=scale * found.scale, weights=scale * found.weights, best=float(values.max())
    )


def _condition(basis: Basis, setting: float, gram: Matrix, noise: float, targets: Floats) -> Posterior:
    """The process with these parameters, for targets of mean 0 and deviation 1 or 0."""
    from scipy.linalg import cho_factor, cho_solve

    factor = cho_factor(gram + noise * np.eye(len(gram)), lower=True)
    weights = cho_solve(factor, targets)
    variance = max(float(targets @ weights) / len(targets), SMALLEST)
    evidence = -len(targets) / 2 * math.log(variance) - float(np.log(np.diag(factor[0])).sum())
    return Posterior(
        basis=basis,
        setting=setting,
        noise=noise,
        scale=math.sqrt(variance),
        centre=0.0,
        solve=lambda matrix: cho_solve(factor, matrix),
        weights=weights,
        evidence=evidence,
        best=float(targets.max()),
    )
