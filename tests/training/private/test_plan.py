"""How much noise a training takes."""

import pytest

from nas.accounting import noise_for
from nas.errors import UsageError
from nas.training import Recipe
from nas.training.private.plan import plan_of
from nas.training.private.privacy import Privacy

RECIPE = Recipe(epochs=4, batch_size=50, privacy=Privacy(2.0, 1e-4))


def test_the_plan_is_of_all_steps() -> None:
    plan = plan_of(RECIPE, known=300, samples=120)
    assert plan is not None
    assert (plan.share, plan.expected, plan.steps) == (50 / 300, 50, 3)
    assert plan.noise == noise_for(2.0, 1e-4, 12, 50 / 300)
    found = plan.spent(4)
    assert 1.96 < found["epsilon"] <= 2
    assert (found["delta"], found["noise_multiplier"]) == (1e-4, plan.noise)
    assert plan.spent(2)["epsilon"] < found["epsilon"]


def test_whole_batches_and_no_privacy() -> None:
    plan = plan_of(RECIPE, known=30, samples=30)
    assert plan is not None
    assert (plan.share, plan.expected, plan.steps) == (1.0, 30, 1)
    assert plan_of(Recipe(), known=300, samples=300) is None


def test_errors() -> None:
    with pytest.raises(UsageError, match=r"privacy.delta: expected less than 1 / 20,000, for .* got 0.0001"):
        plan_of(RECIPE, known=20_000, samples=20_000)
    impossible = Recipe(epochs=10**6, batch_size=300, privacy=Privacy(1e-9))
    with pytest.raises(UsageError, match=r"privacy.epsilon: 1e-09 with delta 1e-05 cannot be met in 1,000,000 steps"):
        plan_of(impossible, known=300, samples=300)
