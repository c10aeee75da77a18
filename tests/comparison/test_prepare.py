"""The parts of a comparison, made from its file."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from nas.comparison.config import TrainingTask, load_comparison
from nas.comparison.prepare import identity_of, jobs_of, load_task, make_controller, prepare_comparison
from nas.controllers import Controller, Distinct, QLearning, RandomSearch
from nas.errors import SpecError
from nas.space import Space
from nas.tabular import Table

ROOT = Path(__file__).parents[2]


def test_a_training_task(study: Mapping[str, Any], tmp_path: Path) -> None:
    space = ROOT / "search_spaces" / "digits_cnn.yaml"
    task = {"space": str(space), "data": "digits", "evaluator": {"train": {"epochs": 2}}, "threads": 1, "device": "cpu"}
    config = load_comparison({**study, "tasks": {"digits": task}, "jobs": None})
    found = config.tasks["digits"]
    assert isinstance(found, TrainingTask)
    assert (found.evaluator.arguments, found.threads, found.device) == ({"epochs": 2}, 1, "cpu")
    assert jobs_of(config, 8) == 1
    task = prepare_comparison(config)["digits"]  # type: ignore[assignment]
    assert (task.epochs, task.measured, task.optimum) == (2, True, None)  # type: ignore[attr-defined]


def test_trainings_that_cannot_be_had(study: Mapping[str, Any], tmp_path: Path) -> None:
    """They are refused before the first run, as in a run file."""
    (tmp_path / "flat.yaml").write_text("layers: [flatten, {choice: [relu, batch_norm]}, {linear: {units: outputs}}]\n")
    trained = {"space": str(tmp_path / "flat.yaml"), "data": "digits", "evaluator": {"train": {"batch_size": 1}}}
    config = load_comparison({**study, "tasks": {"trained": trained}, "budget": {"epochs": 2}})
    with pytest.raises(SpecError) as caught:
        prepare_comparison(config)
    assert str(caught.value) == (
        "<comparison>: tasks.trained.evaluator.train: batch_size: batch_norm of one value a sample has nothing to take "
        "statistics of in a batch of one (expected 2 or more, got 1)"
    )


def test_controllers_and_tables_of_ones_own(study: Mapping[str, Any], table: Table) -> None:
    changed = {**study, "controllers": {"mine": "mine"}, "tasks": {"small": {"table": "made"}}, "jobs": None}
    config = load_comparison(changed, controllers={"mine": RandomSearch}, tables={"made": lambda: table})
    tasks = prepare_comparison(config)
    assert tasks["small"].optimum == table.optimum
    assert isinstance(make_controller(config, "mine", tasks["small"]), RandomSearch)
    assert jobs_of(config, 8) == 8


def test_controllers_that_wrap_controllers(study_file: Callable[..., Path]) -> None:
    wrapped = {"distinct": {"controller": {"mine": {"controller": {"q_learning": {"alpha": 0.2}}}}}}
    config = load_comparison(study_file(controllers={"it": wrapped}), controllers={"mine": Distinct})
    tasks = prepare_comparison(config)
    found = make_controller(config, "it", tasks["small"])
    assert isinstance(found, Distinct)
    assert isinstance(found.controller, Distinct)
    learning = found.controller.controller
    assert isinstance(learning, QLearning)
    alone = QLearning(learning.space, trials=12)  # the budget of the study
    assert learning.alpha == 0.2
    assert [learning.epsilon(told) for told in range(12)] == [alone.epsilon(told) for told in range(12)]
    wrapped = identity_of(config, tasks)["controllers"]["it"]["distinct"]["controller"]["mine"]
    inside = wrapped["controller"]["q_learning"]
    assert (inside["alpha"], inside["replay"]) == (0.2, 100)


def test_a_wrapper_gets_what_the_study_supplies(study_file: Callable[..., Path]) -> None:
    def wrapper(space: Space, controller: Controller, full_epochs: int) -> Controller:
        assert full_epochs == 4  # the table's longest
        assert space.name == "small"
        return controller

    controllers = {"it": {"wrapper": {"controller": {"wrapper": {"controller": "random"}}}}}
    config = load_comparison(study_file(controllers=controllers), controllers={"wrapper": wrapper})
    assert isinstance(make_controller(config, "it", load_task(config, "small")), RandomSearch)


def test_seconds_that_are_not_recorded(study: Mapping[str, Any], table: Table) -> None:
    import dataclasses

    untimed = {"made": lambda: dataclasses.replace(table, seconds=None)}
    for change, what in (({"workers": 2}, "2 workers"), ({"budget": {"seconds": 9}}, "a budget of seconds")):
        changed = {**study, "tasks": {"small": {"table": "made"}}, **change}
        config = load_comparison(changed, tables=untimed)
        with pytest.raises(SpecError, match=f"tasks.small: the table records no seconds, which {what} needs"):
            prepare_comparison(config)


def test_levels_that_a_table_has_not_at_any_depth(study_file: Callable[..., Path]) -> None:
    inner: Any = {"asha": {"controller": "random", "eta": 2}}
    for wrapped in (
        inner,
        {"distinct": {"controller": inner}},
        {"portfolio": {"controllers": ["random", {"distinct": {"controller": inner}}]}},
    ):
        config = load_comparison(study_file(controllers={"it": wrapped}, budget={"epochs": 40}))
        with pytest.raises(SpecError, match="levels of 1, 2, 4 epochs do not fit small, which was recorded at 1, 4"):
            prepare_comparison(config)


def test_a_schedule_that_needs_a_number_of_evaluations(study: Mapping[str, Any]) -> None:
    space = ROOT / "search_spaces" / "digits_cnn.yaml"
    changed = {
        **study,
        "controllers": {"q": "q_learning"},
        "tasks": {"digits": {"space": str(space), "data": "digits"}},
        "budget": {"seconds": 60},
    }
    with pytest.raises(SpecError, match=r"how many fit into 60 seconds of digits is not known: give the budget in eva"):
        prepare_comparison(load_comparison(changed))
