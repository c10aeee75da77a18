"""The posterior over the end of a curve: against formulas, sampling, and curves that it has to predict."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import t as student

from nas.controllers.backends import learning_curves
from nas.controllers.backends.learning_curves import End, LearningCurves

EPOCHS = (1, 2, 4, 8)
Floats = NDArray[np.float64]


def drawn(count: int, *, seed: int = 0, noise: float = 0.005) -> Floats:
    """`(count, 4)`, curves that rise to different ends."""
    rng = np.random.default_rng(seed)
    ends, gains = rng.normal(0.8, 0.05, (count, 1)), rng.normal(0.3, 0.05, (count, 1))
    return np.asarray(ends - gains / np.array(EPOCHS) + rng.normal(0, noise, (count, len(EPOCHS))))


@pytest.fixture
def one_prior(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Leaves one of the priors, so that there is no mixture."""
    for name in ("LEVELS", "DECAYS", "NOISES"):
        monkeypatch.setattr(learning_curves, name, (0.7,))
    learning_curves.priors.cache_clear()
    yield
    learning_curves.priors.cache_clear()


def test_a_mixture() -> None:
    end = End(np.array([0.25, 0.75]), np.array([1.0, 2.0]), np.array([0.5, 0.1]), 5.0)
    assert end.mean == 1.75
    expected = 0.25 * student(5, 1, 0.5).sf(1.5) + 0.75 * student(5, 2, 0.1).sf(1.5)
    assert end.above(1.5) == pytest.approx(expected)


@pytest.mark.usefixtures("one_prior")
def test_with_whole_curves_it_is_the_conjugate_posterior() -> None:
    """The conditional of the predictive distribution of a normal inverse-Wishart posterior (Murphy 2007, section 9)."""
    curves = drawn(7)
    center = curves[:, -1].mean()
    unit = np.sqrt(((curves - center) ** 2).mean())
    table, seen = (curves - center) / unit, (drawn(1, seed=1)[0] - center) / unit
    count, mean = len(table), table.mean(axis=0)
    nu, kappa = learning_curves.CURVES, learning_curves.MEANS
    prior = nu * learning_curves.covariances(EPOCHS)[0]
    scatter = (table - mean).T @ (table - mean)
    scale = prior + scatter + kappa * count / (kappa + count) * np.outer(mean, mean)
    middle, factor = count * mean / (kappa + count), (kappa + count + 1) / (kappa + count)
    inverse = np.linalg.inv(scale[:3, :3])
    distance = seen[:3] - middle[:3]
    degrees = nu + count + 3
    expected_mean = middle[3] + scale[3, :3] @ inverse @ distance
    spread = (factor + distance @ inverse @ distance) / degrees * (scale[3, 3] - scale[3, :3] @ inverse @ scale[:3, 3])
    end = LearningCurves(EPOCHS, curves.tolist()).end(drawn(1, seed=1)[0][:3])
    assert end.degrees == degrees
    assert end.means == pytest.approx([expected_mean * unit + center])
    assert end.scales == pytest.approx([np.sqrt(spread) * unit])


@pytest.mark.usefixtures("one_prior")
def test_moments_over_several_levels_are_those_of_samples() -> None:
    """100,000 draws of coefficients and noise; the mean within 5 standard errors, the variance within 5 %."""
    curves = [curve[: 4 if place % 3 else 2] for place, curve in enumerate(drawn(12).tolist())]
    model = LearningCurves(EPOCHS, curves)
    end = model.end(curves[1][:1])
    rng, count = np.random.default_rng(0), 100_000
    paths = np.column_stack([np.ones(count), np.full(count, (curves[1][0] - model.center) / model.unit)])
    for regression in model.regressions[1:]:
        variances = regression.squares[0] / rng.chisquare(regression.degrees, count)
        root = np.linalg.cholesky(regression.covariances[0])
        coefficients = rng.normal(size=(count, len(root))) @ root.T * np.sqrt(variances)[:, None]
        means = (paths * (regression.coefficients[0] + coefficients)).sum(axis=1)
        paths = np.column_stack([paths, means + rng.normal(size=count) * np.sqrt(variances)])
    sampled = paths[:, -1] * model.unit + model.center
    assert end.mean == pytest.approx(sampled.mean(), abs=5 * sampled.std() / np.sqrt(count))
    variance = end.scales[0] ** 2 * end.degrees / (end.degrees - 2)
    assert variance == pytest.approx(sampled.var(), rel=0.05)


def test_the_unit_of_scores_does_not_matter() -> None:
    curves, seen = drawn(6), drawn(1, seed=3)[0]
    for factor, shift in ((100.0, 0.0), (0.001, -5.0), (1.0, -0.8)):
        end = LearningCurves(EPOCHS, (curves * factor + shift).tolist()).end(seen[:2] * factor + shift)
        plain = LearningCurves(EPOCHS, curves.tolist()).end(seen[:2])
        assert end.mean == pytest.approx(plain.mean * factor + shift)
        assert end.above(0.82 * factor + shift) == pytest.approx(plain.above(0.82))


def test_a_better_beginning_promises_a_better_end() -> None:
    model = LearningCurves(EPOCHS, drawn(10).tolist())
    ends = [model.end([score, score + 0.1]) for score in np.linspace(0.3, 0.7, 9)]
    assert [end.mean for end in ends] == sorted(end.mean for end in ends)
    assert [end.above(0.8) for end in ends] == sorted(end.above(0.8) for end in ends)


def test_more_of_a_curve_says_more() -> None:
    model, curve = LearningCurves(EPOCHS, drawn(20).tolist()), drawn(1, seed=5)[0]
    deviations = [np.sqrt(end.weights @ end.scales**2) for end in (model.end(curve[:seen]) for seen in (1, 2, 3))]
    assert deviations == sorted(deviations, reverse=True)
    assert deviations[-1] < 0.02


def test_curves_that_were_stopped_correct_for_those_that_were_not() -> None:
    """The ends of bad networks are told by the slope of all beginnings, which the good ones alone hide."""
    rng = np.random.default_rng(0)
    levels = rng.normal(0, 0.1, 60)
    whole = 0.7 + levels[:, None] + np.array([-0.3, -0.2, -0.1, 0.0]) + rng.normal(0, 0.02, (60, 4))
    stopped = [curve if curve[1] > 0.55 else curve[:2] for curve in whole]
    bad = 0.7 - 0.25 + np.array([-0.3, -0.2])
    finished = LearningCurves(EPOCHS, [curve for curve in stopped if len(curve) == 4]).end(bad.tolist())
    everything = LearningCurves(EPOCHS, stopped).end(bad.tolist())
    assert abs(everything.mean - 0.45) < abs(finished.mean - 0.45)
    assert everything.mean == pytest.approx(0.45, abs=0.04)


@pytest.mark.parametrize("seed", range(2))
def test_intervals_cover_what_they_promise(seed: int) -> None:
    """Of 80 ends, a 90 % interval misses 8; more than 19 have a chance of 1 in 5,000 (binomial), fewer than 1 too."""
    curves = drawn(120, seed=seed)
    model = LearningCurves(EPOCHS, [curve if place % 2 else curve[:2] for place, curve in enumerate(curves[:40])])
    above = np.array([model.end(curve[:2]).above(curve[-1]) for curve in curves[40:]])
    assert 1 <= ((above < 0.05) | (above > 0.95)).sum() <= 19


@pytest.mark.parametrize(
    "curves",
    [
        [[0.5, 0.5, 0.5, 0.5]],
        [[0.5, 0.5, 0.5, 0.5], [0.5]],
        [[0.0, 0.0, 0.0, 0.0]] * 3,
        [[-1e12, 0.1, 0.2, 0.3], [0.1, 0.2, 0.3, 0.4], [-1e12]],
    ],
)
def test_odd_curves_have_a_posterior(curves: Sequence[Sequence[float]]) -> None:
    end: Any = LearningCurves(EPOCHS, curves).end([0.1])
    assert np.isfinite([end.mean, *end.means, *end.scales]).all()
    assert 0 <= end.above(0.4) <= 1
    assert end.weights.sum() == pytest.approx(1)
