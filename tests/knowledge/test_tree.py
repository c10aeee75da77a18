"""Trees that answer as networks do."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from nas.errors import UsageError
from nas.knowledge.columns import Column
from nas.knowledge.tree import Rule, Tree, fit_tree

COLUMNS = (Column("age"), Column("size"), Column("job", "clerk"))


def rows(seed: int, count: int = 400) -> NDArray[np.float32]:
    rng = np.random.default_rng(seed)
    numbers = rng.uniform(0, 10, (count, 2))
    return np.concatenate([numbers, rng.integers(0, 2, (count, 1))], 1).astype(np.float32)


def told(x: NDArray[Any]) -> NDArray[np.int64]:
    """`b` for clerks over 4, else `a`."""
    return ((x[:, 0] > 4) & (x[:, 2] > 0)).astype(np.int64)


def fit(answer: Any = told, **changes: Any) -> Tree:
    x, new = rows(0), rows(1)
    given: dict[str, Any] = {"columns": COLUMNS, "outputs": ("a", "b")}
    return fit_tree(x, answer(x), (new, answer(new)), **{**given, **changes})


def test_the_rules_of_a_network_that_follows_some() -> None:
    found = fit()
    assert (found.depth, found.fitted, found.held_out) == (2, 400, 400)
    assert found.fidelity > 0.99
    assert found.trivial == pytest.approx(float((told(rows(1)) == 0).mean()))
    assert sum(rule.samples for rule in found.rules) == pytest.approx(1)
    first, second, third = found.text.splitlines()
    assert first == "job is not clerk: a"
    assert second.startswith("job is clerk and age ≤ 4.0")
    assert third.startswith("job is clerk and age > 4.0")
    assert [rule.answer for rule in found.rules] == ["a", "a", "b"]
    assert fit() == found


def test_two_bounds_of_a_column_are_one_condition_and_leaves_of_one_answer_one_rule() -> None:
    found = fit(lambda x: ((x[:, 1] > 2) & (x[:, 1] < 7)).astype(np.int64))
    assert [rule.answer for rule in found.rules] == ["a", "b", "a"]
    (middle,) = found.rules[1].conditions
    assert middle.startswith("2.0")
    assert " < size ≤ " in middle


def test_noise_is_not_followed() -> None:
    """One standard error keeps the tree small where more questions gain nothing."""

    def noisy(x: NDArray[Any]) -> NDArray[np.int64]:
        return np.asarray((x[:, 0] > 5) ^ (np.random.default_rng(7).random(len(x)) < 0.2), np.int64)

    found = fit(noisy)
    assert found.depth == 1
    assert 0.7 < found.fidelity < 0.9
    assert all(rule.agreement is not None and 0.7 < rule.agreement < 0.9 for rule in found.rules)


def test_one_answer_is_one_rule() -> None:
    found = fit(lambda x: np.ones(len(x), int))
    assert found.rules == (Rule((), "b", 1.0, 1.0),)
    assert (found.text, found.fidelity, found.trivial) == ("always: b", 1.0, 1.0)


def test_values() -> None:
    found = fit(lambda x: np.stack([np.where(x[:, 0] > 5, 30.0, 10.0), np.where(x[:, 0] > 5, -1.0, 1.0)], 1))
    assert (found.depth, found.trivial) == (1, 0)
    assert found.fidelity > 0.99
    assert [rule.answer for rule in found.rules] == ["a 10, b 1", "a 30, b -1"]
    assert {rule.agreement for rule in found.rules} == {None}
    single = fit(lambda x: np.where(x[:, :1] > 5, 30.0, 10.0), outputs=("price",))
    assert [rule.answer for rule in single.rules] == ["10", "30"]
    assert fit(lambda x: np.zeros((len(x), 1)), outputs=("price",)).fidelity == 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"columns": COLUMNS[:2]}, r"features: expected finite numbers \(N, 2\), one a column, got \(400, 3\)"),
        ({"outputs": ("a",)}, r"answers: expected places of 1 classes \(400,\), integers"),
        ({"answer": lambda x: told(x)[:50]}, r"got int64 \(50,\)"),
        ({"answer": lambda x: np.full((len(x), 2), np.nan)}, "finite values"),
        ({"depth": 0}, "depth: expected 1 or more"),
    ],
)
def test_what_does_not_fit(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        fit(**changes)


def test_too_few_samples() -> None:
    x = rows(0, 19)
    with pytest.raises(UsageError, match="20 samples or more, got 19"):
        fit_tree(x, told(x), (x, told(x)), columns=COLUMNS, outputs=("a", "b"))
