"""ε-greedy walks."""

import numpy as np
import pytest

from nas.controllers.backends.epsilon_greedy import act
from nas.controllers.controller import Decided
from nas.space import Choice, parse_space
from nas.space.choice import Value

SPACE = parse_space(
    "input: [4]\nlayers: [{name: a, choice: [relu, gelu]}, {name: b, choice: [tanh, silu]}, {name: c, choice: [relu]}]"
)


@pytest.mark.parametrize(("epsilon", "share"), [(0.0, 1.0), (0.4, 0.8**2), (1.0, 0.25)])
def test_each_decision_is_random_with_probability_epsilon(epsilon: float, share: float) -> None:
    """Greedy twice, where a random decision is the greedy one in half of the cases. A share of 2,000 has a deviation of
    0.011."""

    def last(choice: Choice, decided: Decided) -> Value:
        assert len(decided) < 2, "where there is one option, nothing is asked"
        return choice.options[-1]

    rng = np.random.default_rng(0)
    found = [act(SPACE, epsilon, last, rng).choices for _ in range(2000)]
    assert np.mean([choices[:2] == (("a", "gelu"), ("b", "silu")) for choices in found]) == pytest.approx(
        share, abs=0.05
    )


def test_the_greedy_choice_sees_the_decisions_so_far() -> None:
    def contrary(choice: Choice, decided: Decided) -> Value:
        return choice.options[0] if dict(decided).get("a") == "gelu" else choice.options[-1]

    assert dict(act(SPACE, 0.0, contrary, np.random.default_rng(0)).choices) == {"a": "gelu", "b": "tanh", "c": "relu"}
