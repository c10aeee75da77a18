import numpy as np

from nas.analysis.words import (
    budget_tile,
    decimals,
    flat_settings,
    listed_or_counted,
    named_settings,
    show_amount,
    show_p,
    show_ranges,
    show_spread,
    slug,
)


def test_words() -> None:
    assert show_amount("evaluations", 200.0) == "200 evaluations"
    assert show_amount("epochs", 12.5) == "12.5 epochs"
    assert budget_tile("evaluations", 2000, 4) == ("2,000", "evaluations, 4 evaluations at a time")
    assert budget_tile("seconds", 7200, 1) == ("2\u00a0h", "of simulated time, one evaluation at a time")
    assert show_ranges([3, 0, 1, 2, 7]) == "0–3, 7"


def test_settings_stand_under_their_path_in_a_file() -> None:
    assert dict(flat_settings({"a": 1, "b": {"c": [1, 2]}})) == {"a": "1", "b.c": "1, 2"}
    evolution = {"regularized_evolution": {"population": 20}}
    bandit = {
        "portfolio": {"controllers": ["random", evolution, {"distinct": {"controller": {"random": {}}}}], "window": 9}
    }
    assert dict(flat_settings(bandit)) == {
        "portfolio.controllers.0": "random",
        "portfolio.controllers.1.regularized_evolution.population": "20",
        "portfolio.controllers.2.distinct.controller": "random",
        "portfolio.window": "9",
    }
    assert named_settings("random", {"random": {}}) == "random"
    assert named_settings("baseline", {"random": {}}) == "baseline [controller = random]"
    assert named_settings("it", {"distinct": {"controller": "random"}}) == "it [distinct.controller = random]"
    assert named_settings("a", {}) == "a"


def test_long_lists_are_counted() -> None:
    assert listed_or_counted(list("abc")) == "a, b and c"
    assert listed_or_counted(list("abcd")) == "4 others"


def test_slugs_are_names_of_files() -> None:
    assert slug("../NAS-Bench 201/cifar10") == "nas-bench-201-cifar10"
    assert slug("日本") == "problem"
    assert len(slug("x" * 100)) == 40


def test_numbers_follow_their_spread() -> None:
    assert [decimals(list(spreads)) for spreads in ([], [3.0], [0.5, 0.02], [1e-9], [1e-5])] == [2, 2, 3, 2, 4]
    assert show_spread(np.array([1.0, 2.0, np.nan]), 2) == "1.50 ± 0.71"
    assert show_spread(np.array([1.0]), 2) == "1.00"
    assert show_spread(np.array([np.nan]), 2) == "–"
    assert show_p(0.0123) == "0.012"
    assert show_p(1e-9) == "< 0.0001"
