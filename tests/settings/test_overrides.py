"""Values in place of those of a file."""

from pathlib import Path
from typing import Any

import pytest

from nas.data import Augment
from nas.document import parse_document
from nas.driver.budget import SearchBudget
from nas.errors import SpecError
from nas.runs.config import FinalStage, read_config
from nas.settings import Override, flat, plain, resolved
from nas.settings.overrides import override
from nas.training import Recipe
from nas.trial import Objective
from tests.run_files import FIT, LEAST, NESTED, SETTINGS, TOP, load, problems, recipe

pytestmark = pytest.mark.usefixtures("in_a_folder")


NO_OVERRIDE = "this is not an override (expected key=value, as in budget.trials=20)"

OVERRIDES: list[tuple[str, str, Any]] = [
    ("budget.trials=20", "budget", SearchBudget(20)),
    ("budget.minutes=1.5", "budget", SearchBudget(3, minutes=1.5)),
    ("budget={epochs: 9, target: 0.5}", "budget", SearchBudget(epochs=9, target=0.5)),
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
    config = load(LEAST, "controller.q_learning.alpha=0.5")
    assert (config.controller.name, config.controller.arguments) == ("q_learning", {"alpha": 0.5})
    assert load(text, "controller.random={}").controller.name == "random"
    assert load("data: digits\n", "space=s.yaml").space == Path("s.yaml")


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        (
            "budget.trials=abc",
            f"argument 'budget.trials=abc': budget.trials: {FIT} (expected a valid integer, got the text 'abc')",
        ),
        (
            "budget.trils=3",
            "argument 'budget.trils=3': budget: no such key: 'trils' "
            "(expected trials, epochs, minutes, patience, target; did you mean 'trials'?)",
        ),
        (
            "evaluator.train.epocs=3",
            "argument 'evaluator.train.epocs=3': evaluator.train: no such key: 'epocs' "
            f"(expected {SETTINGS}; did you mean 'epochs'?)",
        ),
        ("seeds=3", f"argument 'seeds=3': no such key: 'seeds' (expected {TOP}; did you mean 'final.seeds'?)"),
        ("seed=-1", f"argument 'seed=-1': seed: {FIT} (expected 0 or more, got -1)"),
        ("seed", f"argument 'seed': {NO_OVERRIDE}"),
        ("=3", f"argument '=3': {NO_OVERRIDE}"),
        ("budget..trials=3", f"argument 'budget..trials=3': {NO_OVERRIDE}"),
        ("", f"argument '': {NO_OVERRIDE}"),
        ("seed=&a 1", "argument 'seed=&a 1':1:1: anchors are not read (expected the value written out, got &a)"),
        (
            "budget.trials.more=3",
            f"argument 'budget.trials.more=3': budget.trials: {FIT} (expected a valid integer, got a mapping with "
            "'more')",
        ),
        (
            "data.npz.path=a.npz",
            "argument 'data.npz.path=a.npz': data: there is no 'npz' in the text 'digits' "
            "(expected data={npz: ...}, which replaces it)",
        ),
    ],
)
def test_an_override_that_is_wrong(override: str, expected: str) -> None:
    assert problems(LEAST, override) == [expected]


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
    assert "controller.q_learning.schedule: there is no '2' in a list of 2" in found


@pytest.mark.parametrize(
    "controller", ["mine.py:Climb", "{mine.py:Climb: {a: 2}}", "{a.b:C: {x: {mine.py:Climb: {}}}}"]
)
def test_a_key_may_have_dots(controller: str) -> None:
    file = parse_document(f"controller: {controller}")
    path = "controller.a.b:C.x.mine.py:Climb.a" if "a.b" in controller else "controller.mine.py:Climb.a"
    inner = {"mine.py:Climb": {"a": 5}}
    expected = {"a.b:C": {"x": inner}} if "a.b" in controller else inner
    assert override(file, [Override.parsed(f"{path}=5")]).plain() == {"controller": expected}


FULL = """\
name: full
space: s.yaml
data: digits
controller: {q_learning: {alpha: 0.5, schedule: [[1, 2], [0.5, 1]]}}
evaluator: train
objectives: {val_loss: minimize, val_acc: {direction: maximize, limit: 0.5}}
budget: {trials: 7}
final: {top: 2, lr: 1}
"""


@pytest.mark.parametrize(
    "override",
    [
        "name=other",
        "budget.trials=8",
        "final.epochs=3",
        "controller.q_learning.alpha=0.25",
        "controller.q_learning.schedule.1.0=0.25",
        "evaluator.train.augment.shift=2",
        "objectives.val_loss.limit=3",
        "objectives.val_acc.limit=0.25",
        "objectives.params=minimize",
        "seed=3",
    ],
)
def test_all_but_the_place_of_an_override_stays_as_it_is(override: str) -> None:
    before, after = (dict(flat(resolved(load(FULL, *given)))) for given in ((), (override,)))
    place = override.partition("=")[0]
    changed = {key for key in {**before, **after} if before.get(key) != after.get(key)}
    assert changed
    if place == "objectives.val_loss.limit":  # the short form of an objective is written out
        assert before["objectives.val_loss"] == after["objectives.val_loss.direction"] == "minimize"
        changed.remove("objectives.val_loss.direction")
    assert all(key.startswith(place) or place.startswith(key) for key in changed)


@pytest.mark.parametrize(
    "given", [("seed=x", "seed=2"), ("budget=5", "budget={trials: 3}"), ("evaluator.train.lr=x", "evaluator=train")]
)
def test_no_override_hides_another(given: tuple[str, str]) -> None:
    (found,) = problems(LEAST, *given)
    key = given[1].partition("=")[0]
    assert found == f"argument {given[1]!r}: {key}: this value is given twice, also by argument {given[0]!r}"
    (found,) = problems(LEAST, "budget=5", "budget.trials=3")
    assert "there is no 'trials' in 5" in found
    assert load(LEAST, "objectives={params: minimize}", "objectives.macs=minimize").objectives[1].metric == "macs"


def test_an_option_is_told_as_it_was_given() -> None:
    Path("r.yaml").write_text(LEAST)
    given = [Override.of_option("--trials", "budget.trials", 0), Override.of_option("--seed", "seed", 3)]
    with pytest.raises(SpecError) as caught:
        read_config("r.yaml", [*given, "seed=4"]).whole()
    assert str(caught.value).splitlines() == [
        "argument 'seed=4': seed: this value is given twice, also by option '--seed 3'",
    ]
    with pytest.raises(SpecError) as caught:
        read_config("r.yaml", given).whole()
    assert str(caught.value) == f"option '--trials 0': budget.trials: {FIT} (expected 1 or more, got 0)"


def test_what_an_override_causes_is_told_at_the_override() -> None:
    text = LEAST + "objectives: {val_acc: maximize}\n"
    assert problems(text, "objectives.val_acc.limits=3")[0].startswith("argument 'objectives.val_acc.limits=3': ")
    config = load(LEAST + "controller: {q_learning: {td_lambda: 1}}\n", "controller.q_learning.n_step=2")
    assert str(config.controller.mark) == "argument 'controller.q_learning.n_step=2'"
