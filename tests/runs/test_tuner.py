"""Proposals of hyper-parameters: where they begin, what they keep to, and that they follow from the seed."""

import math

import pytest

from nas.final.tuning import SPANS
from nas.runs.tuner import Tuner
from nas.training import Recipe


def _proposals(seed: int, count: int, *, maximize: bool = False) -> list[dict[str, float]]:
    """Those for a training that is best at a learning rate of 0.003."""
    tuner = Tuner(Recipe(lr=0.05), list(SPANS), seed=seed, maximize=maximize)
    found: list[dict[str, float]] = []
    for _ in range(count):
        proposed = tuner.ask()
        distance = abs(math.log(proposed["lr"] / 0.003))
        tuner.tell(None if len(found) == 1 else -distance if maximize else distance)
        found.append(dict(proposed))
    return found


def test_proposals_follow_from_the_seed() -> None:
    first, again, other = (_proposals(seed, 14) for seed in (0, 0, 1))
    assert first == again != other
    assert first[0] == other[0] == {"lr": 0.05, "weight_decay": 0.01, "warmup": 0.2, "label_smoothing": 0.0}
    for proposed in first:
        assert list(proposed) == list(SPANS)
        assert all(SPANS[name].low <= value <= SPANS[name].high for name, value in proposed.items())


@pytest.mark.parametrize("maximize", [True, False])
def test_what_was_told_is_heeded(maximize: bool) -> None:
    found = _proposals(3, 40, maximize=maximize)
    distances = [abs(math.log(one["lr"] / 0.003)) for one in found]
    assert sum(distances[25:]) / 15 < 0.6 * sum(distances[:10]) / 10


def test_a_recipe_outside_of_what_is_tuned_begins_at_its_edge() -> None:
    tuner = Tuner(Recipe(lr=5.0, warmup=0.9), ["lr", "warmup"], seed=0, maximize=True)
    assert tuner.ask() == {"lr": 0.1, "warmup": 0.5}
