"""Schedules by hand, and that of torch's `OneCycleLR`."""

import math
from dataclasses import replace
from typing import get_args

import pytest
import torch

from nas.training import Recipe
from nas.training.recipe import Schedule
from nas.training.schedule import SCHEDULES, pace


def test_the_table_has_what_recipes_name() -> None:
    assert tuple(SCHEDULES) == get_args(Schedule)


def test_cosine_is_golden() -> None:
    # By hand: a line from near 0 to the peak over the warm-up, and then half a cosine. Change with an entry in the
    # changelog.
    for step, expected in {
        0: 1e-3 / 0.201,
        1: 0.101 / 0.201,
        2: 1.0,
        4: (1 + math.sqrt(0.5)) / 2,
        6: 0.5,
        8: (1 - math.sqrt(0.5)) / 2,
    }.items():
        assert pace(Recipe(lr=3.0), step, 10).lr == pytest.approx(3 * expected, abs=1e-12)
    assert [pace(Recipe(lr=1, warmup=0.0), step, 2).lr for step in (0, 1)] == pytest.approx([1.0, 0.5])
    assert pace(Recipe(), 0, 10).momentum is None
    rates = [pace(Recipe(lr=1, warmup=0.3), step, 1000).lr for step in range(1000)]
    assert rates[:301] == sorted(rates[:301])
    assert rates[300:] == sorted(rates[300:], reverse=True)
    assert all(0 < rate <= 1 for rate in rates)


@pytest.mark.parametrize(("steps", "warmup"), [(10, 0.3), (100, 0.2), (37, 0.0), (7, 0.9), (5, 0.05), (2, 0.2)])
def test_one_cycle_is_that_of_torch(steps: int, warmup: float) -> None:
    recipe = Recipe(lr=0.4, warmup=warmup, schedule="one_cycle")
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0, momentum=0.5)
    theirs = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.4, total_steps=steps, pct_start=warmup)
    for step in range(steps):
        (group,) = optimizer.param_groups
        assert pace(recipe, step, steps) == pytest.approx((group["lr"], group["momentum"]), rel=1e-9)
        optimizer.step()
        if step + 1 < steps:
            theirs.step()


@pytest.mark.parametrize("warmup", [0.0, 0.2, 0.9])
@pytest.mark.parametrize("schedule", SCHEDULES)
def test_the_only_step_is_taken_at_the_peak(schedule: Schedule, warmup: float) -> None:
    """Torch's `OneCycleLR` gives it 1/250,000 of the rate: nothing would be learned."""
    found = pace(Recipe(lr=0.4, warmup=warmup, schedule=schedule), 0, 1)
    assert found == (0.4, 0.85 if schedule == "one_cycle" else None)


def test_a_warm_up_of_one_step_begins_at_the_peak() -> None:
    """Torch divides by zero."""
    assert pace(Recipe(lr=0.4, warmup=0.1, schedule="one_cycle"), 0, 10) == (0.4, 0.85)


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize(
    ("epochs", "swa", "held"), [(8, 0.25, 60), (8, 0.3, 60), (2, 0.5, 40), (4, 0.9, 16), (1, 0.5, 16)]
)
def test_the_pace_of_averaged_epochs_stays(schedule: Schedule, epochs: int, swa: float, held: int) -> None:
    """At that of the step where they begin, which is not one of the warm-up."""
    plain = Recipe(epochs=epochs, schedule=schedule)
    found = [pace(replace(plain, swa=swa), step, 80) for step in range(80)]
    assert found == [pace(plain, min(step, held), 80) for step in range(80)]
