"""Values in place of those of a file."""

from pathlib import Path
from typing import Any

import pytest

from nas.data import Augment
from nas.runs.config import FinalStage, RunBudget
from nas.settings import plain
from nas.training import Recipe
from nas.trial import Objective
from tests.run_files import FIT, LEAST, NESTED, SETTINGS, TOP, load, problems, recipe

pytestmark = pytest.mark.usefixtures("in_a_folder")


NO_OVERRIDE = "this is no override (expected key=value, as in budget.trials=20)"

OVERRIDES: list[tuple[str, str, Any]] = [
    ("budget.trials=20", "budget", RunBudget(20)),
    ("seed=7", "seed", 7),
    ("name=other", "name", "other"),
    ("name='5'", "name", "5"),
    ("device=cpu", "device", "cpu"),
    ("final.top=1", "final", FinalStage(1)),
    ("final.epochs=3", "final", FinalStage(recipe=Recipe(epochs=3))),
    ("final={epochs: 4, lr: 0.5}", "final", FinalStage(recipe=Recipe(epochs=4, lr=0.5))),
    ("objectives={val_loss: minimize}", "objectives", (Objective("val_loss", "minimize"),)),
    ("objectives.params=minimize", "objectives", (Objective("val_acc"), Objective("params", "minimize"))),
    ("objectives.val_acc.limit=0.5", "objectives", (Objective("val_acc", "maximize", 0.5),)),
    ("recorded.a.b.c=[1, 2]", "recorded", {"a": {"b": {"c": [1, 2]}}}),
]


@pytest.mark.parametrize(("override", "attribute", "expected"), OVERRIDES)
def test_overrides(override: str, attribute: str, expected: Any) -> None:
    assert getattr(load(LEAST + "budget: {trials: 3}\n", override), attribute) == expected


def test_overrides_of_settings() -> None:
    text = LEAST + "evaluator: {train: {epochs: 5, lr: 0.1}}\ncontroller: random\n"
    config = load(text, "evaluator.train.epochs=9", "evaluator.train.augment.shift=2", "evaluator.train.clip_norm=")
    assert recipe(config) == Recipe(epochs=9, lr=0.1, augment=Augment(shift=2), clip_norm=None)
    assert load(text, "controller=regularized_evolution").controller.name == "regularized_evolution"
    config = load(text, "controller.q_learning.alpha=0.5")
    assert (config.controller.name, config.controller.arguments) == ("q_learning", {"alpha": 0.5})
    assert load(text, "seed=1", "seed=2").seed == 2
    assert load("data: digits\n", "space=s.yaml").space == Path("s.yaml")


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        (
            "budget.trials=abc",
            f"argument 'budget.trials=abc':1:1: budget.trials: {FIT} (expected a valid integer, got the text 'abc')",
        ),
        (
            "budget.trils=3",
            "argument 'budget.trils=3': budget: no such key: 'trils' (expected trials; did you mean 'trials'?)",
        ),
        (
            "evaluator.train.epocs=3",
            "argument 'evaluator.train.epocs=3': evaluator.train: no such key: 'epocs' "
            f"(expected {SETTINGS}; did you mean 'epochs'?)",
        ),
        ("seeds=3", f"argument 'seeds=3': no such key: 'seeds' (expected {TOP}; did you mean 'seed'?)"),
        ("seed=-1", f"argument 'seed=-1':1:1: seed: {FIT} (expected 0 or more, got -1)"),
        ("seed", f"argument 'seed': {NO_OVERRIDE}"),
        ("=3", f"argument '=3': {NO_OVERRIDE}"),
        ("budget..trials=3", f"argument 'budget..trials=3': {NO_OVERRIDE}"),
        ("", f"argument '': {NO_OVERRIDE}"),
        ("seed=&a 1", "argument 'seed=&a 1':1:1: anchors are not read (expected the value written out, got &a)"),
        (
            "budget.trials.more=3",
            f"r.yaml:1:1: budget.trials: {FIT} (expected a valid integer, got a mapping with 'more')",
        ),
    ],
)
def test_an_override_that_is_wrong(override: str, expected: str) -> None:
    found = problems(LEAST, override)
    assert len(found) == 1
    assert found[0].partition(": ")[2] == expected.partition(": ")[2]
    if not expected.startswith("r.yaml"):
        assert found == [expected]


def test_a_malformed_value_of_an_override() -> None:
    (found,) = problems(LEAST, "seed=[1")
    assert found.startswith("argument 'seed=[1':1:")
    assert "this is not YAML" in found


def test_problems_of_the_file_and_of_overrides_are_told_together() -> None:
    found = problems(LEAST + "seed: x\n", "budget.trials=0", "device=gpu")
    assert len(found) == 3


def test_overrides_reach_inside() -> None:
    config = load(NESTED, "controller.distinct.controller.distinct.controller.q_learning.alpha=0.2")
    assert [one.name for one in config.controller.walk()] == ["distinct", "distinct", "q_learning"]
    assert [one.arguments for one in config.controller.walk()][-1] == {"alpha": 0.2}
    config = load(NESTED, "controller.distinct.controller=random")
    assert plain(config.controller) == {"distinct": {"controller": "random", "tries": 5}}


def test_an_override_reaches_into_a_list() -> None:
    schedule = LEAST + "controller: {q_learning: {schedule: [[1, 2], [0.5, 1]]}}\n"
    assert load(schedule, "controller.q_learning.schedule.1.0=0.25").controller.arguments == {
        "schedule": [(1.0, 2.0), (0.25, 1.0)]
    }
    (found,) = problems(schedule, "controller.q_learning.schedule.2.0=1")
    assert "expected a valid tuple" in found or "expected a valid array" in found or "list" in found
