"""Bayesian optimisation: the posterior against scikit-learn, expected improvement by hand, and that it finds what is
hidden."""

import math

import numpy as np
import pytest
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel

from nas.controllers import BayesianOptimization
from nas.controllers.backends.acquisition import expected_improvement
from nas.controllers.backends.kernels import LENGTHS, Basis, decisions_kernel, wl_kernel
from nas.controllers.gp import NOISES, fit
from nas.driver.search import search
from nas.space import Space, load_space, parse_space
from nas.testing import MatchEvaluator, check_controller


@pytest.fixture(scope="module")
def space() -> Space:
    """4^6 architectures, 4,096."""
    return parse_space("input: [4]\nlayers: [{repeat: 6, of: [{linear: {units: {choice: [1, 2, 3, 4]}}}]}]")


def test_posterior_against_scikit_learn(space: Space) -> None:
    """Two members that differ in d decisions lie at a squared distance of 2d one-hot, so that exp(-d / ℓ) is the
    squared exponential kernel of length √ℓ."""
    rng = np.random.default_rng(0)
    known, new = ([space.sample(rng) for _ in range(count)] for count in (15, 6))
    values = 3.0 + 2.0 * rng.normal(size=15)
    found = fit(decisions_kernel((2.0,)), known, values, noises=(0.1,))
    variance = found.scale**2
    kernel = ConstantKernel(variance) * RBF(math.sqrt(2.0))
    theirs = GaussianProcessRegressor(kernel, alpha=0.1 * variance, optimizer=None)
    theirs.fit(np.array([space.encode(arch) for arch in known]), values - values.mean())
    mean, deviation = theirs.predict(np.array([space.encode(arch) for arch in new]), return_std=True)
    ours, our_deviation = found.at(new)
    assert np.allclose(ours, mean + values.mean())
    assert np.allclose(our_deviation, deviation)
    assert found.predict(new[0]) == pytest.approx(ours[0])


def test_the_most_likely_setting_is_taken(space: Space) -> None:
    """The marginal likelihood (Rasmussen & Williams, eq. 2.30) of every setting at its best scale, by the formula."""
    rng = np.random.default_rng(1)
    known = [space.sample(rng) for _ in range(20)]
    values = np.array([sum(value == 1 for _, value in arch.choices) for arch in known]) + rng.normal(size=20) / 10
    gram = Basis(decisions_kernel(), known).gram()
    targets = values - values.mean()
    likelihoods = {}
    for length in LENGTHS:
        for noise in NOISES:
            matrix = gram(length) + noise * np.eye(20)
            scale2 = targets @ np.linalg.inv(matrix) @ targets / 20
            likelihoods[length, noise] = -0.5 * (
                20 + np.linalg.slogdet(scale2 * matrix)[1] + 20 * math.log(2 * math.pi)
            )
    found = fit(decisions_kernel(), known, values)
    best = max(likelihoods, key=lambda pair: likelihoods[pair])
    assert (found.setting, found.noise) == best
    assert len(set(likelihoods.values())) == len(LENGTHS) * len(NOISES)


def test_equal_values(space: Space) -> None:
    known = [space.sample(np.random.default_rng(seed)) for seed in range(5)]
    mean, deviation = fit(decisions_kernel(), known, np.full(5, 0.7)).at(known)
    assert np.allclose(mean, 0.7)
    assert np.isfinite(expected_improvement(mean, deviation, 0.7)).all()


def test_predictions_rank_what_was_not_seen(space: Space) -> None:
    """After 60 of 4,096: a correlation above 0.5 with the truth over 60 others."""
    target = MatchEvaluator(space.sample(np.random.default_rng(3)))
    controller = BayesianOptimization(space, batch_size=25)
    assert controller.predict(next(iter(space))) == 0.0
    search(controller, target, trials=60, seed=0)
    rng = np.random.default_rng(4)
    others = [space.sample(rng) for _ in range(60)]
    truth = [target(arch, epochs=None, seed=1)["val_acc"] for arch in others]
    assert np.corrcoef(np.array(truth, dtype=float), [controller.predict(arch) for arch in others])[0, 1] > 0.5


def test_it_finds_what_is_hidden(space: Space) -> None:
    """60 trials. Over 15 other seeds it was found after 41 at the latest, 32 on average; the seed is fixed, and a
    change of the random numbers fails this with a chance below 1 in 1,000."""
    target = MatchEvaluator(space.sample(np.random.default_rng(1000)))
    study = search(BayesianOptimization(space, candidates=60), target, trials=60, seed=0)
    assert max(trial.score or 0.0 for trial in study) == 1.0


@pytest.mark.parametrize("kernel", ["wl", "decisions"])
def test_contract_in_a_space_with_cells(kernel: str) -> None:
    space = load_space("search_spaces/nasbench201.yaml")
    check_controller(
        lambda: BayesianOptimization(space, kernel=kernel, initial=4, candidates=10),  # type: ignore[arg-type]
        space,
        trials=10,
    )


def test_cells_that_some_architectures_lack() -> None:
    space = parse_space(
        """
        input: [4, 8, 8]
        layers:
          - choice:
              with: [{name: c, cell: {nodes: 1, edge: {choice: [identity, relu, tanh]}}}]
              without: [relu]
        """
    )
    check_controller(lambda: BayesianOptimization(space, initial=2, candidates=4), space, trials=6)
    known = list(space)
    assert np.isfinite(fit(wl_kernel(), known, np.arange(4.0)).at(known)[0]).all()
