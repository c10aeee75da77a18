"""What noise costs, by the accountant of Opacus, which takes the extra `private`: mechanisms that add Gaussian noise,
each time to what follows from a random share of the samples.

The bound is that of Rényi differential privacy (Mironov 2017; of random shares, Mironov et al. 2019, "Rényi
Differential Privacy of the Sampled Gaussian Mechanism"). Importing this loads neither torch nor Opacus.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from nas.errors import UsageError
from nas.extras import package

TENTHS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28)
ORDERS = [*(1 + tenth / 10 for tenth in TENTHS), *map(float, range(4, 64)), 64.0, 96.0, 128.0, 192.0, 256.0]
"""Orders of the Rényi divergence, of which the accountant takes the best one."""
OF_ALL = [*ORDERS, *(float(2**place) for place in range(9, 15))]
"""Orders for steps that have all samples, where the divergence is a formula, and not a sum of as many terms."""


def accountant_utilities() -> Any:
    """The module of Opacus that searches for noise. Raises UsageError if Opacus is not installed."""
    return package("opacus.accountants.utils", "a bound on privacy")


@cache
def noise_for(epsilon: float, delta: float, steps: int, share: float = 1.0) -> float:
    """The least standard deviation of the noise, in multiples of what one sample can change, with which steps are
    (ε, δ)-private; ε is met within 1 %.

    Args:
        epsilon: ε.
        delta: δ, in (0, 1).
        steps: how many there are.
        share: the probability with which a step has a sample, of each sample independently, in (0, 1].

    Raises:
        UsageError: no noise suffices, or Opacus is not installed.
    """
    search = accountant_utilities().get_noise_multiplier
    try:
        with _any_order():
            return float(
                search(
                    target_epsilon=epsilon,
                    target_delta=delta,
                    sample_rate=share,
                    steps=steps,
                    epsilon_tolerance=epsilon / 100,
                    alphas=_orders(share),
                )
            )
    except ValueError as error:
        raise UsageError(f"epsilon: {epsilon} with delta {delta} cannot be met in {steps:,} steps: {error}") from None


@cache
def spent(noise: float, delta: float, steps: int, share: float = 1.0) -> float:
    """The ε of steps with some noise; see `noise_for`."""
    accountant_utilities()
    from opacus.accountants import RDPAccountant

    accountant = RDPAccountant()
    accountant.history = [(noise, share, steps)]
    with _any_order():
        return float(accountant.get_epsilon(delta, alphas=_orders(share)))


def _orders(share: float) -> list[float]:
    return OF_ALL if share == 1 else ORDERS


@contextmanager
def _any_order() -> Iterator[None]:
    """Without the warning that the best order is the first or the last one: the bound holds all the same."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Optimal order is the", UserWarning)
        yield
