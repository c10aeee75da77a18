"""The schema of comparison files."""

from collections.abc import Callable

import pytest

from nas.comparison.config import ComparisonConfig
from nas.schema import comparison_schema
from nas.settings.signature import keys_of

Find = Callable[[str], list[tuple[str, str]]]

LEAST = "controllers: {a: random}\nproblems: {t: {table: small.npz}}\nbudget: {evaluations: 5}\nseeds: 3\n"


@pytest.mark.parametrize(
    ("line", "place", "words"),
    [
        ("seed: 1", "", "'seed' was unexpected"),
        ("workers: 0", "workers", "minimum of 1"),
        ("delta: 101", "delta", "maximum of 100"),
        ("name: a/b", "name", "does not match"),
    ],
)
def test_a_mistake_is_found_where_it_is(line: str, place: str, words: str, comparison_problems: Find) -> None:
    ((found, message),) = comparison_problems(f"{LEAST}{line}\n")
    assert found == place
    assert words in message


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("a: random", "a/b: random", "controllers"),
        ("a: random", "a: randm", "controllers.a"),
        ("a: random", "a: {q_learning: {alhpa: 1}}", "controllers.a.q_learning"),
        ("t: {table: small.npz}", "t: {spce: a}", "problems.t"),
        (
            "t: {table: small.npz}",
            "t: {space: a, data: digits, evaluator: {train: {epochs: 0}}}",
            "problems.t.evaluator.train.epochs",
        ),
        ("evaluations: 5", "evaluation: 5", "budget"),
        ("evaluations: 5", "seconds: 0", "budget.seconds"),
        ("seeds: 3", "seeds: 0", "seeds"),
        ("seeds: 3", "seeds: [1, -1]", "seeds.1"),
    ],
)
def test_a_mistake_in_what_must_be_there(old: str, new: str, place: str, comparison_problems: Find) -> None:
    found = comparison_problems(LEAST.replace(old, new))
    assert {where for where, _ in found} == {place}


def test_right_files(comparison_problems: Find) -> None:
    assert comparison_problems(LEAST) == []
    training = "{space: a.yaml, data: digits, evaluator: {train: {epochs: 2}}, threads: 1}"
    text = LEAST.replace("{table: small.npz}", training).replace("seeds: 3", "seeds: [4, 5]\njobs: null")
    assert comparison_problems(text) == []


def test_keys_are_those_of_the_loader() -> None:
    properties = comparison_schema()["properties"]
    assert tuple(properties) == tuple(keys_of(ComparisonConfig))
    assert all(child["description"] for child in properties.values())
