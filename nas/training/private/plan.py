"""How much noise a private training takes, and what it spends. Importing this does not load torch."""

from collections.abc import Mapping
from typing import NamedTuple

from nas.accounting import noise_for, spent
from nas.errors import UsageError
from nas.training.bounds import bounds_of
from nas.training.recipe import Recipe

SPENT = ("epsilon", "delta", "noise_multiplier")
"""What a private training spends, by its names in metrics."""


class Plan(NamedTuple):
    """How a private training is done.

    Attributes:
        noise: the standard deviation of the noise in multiples of the norm at which gradients are clipped: σ in the
            paper, the noise multiplier of Opacus.
        share: the probability with which a batch has a sample, of each sample independently.
        expected: the expected number of samples of a batch.
        steps: of an epoch.
        delta: δ.
    """

    noise: float
    share: float
    expected: int
    steps: int
    delta: float

    def spent(self, epochs: int) -> Mapping[str, float]:
        """What so many epochs spend, by the names of `SPENT`."""
        epsilon = spent(self.noise, self.delta, epochs * self.steps, self.share)
        return dict(zip(SPENT, (epsilon, self.delta, self.noise), strict=True))


def plan_of(recipe: Recipe, *, known: int, samples: int) -> Plan | None:
    """The plan of a recipe; None: it is not private.

    Args:
        recipe: the recipe.
        known: the number of training samples, N.
        samples: the number of samples of an epoch, at most N.

    Raises:
        UsageError: δ is 1 / N or more, no noise suffices for ε, or Opacus is not installed.
    """
    privacy = recipe.privacy
    if privacy is None:
        return None
    if privacy.delta >= 1 / known:
        raise UsageError(
            f"privacy.delta: expected less than 1 / {known:,}, for as many training samples, got {privacy.delta}"
        )
    expected = min(recipe.batch_size, samples)
    steps, share = len(bounds_of(samples, expected)) - 1, expected / known
    try:
        noise = noise_for(privacy.epsilon, privacy.delta, steps * recipe.epochs, share)
    except UsageError as error:
        raise UsageError(f"privacy.{error}") from None
    return Plan(noise, share, expected, steps, privacy.delta)
