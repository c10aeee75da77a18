"""The parts of a comparison, made from its file."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nas.comparison.config import TrainingProblem, load_comparison
from nas.comparison.prepare import identity_of, jobs_of, load_problem, make_controller, prepare_comparison
from nas.controllers import Controller, Distinct, QLearning, RandomSearch
from nas.errors import SpecError
from nas.space import Space
from nas.tabular import Table
from nas.trial import Objective

ROOT = Path(__file__).parents[2]


def test_a_training_problem(comparison: Mapping[str, Any], tmp_path: Path) -> None:
    space = ROOT / "search_spaces" / "digits_cnn.yaml"
    problem = {
        "space": str(space),
        "data": "digits",
        "evaluator": {"train": {"epochs": 2}},
        "threads": 1,
        "device": "cpu",
    }
    config = load_comparison({**comparison, "problems": {"digits": problem}, "jobs": None})
    found = config.problems["digits"]
    assert isinstance(found, TrainingProblem)
    assert (found.evaluator.arguments, found.threads, found.device) == ({"epochs": 2}, 1, "cpu")
    assert jobs_of(config, 8) == 1
    problem = prepare_comparison(config)["digits"]  # type: ignore[assignment]
    assert (problem.epochs, problem.measured, problem.optimum) == (2, True, None)  # type: ignore[attr-defined]


def test_a_training_problem_says_what_a_run_file_says(comparison: Mapping[str, Any]) -> None:
    """Task, metrics and objectives; controllers are compared by the first objective."""
    problem = {
        "space": str(ROOT / "search_spaces" / "digits_cnn.yaml"),
        "data": "digits",
        "task": "classification",
        "evaluator": {"train": {"epochs": 1, "metrics": ["precision"]}},
        "objectives": {"val_f1": "maximize", "params": {"direction": "minimize", "limit": 10_000}},
    }
    made = prepare_comparison(load_comparison({**comparison, "problems": {"digits": problem}}))["digits"]
    assert made.objectives == (Objective("val_f1"), Objective("params", "minimize", 10_000))
    assert made.facts.metric == "val_f1"
    metrics = made.evaluator(made.space.sample(np.random.default_rng(0)), epochs=None, seed=0)
    assert {"val_f1", "val_precision", "val_acc"} <= set(metrics)

    wrong = {**problem, "objectives": {"val_rmse": "minimize"}}
    with pytest.raises(SpecError, match=r"problems\.digits\.objectives\.val_rmse: the evaluator reports no 'val_rmse'"):
        load_comparison({**comparison, "problems": {"digits": wrong}})
    other = load_comparison({**comparison, "problems": {"digits": {**problem, "task": "regression", "objectives": {}}}})
    with pytest.raises(SpecError, match=r"problems\.digits: the data set is for classification, and the task is "):
        prepare_comparison(other)


def test_trainings_that_cannot_be_had(comparison: Mapping[str, Any], tmp_path: Path) -> None:
    """They are refused before the first run, as in a run file."""
    (tmp_path / "flat.yaml").write_text("layers: [flatten, {choice: [relu, batch_norm]}, {linear: {units: outputs}}]\n")
    trained = {"space": str(tmp_path / "flat.yaml"), "data": "digits", "evaluator": {"train": {"batch_size": 1}}}
    config = load_comparison({**comparison, "problems": {"trained": trained}, "budget": {"epochs": 2}})
    with pytest.raises(SpecError) as caught:
        prepare_comparison(config)
    assert str(caught.value) == (
        "<comparison>: problems.trained.evaluator.train: batch_size: batch_norm with one value per "
        "sample cannot normalise a batch of one sample (expected 2 or more, got 1)"
    )


def test_controllers_and_tables_of_ones_own(comparison: Mapping[str, Any], table: Table) -> None:
    changed = {**comparison, "controllers": {"mine": "mine"}, "problems": {"small": {"table": "made"}}, "jobs": None}
    config = load_comparison(changed, controllers={"mine": RandomSearch}, tables={"made": lambda: table})
    problems = prepare_comparison(config)
    assert problems["small"].optimum == table.optimum
    assert isinstance(make_controller(config, "mine", problems["small"]), RandomSearch)
    assert jobs_of(config, 8) == 8


def test_controllers_that_wrap_controllers(comparison_file: Callable[..., Path]) -> None:
    wrapped = {"distinct": {"controller": {"mine": {"controller": {"q_learning": {"alpha": 0.2}}}}}}
    config = load_comparison(comparison_file(controllers={"it": wrapped}), controllers={"mine": Distinct})
    problems = prepare_comparison(config)
    found = make_controller(config, "it", problems["small"])
    assert isinstance(found, Distinct)
    assert isinstance(found.controller, Distinct)
    learning = found.controller.controller
    assert isinstance(learning, QLearning)
    alone = QLearning(learning.space, trials=12)  # the budget of the comparison
    assert learning.alpha == 0.2
    assert [learning.epsilon(told) for told in range(12)] == [alone.epsilon(told) for told in range(12)]
    wrapped = identity_of(config, problems)["controllers"]["it"]["distinct"]["controller"]["mine"]
    inside = wrapped["controller"]["q_learning"]
    assert (inside["alpha"], inside["replay"]) == (0.2, 100)


def test_a_wrapper_gets_what_the_comparison_supplies(comparison_file: Callable[..., Path]) -> None:
    def wrapper(space: Space, controller: Controller, full_epochs: int) -> Controller:
        assert full_epochs == 4  # the table's longest
        assert space.name == "small"
        return controller

    controllers = {"it": {"wrapper": {"controller": {"wrapper": {"controller": "random"}}}}}
    config = load_comparison(comparison_file(controllers=controllers), controllers={"wrapper": wrapper})
    assert isinstance(make_controller(config, "it", load_problem(config, "small")), RandomSearch)


def test_seconds_that_are_not_recorded(comparison: Mapping[str, Any], table: Table) -> None:
    import dataclasses

    untimed = {"made": lambda: dataclasses.replace(table, seconds=None)}
    for change, what in (({"workers": 2}, "2 workers"), ({"budget": {"seconds": 9}}, "a budget of seconds")):
        changed = {**comparison, "problems": {"small": {"table": "made"}}, **change}
        config = load_comparison(changed, tables=untimed)
        with pytest.raises(SpecError, match=f"problems.small: the table records no seconds, which {what} needs"):
            prepare_comparison(config)
    in_order = {**comparison, "problems": {"small": {"table": "made"}}, "workers": 2, "order": "number"}
    prepare_comparison(load_comparison(in_order, tables=untimed))


def test_levels_that_a_table_has_not_at_any_depth(comparison_file: Callable[..., Path]) -> None:
    inner: Any = {"asha": {"controller": "random", "eta": 2}}
    for wrapped in (
        inner,
        {"distinct": {"controller": inner}},
        {"portfolio": {"controllers": ["random", {"distinct": {"controller": inner}}]}},
    ):
        config = load_comparison(comparison_file(controllers={"it": wrapped}, budget={"epochs": 40}))
        with pytest.raises(SpecError, match="levels of 1, 2, 4 epochs do not fit small, which was recorded at 1, 4"):
            prepare_comparison(config)


def test_a_schedule_that_needs_a_number_of_evaluations(comparison: Mapping[str, Any]) -> None:
    space = ROOT / "search_spaces" / "digits_cnn.yaml"
    changed = {
        **comparison,
        "controllers": {"q": "q_learning"},
        "problems": {"digits": {"space": str(space), "data": "digits"}},
        "budget": {"seconds": 60},
    }
    with pytest.raises(SpecError, match=r"how many fit into 60 seconds of digits is not known: give the budget in eva"):
        prepare_comparison(load_comparison(changed))


def test_problems_of_different_units_need_more_seeds(
    comparison: Mapping[str, Any], comparison_file: Callable[..., Path]
) -> None:
    """Each pair of controllers is then tested on each problem; on one scale it is tested once, on the mean."""
    digits = {"space": str(ROOT / "search_spaces" / "digits_cnn.yaml"), "data": "digits"}
    problems = {**comparison["problems"], "digits": digits}
    assert prepare_comparison(load_comparison(comparison_file(seeds=6)))
    with pytest.raises(SpecError, match=r"seeds: too few seeds .* 7 or more to compare 2 controllers on 2 problems of"):
        prepare_comparison(load_comparison(comparison_file(problems=problems, seeds=6)))
    assert prepare_comparison(load_comparison(comparison_file(problems=problems, seeds=7)))
