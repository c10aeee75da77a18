"""Membership by shadow networks: how a sample's loss depends on whether a network was trained on it.

Shokri et al., "Membership inference attacks against machine learning models" (S&P 2017); Carlini et al., "Membership
inference attacks from first principles" (S&P 2022; LiRA).
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from nas.evaluate.means import member_seed
from nas.privacy.losses import confidences, losses_of
from nas.space import Architecture
from nas.training import Recipe
from nas.training.fit import fit
from nas.training.workbench import Workbench

LEAST_VARIANCE = 1e-12
"""Of confidences; a variance below is that of rounding."""


def halves(samples: int, shadows: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Which samples each shadow network is trained on, `(shadows, samples)`: a random half, and for the next one those
    that this one left out, so that half of the networks are trained on each sample.

    Args:
        samples: how many there are.
        shadows: an even number of networks.
        rng: draws the halves.
    """
    orders = [rng.permutation(samples) for _ in range(shadows // 2)]
    first = np.array([order < samples // 2 for order in orders])
    return np.stack([first, ~first], axis=1).reshape(shadows, samples)


def shadow_confidences(
    bench: Workbench, arch: Architecture, recipe: Recipe, inside: NDArray[np.bool_], *, seed: int
) -> NDArray[np.float64]:
    """The confidences of shadow networks for the samples of the data set's pool, `(shadows, samples)`.

    Args:
        bench: the data set, device and precision.
        arch: the architecture of all networks.
        recipe: of their trainings; those that watch a validation metric watch it on the samples left out.
        inside: as of `halves`.
        seed: of the first training; those of the others follow from it.

    Raises:
        EvaluationFailed, UsageError: as `nas.training.fit.fit` and `Workbench.view`.
    """

    def each() -> Iterator[NDArray[np.float64]]:
        for place, row in enumerate(inside):
            view = bench.view(train=np.flatnonzero(row), val=np.flatnonzero(~row))
            network = fit(view, arch, recipe, seed=member_seed(seed, place)).network
            yield confidences(losses_of(bench, network, *view.train))

    return np.array(list(each()))


def likelihood_ratios(
    observed: NDArray[np.float64], shadows: NDArray[np.float64], inside: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """The log likelihood ratio of each sample, `(samples,)`: positive if it seems to be a member.

    Confidences of a sample are Gaussian, with one mean over the networks that were trained on it, and another one over
    those that were not (Carlini et al. 2022). Each of both variances is one of all samples, as in the paper where
    networks are few.

    Args:
        observed: the confidences of the network that is attacked, `(samples,)`.
        shadows: those of the shadow networks, `(shadows, samples)`.
        inside: which samples each of these was trained on, likewise; two networks or more with and without each sample.
    """
    likelihoods = []
    for side in (inside, ~inside):
        counts = side.sum(axis=0)
        mean = (shadows * side).sum(axis=0) / counts
        variance = max((((shadows - mean) ** 2) * side).sum() / (counts - 1).sum(), LEAST_VARIANCE)
        likelihoods.append(-((observed - mean) ** 2) / (2 * variance) - np.log(variance) / 2)
    ratios: NDArray[np.float64] = likelihoods[0] - likelihoods[1]
    return ratios
