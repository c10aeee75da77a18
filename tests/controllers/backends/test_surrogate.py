"""The posterior against scikit-learn's, kernels and marginal likelihoods by hand, and what it learns."""

import numpy as np
import pytest
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF

from nas.controllers.backends.scores import normal_scores
from nas.controllers.backends.surrogate import (
    COMPONENTS,
    KEPT,
    WEIGHTS,
    Encoder,
    Points,
    Posterior,
    Process,
    components,
    likeliest,
)
from nas.space import Outline, Space, parse_space

CHAIN = "input: [4]\nlayers: [{repeat: 4, of: [{linear: {units: {choice: [1, 2, 3]}}}]}]"


@pytest.fixture(scope="module")
def chain() -> Space:
    """Four decisions of three options."""
    return parse_space(CHAIN)


def _plans(space: Space, count: int, seed: int = 0) -> list[Outline]:
    rng = np.random.default_rng(seed)
    return [space.outline(lambda choice: choice.draw(rng)) for _ in range(count)]


def _plan(space: Space, *units: int) -> Outline:
    left = iter(units)
    return space.outline(lambda choice: next(left))


def test_points_by_hand(chain: Space) -> None:
    points = Encoder(chain)([_plan(chain, 1, 1, 3, 2)])
    assert points.taken.tolist() == [[1, 0, 0, 1, 0, 0, 0, 0, 1, 0, 1, 0]]
    assert points.counts.tolist() == [[2, 1, 1]]  # all four decisions offer the same options: one kind


def test_costs_are_standardised_over_the_space(chain: Space) -> None:
    costs = Encoder(chain)(_plans(chain, 500, seed=1)).costs
    # Means of 500 draws against those of 200: within 4 standard errors of the difference, 4 · √(1/500 + 1/200) = 0.33.
    assert np.abs(costs.mean(axis=0)).max() < 0.33
    assert costs.std(axis=0) == pytest.approx([1, 1], abs=0.2)


def test_components_by_hand(chain: Space) -> None:
    encode = Encoder(chain)
    one, other = encode([_plan(chain, 1, 1, 1, 1)]), encode([_plan(chain, 1, 1, 2, 3)])
    found = components(one, other)[:, 0, 0]
    # Two of four decisions agree; counts are (4, 0, 0) and (2, 1, 1), at a squared distance of 6; variance 2/3 · 4.
    distance = float(((one.costs - other.costs) ** 2).sum())
    assert found == pytest.approx([0.5, 0.25, 0.125, np.exp(-6 / (2 * 8 / 3)), np.exp(-distance / 2)])
    assert components(one, one)[:, 0, 0] == pytest.approx(np.ones(COMPONENTS))


def test_architectures_of_different_length_agree_less() -> None:
    space = parse_space("input: [4]\nlayers: [{repeat: {choice: [1, 4]}, of: [{choice: [relu, gelu]}]}]")
    encode = Encoder(space)

    def plan(count: int) -> Outline:
        return space.outline(lambda choice: count if choice.name.endswith("repeat") else "relu")

    short, long = encode([plan(1)]), encode([plan(4)])
    # They share the first activation alone: 1 / √(2 · 5).
    assert components(short, long)[0, 0, 0] == pytest.approx(1 / np.sqrt(10))


@pytest.mark.parametrize("text", [CHAIN, "input: [4]\nlayers: [relu]"])
def test_kernels_are_positive_definite(text: str) -> None:
    points = Encoder(parse_space(text))(_plans(parse_space(text), 40))
    for kernel in components(points, points):
        assert np.linalg.eigvalsh(kernel).min() > -1e-9


def test_weights_are_shares() -> None:
    assert WEIGHTS.shape[1] == COMPONENTS
    assert WEIGHTS.min() >= 0
    assert WEIGHTS.sum(axis=1) == pytest.approx(np.ones(len(WEIGHTS)))


def _line(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Points:
    """Points that differ in one cost alone."""
    count = len(values)
    return Points(np.ones((count, 1)), np.ones((count, 1)), np.stack([values, np.zeros(count)], axis=1))


def test_the_posterior_is_that_of_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    x, z = rng.normal(size=12), rng.normal(size=5)
    y = np.sin(2 * x)
    cost_alone = np.eye(COMPONENTS)[-1]
    ours = Posterior(_line(x), y, [Process(1.0, cost_alone, 0.1, 1.0)])
    theirs = GaussianProcessRegressor(RBF(1.0), alpha=0.1, optimizer=None).fit(x[:, None], y)
    mean, deviation = theirs.predict(z[:, None], return_std=True)
    assert ours.mean(_line(z)) == pytest.approx(mean)
    # E[max(f - b, 0)] by 200,000 draws, b being the best mean at the points: within 5 · σ / √200,000 < 0.02.
    best = theirs.predict(x[:, None]).max()
    draws = np.maximum(rng.normal(mean, deviation, size=(200_000, 5)) - best, 0).mean(axis=0)
    assert ours.expected_improvement(_line(z)) == pytest.approx(draws, abs=0.02)


def test_a_mixture_is_the_mean_of_its_processes() -> None:
    rng = np.random.default_rng(0)
    x, y, z = rng.normal(size=8), rng.normal(size=8), rng.normal(size=5)
    cost_alone = np.eye(COMPONENTS)[-1]
    processes = [Process(1.0, cost_alone, noise, 1.0) for noise in (0.1, 1.0)]
    alone = [Posterior(_line(x), y, [process]) for process in processes]
    mixed = Posterior(
        _line(x), y, [process._replace(share=share) for process, share in zip(processes, (0.3, 0.7), strict=True)]
    )
    assert mixed.mean(_line(z)) == pytest.approx(0.3 * alone[0].mean(_line(z)) + 0.7 * alone[1].mean(_line(z)))


def test_the_likeliest_are_those_of_scikit_learn() -> None:
    """Of kernels of costs alone, the noise with the highest marginal likelihood, by scikit-learn's figures."""
    rng = np.random.default_rng(3)
    x = rng.normal(size=30)
    y = np.sin(x) + 0.3 * rng.normal(size=30)
    found = likeliest(_line(x), y)
    assert len(found) == KEPT
    assert sum(process.share for process in found) == pytest.approx(1)
    assert [process.share for process in found] == sorted((process.share for process in found), reverse=True)
    first = found[0]

    def evidence(process: Process) -> float:
        kernel = process.scale * (process.weights[-1] * RBF(1.0)(x[:, None]) + (1 - process.weights[-1]))
        covariance = kernel + process.scale * process.noise * np.eye(30)
        return float(-0.5 * (y @ np.linalg.solve(covariance, y) + np.linalg.slogdet(covariance)[1]))

    # All other components are 1 on these points: a constant. Shares go as likelihoods.
    for other in found[1:]:
        assert np.exp(evidence(other) - evidence(first)) == pytest.approx(other.share / first.share)


def test_it_learns_what_two_decisions_do_together(chain: Space) -> None:
    """The score asks whether two decisions agree, which no decision says alone: 60 of 81 networks show the rest."""
    plans = list({plan.choices: plan for plan in _plans(chain, 400)}.values())
    scores = np.array([float(plan.choices[0][1] == plan.choices[2][1]) for plan in plans])
    points = Encoder(chain)(plans)
    shown = slice(60)
    targets = normal_scores(scores[shown])
    posterior = Posterior(points.select(shown), targets, likeliest(points.select(shown), targets))
    means = posterior.mean(points.select(slice(60, None)))
    right = scores[60:] == 1
    assert means[right].min() > means[~right].max()
