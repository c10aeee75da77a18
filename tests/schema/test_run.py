"""The schema of run files."""

from collections.abc import Callable

import pytest

from nas.evaluate import Train, ZeroCost
from nas.hardware import HARDWARE_METRICS
from nas.runs.config import PARTS, RunConfig
from nas.schema import run_schema
from nas.settings.signature import keys_of

Find = Callable[[str], list[tuple[str, str]]]

LEAST = "space: s.yaml\ndata: digits\n"


@pytest.mark.parametrize(
    ("line", "place", "words"),
    [
        ("bugdet: {trials: 3}", "", "'bugdet' was unexpected"),
        ("name: a/b", "name", "does not match"),
        ("seed: -1", "seed", "minimum of 0"),
        ("device: gpu", "device", "'gpu' is not one of"),
        ("threads: 0", "threads", "minimum of 1"),
        ("controller: randon", "controller", "'randon'"),
        ("controller: {randon: {}}", "controller", "'randon' does not match"),
        ("controller: {random: {}, q_learning: {}}", "controller", "too many"),
        ("controller: {q_learning: {alhpa: 1}}", "controller.q_learning", "'alhpa' was unexpected"),
        ("controller: {q_learning: {trials: 1}}", "controller.q_learning", "'trials' was unexpected"),
        ("controller: {q_learning: {replay: 1.5}}", "controller.q_learning.replay", "'integer'"),
        ("controller: {q_learning: {schedule: [[1, x]]}}", "controller.q_learning.schedule.0.1", "'number'"),
        ("controller: {distinct: {controller: randon}}", "controller.distinct.controller", "'randon'"),
        (
            "controller: {distinct: {controller: {distinct: {controller: {q_learning: {alpha: x}}}}}}",
            "controller.distinct.controller.distinct.controller.q_learning.alpha",
            "'number'",
        ),
        ("controller: {portfolio: {controllers: random}}", "controller.portfolio.controllers", "'array'"),
        ("controller: {portfolio: {controllers: []}}", "controller.portfolio.controllers", "[]"),
        (
            "controller: {portfolio: {controllers: [random, {q_learning: {alpha: x}}]}}",
            "controller.portfolio.controllers.1.q_learning.alpha",
            "'number'",
        ),
        ("controller: {warm_start: {controller: random, proxies: {}}}", "controller.warm_start", "'proxies'"),
        ("controller: distinct", "controller", "'distinct'"),
        ("controller: {distinct: {}}", "controller.distinct", "'controller' is a required"),
        ("evaluator: {train: {lr: 0}}", "evaluator.train.lr", "minimum of 0"),
        ("evaluator: {train: {optimizer: adam}}", "evaluator.train.optimizer", "'adam' is not one of"),
        ("evaluator: {train: {augment: {flip: 1}}}", "evaluator.train.augment.flip", "'boolean'"),
        ("evaluator: {train: {augment: {turn: 1}}}", "evaluator.train.augment", "'turn' was unexpected"),
        ("final: {tops: 3}", "final", "'tops' was unexpected"),
        ("final: {epochs: many}", "final.epochs", "'integer'"),
        ("budget: 5", "budget", "'object'"),
        ("budget: {minutes: 0}", "budget.minutes", "minimum of 0"),
        ("budget: {target: high}", "budget.target", "'high' is not valid"),
        ("objectives: {test_acc: maximize}", "objectives", "'test_acc' is not one of"),
        ("objectives: {val_acc: up}", "objectives.val_acc", "'up'"),
        ("objectives: {val_acc: {limits: 1}}", "objectives.val_acc", "'limits' was unexpected"),
        ("task: regresion", "task", "'regresion' is not one of"),
    ],
)
def test_a_mistake_is_found_where_it_is(line: str, place: str, words: str, run_problems: Find) -> None:
    ((found, message),) = run_problems(f"{LEAST}{line}\n")
    assert found == place
    assert words in message


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("data: digits", ""),
        ("space: a", ""),
        ("space: a\ndata: npz", "data"),
        ("space: a\ndata: {npz: {}}", "data.npz"),
    ],
)
def test_what_must_be_there(text: str, place: str, run_problems: Find) -> None:
    assert [found for found, _ in run_problems(text)] == [place]


def test_a_file_that_says_everything(run_problems: Find) -> None:
    text = """\
name: everything
space: s.yaml
data: {npz: {path: sets/some.npz, channels: last, classes: [a, b], val_share: 0.5}}
controller: {q_learning: {alpha: 1, schedule: [[1, 2], [0.5, 1]], memory: 3}}
evaluator: {train: {epochs: 2, clip_norm: null, augment: {shift: 1, flip: true}, optimizer: sgd}}
objectives: {val_loss: minimize, val_acc: {direction: maximize, limit: 0.5}, params: {direction: minimize}}
budget: {trials: 7, epochs: 20, minutes: 1.5, patience: 3, target: {val_acc: 0.9}}
final: {top: 2, lr: 1}
seed: 5
device: cpu
precision: bfloat16
threads: null
recorded: {any: [thing, {at: all}]}
"""
    assert run_problems(text) == []


def test_names_and_settings_are_those_of_the_loader() -> None:
    schema = run_schema()
    assert tuple(schema["properties"]) == tuple(keys_of(RunConfig))
    assert all(child["description"] for child in schema["properties"].values())
    assert schema["properties"]["controller"]["$ref"] == "#/$defs/controller"
    for registry in PARTS:
        found = schema["$defs"][registry.kind.replace(" ", "_")]["properties"]
        assert list(found) == list(registry)
        for name, factory in registry.items():
            assert list(found[name]["properties"]) == list(keys_of(factory, registry.supplied))
            assert found[name]["description"]
    assert list(schema["properties"]["objectives"]["properties"]) == list(
        dict.fromkeys([*Train.metrics, *ZeroCost.metrics, *HARDWARE_METRICS])
    )


def test_defaults_are_those_of_the_loader() -> None:
    properties = run_schema()["properties"]
    assert {key: child["default"] for key, child in properties.items() if "default" in child} == {
        "controller": "bayesian_q",
        "evaluator": "train",
        "task": "auto",
        "executor": "local",
        "workers": "auto",
        "window": 2,
        "order": "number",
        "winner": "observed",
        "baseline": "auto",
        "seed": 0,
        "device": "auto",
        "precision": "auto",
        "threads": None,
        "cache": None,
    }
    assert properties["budget"]["properties"]["trials"]["default"] is None
    assert [properties["final"]["properties"][key]["default"] for key in ("top", "epochs")] == [3, 60]


def test_code_of_ones_own_may_stand_for_a_name(run_problems: Find) -> None:
    text = "space: a\ndata: my_package.moons\ncontroller: {distinct: {controller: {../mine.py:Hill: {steps: 3}}}}\n"
    assert run_problems(text + "evaluator: mine.py:score\nobjectives: {speed: maximize}\n") == []
    ((place, _),) = run_problems(text + "objectives: {speed: maximize}\n")
    assert place == "objectives", "the metrics of evaluators of ours are known"
