"""Noise and its cost."""

import math
import sys

import pytest

from nas.accounting import noise_for, spent
from nas.errors import UsageError


@pytest.mark.parametrize(
    ("epsilon", "delta", "steps", "share"),
    [
        (0.1, 1e-6, 10, 1.0),
        (2.0, 1e-5, 100, 1.0),
        (20.0, 1e-3, 1000, 1.0),
        (1.0, 1e-5, 500, 0.01),
        (4.0, 1e-4, 60, 0.2),
    ],
)
def test_noise_meets_epsilon_and_is_no_greater_than_it_takes(
    epsilon: float, delta: float, steps: int, share: float
) -> None:
    noise = noise_for(epsilon, delta, steps, share)
    assert 0.98 * epsilon < spent(noise, delta, steps, share) <= epsilon
    longer, louder = spent(noise, delta, steps + 1, share), spent(noise * 1.1, delta, steps, share)
    assert longer > spent(noise, delta, steps, share) > louder


@pytest.mark.filterwarnings("ignore:Optimal order")
def test_noise_is_that_of_opacus() -> None:
    from opacus.accountants.utils import get_noise_multiplier

    given = {"target_epsilon": 3, "target_delta": 1e-5, "sample_rate": 0.05, "steps": 200}
    theirs = get_noise_multiplier(**given, alphas=[float(order) for order in range(2, 64)])
    assert noise_for(3.0, 1e-5, 200, 0.05) == pytest.approx(theirs, rel=0.01)


def test_epsilon_is_that_of_the_paper() -> None:
    """Abadi et al. 2016, section 3.2: ε is 1.26 for q = 0.01, σ = 4, δ = 1e-5 and 10,000 steps. The conversion of the
    accountant is a tighter one."""
    assert 0.75 * 1.26 < spent(4.0, 1e-5, 10_000, 0.01) < 1.26


def test_epsilon_is_close_below_that_of_the_simple_conversion() -> None:
    """Steps with noise σ are (α, α / 2σ²)-Rényi private, so ε = ρ + 2 sqrt(ρ ln(1 / δ)) (Mironov 2017) bounds it."""
    for noise, steps in ((28.0, 100), (70.0, 500), (7.0, 20)):
        rho = steps / (2 * noise**2)
        simple = rho + 2 * math.sqrt(rho * math.log(1e5))
        assert 0.75 * simple < spent(noise, 1e-5, steps) < simple


def test_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="epsilon: 1e-09 with delta 1e-05 cannot be met in 1,000,000 steps"):
        noise_for(1e-9, 1e-5, 10**6)
    for name in ("opacus", "opacus.accountants", "opacus.accountants.utils"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(UsageError, match=r"pip install 'archwright\[private\]'"):
        noise_for(1.0, 1e-5, 7)
