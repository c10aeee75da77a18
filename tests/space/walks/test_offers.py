"""The choices of a walk and their options."""

from pathlib import Path

import numpy as np
import pytest

from nas.errors import UsageError
from nas.space import load_space, parse_space
from nas.space.walks.offers import Offers

DIGITS = Path(__file__).parents[3] / "search_spaces" / "digits_cnn.yaml"


def test_a_walk_meets_each_choice_once_however_often_it_is_walked() -> None:
    space = parse_space("input: [4]\nlayers: [{repeat: {choice: [1, 2]}, of: [{choice: [relu, gelu]}]}]")
    offers = Offers(space.graph.root, None)
    choices, edges = offers.walk(lambda offer: offer.take(offer.choice.options[-1]))
    assert choices == (("0.repeat", 2), ("0.0.0", "gelu"), ("0.1.0", "gelu"))
    assert len(edges) == len(choices) + 1
    met = []
    for _ in range(2):
        offers.walk(lambda offer: met.append(offer) or offer.take(offer.choice.options[-1]))  # type: ignore[func-returns-value]
    assert all(one is other for one, other in zip(met[:3], met[3:], strict=True))
    assert [offer.choice.weights for offer in met[:3]] == [(2, 4), (2, 2), (1, 1)]


def test_what_is_no_option_is_refused() -> None:
    offers = Offers(parse_space("input: [4]\nlayers: [{choice: [relu, gelu]}]").graph.root, None)
    with pytest.raises(UsageError, match=r"^0: 'tanh' is not an option here; the options are 'relu', 'gelu'$"):
        offers.walk(lambda offer: offer.take("tanh"))


def test_offers_are_forgotten_without_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = [load_space(DIGITS).sample(np.random.default_rng(seed)).id for seed in range(20)]
    monkeypatch.setattr("nas.space.walks.offers.MAX_OFFERS", 5)
    space = load_space(DIGITS)
    assert [space.sample(np.random.default_rng(seed)).id for seed in range(20)] == expected
