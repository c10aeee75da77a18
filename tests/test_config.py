"""Run files: every way to be wrong with its exact words, defaults, overrides, and writing them out again."""

import inspect
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from nas.config import GIVEN, TOP_KEYS, RunConfig, Setting, load_config, plain
from nas.controllers import (
    CONTROLLERS,
    Distinct,
    LocalSearch,
    OptunaController,
    Portfolio,
    QLearning,
    RandomSearch,
    RegularizedEvolution,
    WarmStart,
)
from nas.data import DATASETS, Augment
from nas.errors import SpecError, UsageError
from nas.evaluate import EVALUATORS
from nas.final.export import to_yaml
from nas.final.fine_tune import FULL_LENGTH
from nas.training import Recipe
from nas.trial import Objective

DIGITS = Path(__file__).parents[1] / "configs" / "digits.yaml"
SPACE = "input: [1, 8, 8]\nclasses: 10\nlayers: [flatten, {linear: {units: classes}}]\n"
LEAST = "space: s.yaml\ndata: digits\n"


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """File names in messages are relative to where these tests run."""
    monkeypatch.chdir(tmp_path)
    Path("s.yaml").write_text(SPACE)


WRAPPED: Mapping[str, Mapping[str, Any]] = {
    "distinct": {"controller": "random"},
    "warm_start": {"controller": "random"},
    "portfolio": {"controllers": ["random"]},
    "successive_halving": {"controller": "random"},
    "hyperband": {"controller": "random"},
    "asha": {"controller": "random"},
}
"""What controllers that wrap others cannot be without."""


def _load(text: str, *overrides: str, name: str = "r.yaml") -> RunConfig:
    Path(name).write_text(text, encoding="utf-8")
    return load_config(name, overrides)


def _problems(text: str, *overrides: str) -> list[str]:
    with pytest.raises(SpecError) as caught:
        _load(text, *overrides)
    assert caught.value.exit_code == 2
    return str(caught.value).splitlines()


def test_keys_are_frozen() -> None:
    # Run files are written with them: taking one away breaks files, and belongs in the changelog.
    known = "name space data controller evaluator objectives budget winner final seed device precision threads recorded"
    assert known.split() == list(TOP_KEYS)
    assert GIVEN == ("space", "trials", "data", "full_epochs", "proxies")


def test_defaults() -> None:
    config = _load(LEAST, name="my_run.yaml")
    assert config.name == "my_run"
    assert config.space == Path("s.yaml")
    assert config.objectives == (Objective(),)
    assert (config.trials, config.winner, config.top, config.seed) == (100, "observed", 3, 0)
    assert config.proposed == 100
    assert (config.device, config.precision) == ("auto", "auto")
    assert config.recipe() == Recipe()
    assert config.final == FULL_LENGTH == Recipe(epochs=60)
    assert [part.name for part in (config.data, config.controller, config.evaluator)] == [
        "digits",
        "bayesian_q",
        "train",
    ]
    assert [part.arguments for part in (config.data, config.controller, config.evaluator)] == [{}, {}, {}]
    assert config.recorded == {}


@pytest.mark.parametrize(
    ("key", "name"),
    [(key, name) for key, table in {"controller": CONTROLLERS, "evaluator": EVALUATORS}.items() for name in table],
)
def test_defaults_are_those_of_the_signatures(key: str, name: str) -> None:
    wrapped = WRAPPED.get(name, {})
    setting: Setting = getattr(_load(f"{LEAST}{key}: {{{name}: {json.dumps(wrapped)}}}\n"), key)
    assert setting.name == name
    assert set(setting.arguments) == set(wrapped)
    if key == "evaluator":
        expected = {field.name: getattr(Recipe(), field.name) for field in fields(Recipe)}
    else:
        parameters = inspect.signature(CONTROLLERS[name]).parameters
        defaults = {argument: p.default for argument, p in parameters.items() if argument not in GIVEN}
        expected = {argument: default for argument, default in defaults.items() if argument not in wrapped}
    assert {argument: value for argument, value in setting.full.items() if argument not in wrapped} == expected
    assert {argument: plain(setting.full[argument]) for argument in wrapped} == wrapped
    assert MISSING not in expected.values()
    assert inspect.Parameter.empty not in expected.values()


def test_defaults_of_data_sets() -> None:
    for name, loader in DATASETS.items():
        given = "{path: some.npz}" if "path" in inspect.signature(loader).parameters else "{}"
        full = dict(_load(f"space: s.yaml\ndata: {{{name}: {given}}}\n").data.full)
        full.pop("path", None)
        parameters = inspect.signature(loader).parameters.items()
        assert full == {argument: p.default for argument, p in parameters if argument != "path"}


def test_a_file_that_says_everything() -> None:
    config = _load(
        """\
name: everything
space: s.yaml
data: {npz: {path: sets/some.npz, channels: last, classes: [a, b], val_share: 0.5}}
controller: {q_learning: {alpha: 1, schedule: [[1, 2], [0.5, 1]], memory: 3}}
evaluator: {train: {epochs: 2, clip_norm: null, augment: {shift: 1, flip: true}, optimizer: sgd}}
objectives: {val_loss: minimize, val_acc: {direction: maximize, limit: 0.5}, params: {direction: minimize}}
budget: {trials: 7}
final: {top: 2, lr: 1}
seed: 5
device: cpu
precision: bfloat16
recorded: {any: [thing, {at: all}]}
"""
    )
    assert config.name == "everything"
    assert config.data.arguments == {
        "path": Path("sets/some.npz").absolute(),
        "channels": "last",
        "classes": ["a", "b"],
        "val_share": 0.5,
    }
    assert config.controller.arguments == {"alpha": 1.0, "schedule": [(1.0, 2.0), (0.5, 1.0)], "memory": 3}
    assert config.controller.full["td_lambda"] == 0.0
    expected = Recipe(epochs=2, clip_norm=None, augment=Augment(shift=1, flip=True), optimizer="sgd")
    assert config.recipe() == expected
    assert config.objectives == (
        Objective("val_loss", "minimize"),
        Objective("val_acc", "maximize", 0.5),
        Objective("params", "minimize"),
    )
    assert (config.trials, config.top, config.seed) == (7, 2, 5)
    assert config.final == Recipe(epochs=60, lr=1.0)
    assert (config.device, config.precision) == ("cpu", "bfloat16")
    assert config.recorded == {"any": ["thing", {"at": "all"}]}


NAMES = ", ".join(CONTROLLERS)
SETTINGS = "epochs, batch_size, optimizer, lr, warmup, momentum, weight_decay, l1, clip_norm, label_smoothing, augment"
FIT = "a value does not fit"
ONE = f"controller: controller is one thing (expected a name, or {{name: settings}}; names are {NAMES}"
LEARNING = "alpha, gamma, initial_q, replay, memory, td_lambda, steps, double, repeats, schedule"
NO_OBJECTIVE = "objectives: there is no objective (expected a mapping such as {val_acc: maximize}"
NO_OVERRIDE = "this is no override (expected key=value, as in budget.trials=20)"
NUMBER = "expected a valid number, got the text"
TOP = ", ".join(TOP_KEYS[:-1])

# After `space` and `data`, on line 3: what is wrong there, and the words for it.
WRONG: dict[str, tuple[str, list[str]]] = {
    "unknown key": ("bugdet: {trials: 3}", [f"1: no such key: 'bugdet' (expected {TOP}; did you mean 'budget'?)"]),
    "key of another place": (
        "trials: 3",
        [f"1: no such key: 'trials' (expected {TOP}; did you mean 'budget.trials'?)"],
    ),
    "setting at the top": (
        "epochs: 3",
        [f"1: no such key: 'epochs' (expected {TOP}; did you mean 'evaluator.train.epochs'?)"],
    ),
    "setting without a name": (
        "evaluator: {epochs: 3}",
        ["13: evaluator: no evaluator is named 'epochs' (expected train; did you mean 'train: {epochs: ...}'?)"],
    ),
    "the long name of a setting": (
        "final: {learning_rate: 1}",
        [f"9: final: no such key: 'learning_rate' (expected top, {SETTINGS}; did you mean 'lr'?)"],
    ),
    "name": (
        "name: a/b",
        ["7: name: a name is one word (expected no slashes, colons or quotes, at most 200 bytes, got 'a/b')"],
    ),
    "no name": (
        'name: ""',
        ["7: name: a name is one word (expected no slashes, colons or quotes, at most 200 bytes, got '')"],
    ),
    "dots": (
        "name: ..",
        ["7: name: a name is one word (expected no slashes, colons or quotes, at most 200 bytes, got '..')"],
    ),
    "name of a number": ("name: 5", [f"7: name: {FIT} (expected a valid string, got 5)"]),
    "controller": (
        "controller: randon",
        [f"13: controller: no controller is named 'randon' (expected {NAMES}; did you mean 'random'?)"],
    ),
    "controller with settings": (
        "controller: {evolve: {}}",
        [f"14: controller: no controller is named 'evolve' (expected {NAMES})"],
    ),
    "two": ("controller: {random: {}, q_learning: {}}", [f"13: {ONE}, got a mapping with 'random', 'q_learning')"]),
    "none": ("controller:", [f"12: {ONE}, got nothing)"]),
    "list": (
        "evaluator: [train]",
        [f"12: {ONE.replace('controller', 'evaluator').replace(NAMES, 'train')}, got a list of 1)"],
    ),
    "no settings": (
        "evaluator: {train: 3}",
        ["20: evaluator.train: settings are a mapping (expected a mapping, got 3)"],
    ),
    "setting": (
        "controller: {q_learning: {alhpa: 1}}",
        [f"27: controller.q_learning: no such key: 'alhpa' (expected {LEARNING}; did you mean 'alpha'?)"],
    ),
    "setting of the run": (
        "controller: {q_learning: {trials: 1}}",
        [f"27: controller.q_learning: no such key: 'trials' (expected {LEARNING})"],
    ),
    "type": (
        "controller: {q_learning: {replay: 1.5}}",
        [f"35: controller.q_learning.replay: {FIT} (expected a valid integer, got 1.5)"],
    ),
    "text for a number": ("evaluator: {train: {lr: '0.1'}}", [f"25: evaluator.train.lr: {FIT} ({NUMBER} '0.1')"]),
    "bool for a number": (
        "evaluator: {train: {epochs: true}}",
        [f"29: evaluator.train.epochs: {FIT} (expected a valid integer, got true)"],
    ),
    "bound": ("evaluator: {train: {lr: 0}}", [f"25: evaluator.train.lr: {FIT} (expected more than 0, got 0)"]),
    "one of": (
        "evaluator: {train: {optimizer: adam}}",
        [f"32: evaluator.train.optimizer: {FIT} (expected 'adamw' or 'sgd', got the text 'adam')"],
    ),
    "sampler": (
        "controller: {optuna: {settings: [1]}}",
        [f"33: controller.optuna.settings: {FIT} (expected a mapping, got a list of 1)"],
    ),
    "improvement": (
        "controller: {local_search: {improvement: worst}}",
        [f"42: controller.local_search.improvement: {FIT} (expected 'first' or 'best', got the text 'worst')"],
    ),
    "in a list": (
        "controller: {q_learning: {schedule: [[1, 2], [3, x]]}}",
        [f"50: controller.q_learning.schedule.1.1: {FIT} ({NUMBER} 'x')"],
    ),
    "nested bound": (
        "evaluator: {train: {augment: {shift: -1}}}",
        [f"38: evaluator.train.augment.shift: {FIT} (expected 0 or more, got -1)"],
    ),
    "nested key": (
        "evaluator: {train: {augment: {shfit: 1}}}",
        ["31: evaluator.train.augment: no such key: 'shfit' (expected shift, flip; did you mean 'shift'?)"],
    ),
    "nested type": (
        "evaluator: {train: {augment: 3}}",
        [f"30: evaluator.train.augment: {FIT} (expected a mapping, got 3)"],
    ),
    "objective": (
        "objectives: {val_acc: up}",
        [f"23: objectives.val_acc.direction: {FIT} (expected 'maximize' or 'minimize', got the text 'up')"],
    ),
    "objective key": (
        "objectives: {val_acc: {limits: 1}}",
        ["24: objectives.val_acc: no such key: 'limits' (expected direction, limit; did you mean 'limit'?)"],
    ),
    "test objective": (
        "objectives: {test_acc: maximize}",
        ["14: objectives.test_acc: objective 'test_acc': a search must not see test data; use a val_ metric"],
    ),
    "curve": (
        "objectives: {val_acc_curve: maximize}",
        ["14: objectives.val_acc_curve: objective 'val_acc_curve': a curve is not a score"],
    ),
    "a metric that nothing reports": (
        "objectives: {val_accuracy: maximize}",
        [
            "14: objectives.val_accuracy: the evaluator reports no 'val_accuracy' (expected val_acc, val_loss, "
            "train_loss, params, macs, seconds; did you mean 'val_acc'?)"
        ],
    ),
    "objectives": ("objectives: val_acc", [f"13: {NO_OBJECTIVE}, got the text 'val_acc')"]),
    "no objectives": ("objectives: {}", [f"13: {NO_OBJECTIVE}, got a mapping with no keys)"]),
    "budget": ("budget: 5", ["9: budget: budget is a mapping (expected trials, got 5)"]),
    "budget key": (
        "budget: {trial: 5}",
        ["10: budget: no such key: 'trial' (expected trials; did you mean 'trials'?)"],
    ),
    "winner": (
        "winner: best",
        [f"9: winner: {FIT} (expected 'observed', 'posterior' or 'repeat', got the text 'best')"],
    ),
    "no trials": ("budget: {trials: 0}", [f"18: budget.trials: {FIT} (expected 1 or more, got 0)"]),
    "trials": ("budget: {trials: many}", [f"18: budget.trials: {FIT} (expected a valid integer, got the text 'many')"]),
    "final": ("final: {tops: 2}", [f"9: final: no such key: 'tops' (expected top, {SETTINGS}; did you mean 'top'?)"]),
    "top": ("final: {top: 0}", [f"14: final.top: {FIT} (expected 1 or more, got 0)"]),
    "final recipe": ("final: {epochs: 0}", [f"17: final.epochs: {FIT} (expected 1 or more, got 0)"]),
    "seed": ("seed: -1", [f"7: seed: {FIT} (expected 0 or more, got -1)"]),
    "no seed": ("seed:", [f"6: seed: {FIT} (expected a valid integer, got nothing)"]),
    "threads": ("threads: 100000", [f"10: threads: {FIT} (expected 1024 or less, got 100000)"]),
    "device": ("device: gpu", [f"9: device: {FIT} (expected 'auto', 'cpu' or 'cuda', got the text 'gpu')"]),
    "precision": (
        "precision: float8",
        [f"12: precision: {FIT} (expected 'auto', 'float32', 'bfloat16' or 'float16', got the text 'float8')"],
    ),
    "recorded": ("recorded: 3", [f"11: recorded: {FIT} (expected a mapping, got 3)"]),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_problem_is_told_with_its_place(case: str) -> None:
    line, expected = WRONG[case]
    assert _problems(f"{LEAST}{line}\n") == [f"r.yaml:3:{words}" for words in expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[1, 2]", ["1:1: a run file is a mapping (expected a mapping, got a list of 2)"]),
        (
            "seed: 1",
            [
                "1:1: 'space' is missing (got a mapping with 'seed')",
                "1:1: 'data' is missing (got a mapping with 'seed')",
            ],
        ),
        ("space: no.yaml\ndata: digits", ["1:8: space: there is no file no.yaml"]),
        ("space: 5\ndata: digits", [f"1:8: space: {FIT} (expected a valid string, got 5)"]),
        ("space: ''\ndata: digits", ["1:8: space: there is no file ."]),
        (
            "space: s.yaml\ndata: digit",
            ["2:7: data: no data set is named 'digit' (expected digits, npz; did you mean 'digits'?)"],
        ),
        ("space: s.yaml\ndata: npz", ["2:7: data.npz: the setting 'path' is missing"]),
        (
            "space: s.yaml\ndata: {npz: {path: null}}",
            [f"2:20: data.npz.path: {FIT} (expected a valid string, got nothing)"],
        ),
        (
            "space: s.yaml\ndata: {npz: {path: a, classes: [a, 1]}}",
            [f"2:36: data.npz.classes.1: {FIT} (expected a valid string, got 1)"],
        ),
        (
            "space: s.yaml\ndata: {digits: {val_share: 1}}",
            [f"2:28: data.digits.val_share: {FIT} (expected less than 1, got 1)"],
        ),
        ("space: s.yaml\ndata: digits\nseed: 1\nseed: 2", ["4:1: the key 'seed' is given twice"]),
        (
            "space: s.yaml\ndata: !!python/object:os.system {}",
            ["2:7: tags are not read (expected plain data, got tag:yaml.org,2002:python/object:os.system)"],
        ),
        ("", ["1:1: the file is empty (expected a mapping)"]),
    ],
)
def test_a_problem_of_the_file_as_a_whole(text: str, expected: list[str]) -> None:
    assert _problems(text) == [f"r.yaml:{words}" for words in expected]


def test_all_problems_are_told_at_once_in_the_order_of_the_file() -> None:
    text = """\
seed: -1
space: no.yaml
data: {digits: {val_shar: 0.1, test_share: 5}}
final: {top: x, lr: -1}
evaluator: {train: {lr: fast, augment: {flip: 1, turn: 2}}}
objectives: {test_acc: maximize, val_acc: {limit: high}}
"""
    found = _problems(text)
    places = [line.partition(": ")[0].removeprefix("r.yaml:") for line in found]
    assert places == ["1:7", "2:8", "3:17", "3:44", "4:14", "4:21", "5:25", "5:47", "5:50", "6:14", "6:51"]
    with pytest.raises(SpecError) as caught:
        _load(text)
    assert len(caught.value.problems) == len(places)


def test_no_file() -> None:
    with pytest.raises(UsageError, match=r"^none\.yaml: there is no such file$"):
        load_config("none.yaml")


def test_paths_are_relative_to_the_file_that_names_them(tmp_path: Path) -> None:
    Path("runs").mkdir()
    Path("spaces").mkdir()
    Path("spaces/s.yaml").write_text(SPACE)
    Path("runs/r.yaml").write_text("space: ../spaces/s.yaml\ndata: {npz: {path: ../sets/d.npz}}\n")
    config = load_config(Path("runs") / "r.yaml")
    assert config.space == Path("runs/../spaces/s.yaml")
    assert config.load_space().size == 1
    assert config.data.arguments["path"] == tmp_path / "runs" / ".." / "sets" / "d.npz"
    with pytest.raises(UsageError, match=r"d\.npz: there is no such file"):
        config.load_data()
    Path("sets").mkdir()
    inputs, labels = np.zeros((10, 1, 8, 8), np.uint8), np.arange(10) % 2
    np.savez("sets/d.npz", train_inputs=inputs, train_labels=labels)
    assert config.load_data().name == "d"
    absolute = tmp_path / "spaces" / "s.yaml"
    assert _load(f"space: {absolute}\ndata: digits\n").space == absolute


OVERRIDES: list[tuple[str, str, Any]] = [
    ("budget.trials=20", "trials", 20),
    ("seed=7", "seed", 7),
    ("name=other", "name", "other"),
    ("name='5'", "name", "5"),
    ("device=cpu", "device", "cpu"),
    ("final.top=1", "top", 1),
    ("final.epochs=3", "final", Recipe(epochs=3)),
    ("final={epochs: 4, lr: 0.5}", "final", Recipe(epochs=4, lr=0.5)),
    ("objectives={val_loss: minimize}", "objectives", (Objective("val_loss", "minimize"),)),
    ("objectives.params=minimize", "objectives", (Objective(), Objective("params", "minimize"))),
    ("objectives.val_acc.limit=0.5", "objectives", (Objective("val_acc", "maximize", 0.5),)),
    ("recorded.a.b.c=[1, 2]", "recorded", {"a": {"b": {"c": [1, 2]}}}),
]


@pytest.mark.parametrize(("override", "attribute", "expected"), OVERRIDES)
def test_overrides(override: str, attribute: str, expected: Any) -> None:
    assert getattr(_load(LEAST + "budget: {trials: 3}\n", override), attribute) == expected


def test_overrides_of_settings() -> None:
    text = LEAST + "evaluator: {train: {epochs: 5, lr: 0.1}}\ncontroller: random\n"
    config = _load(text, "evaluator.train.epochs=9", "evaluator.train.augment.shift=2", "evaluator.train.clip_norm=")
    assert config.recipe() == Recipe(epochs=9, lr=0.1, augment=Augment(shift=2), clip_norm=None)
    assert _load(text, "controller=regularized_evolution").controller.name == "regularized_evolution"
    config = _load(text, "controller.q_learning.alpha=0.5")
    assert (config.controller.name, config.controller.arguments) == ("q_learning", {"alpha": 0.5})
    assert _load(text, "seed=1", "seed=2").seed == 2
    assert _load("data: digits\n", "space=s.yaml").space == Path("s.yaml")


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
    found = _problems(LEAST, override)
    assert len(found) == 1
    assert found[0].partition(": ")[2] == expected.partition(": ")[2]
    if not expected.startswith("r.yaml"):
        assert found == [expected]


def test_a_malformed_value_of_an_override() -> None:
    (found,) = _problems(LEAST, "seed=[1")
    assert found.startswith("argument 'seed=[1':1:")
    assert "this is not YAML" in found


def test_problems_of_the_file_and_of_overrides_are_told_together() -> None:
    found = _problems(LEAST + "seed: x\n", "budget.trials=0", "device=gpu")
    assert len(found) == 3


NESTED = (
    LEAST
    + """\
controller:
  distinct:
    tries: 5
    controller:
      distinct: {controller: {q_learning: {alpha: 0.1}}}
"""
)

ONE_INSIDE = ONE.replace("controller", "$")

# What is wrong inside `controller: {distinct: {controller: ...}}`, its place on line 3, and the words for it.
WRONG_INSIDE: dict[str, tuple[str, list[str]]] = {
    "name": ("randon", [f"37: $: no controller is named 'randon' (expected {NAMES}; did you mean 'random'?)"]),
    "a name with settings": (
        "{randon: {}}",
        [f"38: $: no controller is named 'randon' (expected {NAMES}; did you mean 'random'?)"],
    ),
    "a setting without a name": (
        "{alpha: 1}",
        [f"38: $: no controller is named 'alpha' (expected {NAMES}; did you mean 'q_learning: {{alpha: ...}}'?)"],
    ),
    "no name": (
        "[random]",
        [f"37: $: $ is one thing (expected a name, or {{name: settings}}; names are {NAMES}, got a list of 1)"],
    ),
    "two": (
        "{distinct: {controller: {q_learning: {alhpa: 1, replay: x}}}}",
        [
            f"75: $.distinct.controller.q_learning: no such key: 'alhpa' (expected {LEARNING}; did you mean 'alpha'?)",
            f"93: $.distinct.controller.q_learning.replay: {FIT} (expected a valid integer, got the text 'x')",
        ],
    ),
    "what the run supplies": (
        "{q_learning: {trials: 1}}",
        [f"51: $.q_learning: no such key: 'trials' (expected {LEARNING})"],
    ),
    "nothing to wrap": ("distinct", ["37: $.distinct: the setting 'controller' is missing"]),
}


@pytest.mark.parametrize("case", WRONG_INSIDE)
def test_a_problem_inside_a_controller_is_told_with_its_place(case: str) -> None:
    given, expected = WRONG_INSIDE[case]
    inside = "controller.distinct.controller"
    found = _problems(f"{LEAST}controller: {{distinct: {{controller: {given}}}}}\n")
    assert found == [f"r.yaml:3:{words}".replace("$", inside) for words in expected]


def test_controllers_wrap_controllers() -> None:
    config = _load(NESTED + "budget: {trials: 40}\n")
    assert [one.name for one in config.controller.walk()] == ["distinct", "distinct", "q_learning"]
    assert [one.mark.line for one in config.controller.walk()] == [4, 7, 7]
    inner = config.resolved()["controller"]["distinct"]["controller"]["distinct"]
    assert inner["tries"] == 10
    assert inner["controller"]["q_learning"]["alpha"] == 0.1
    assert inner["controller"]["q_learning"]["replay"] == 100
    assert "trials" not in inner["controller"]["q_learning"]
    space = config.load_space(config.load_data())
    outer = config.make_controller(space)
    assert isinstance(outer, Distinct)
    assert outer.tries == 5
    assert isinstance(outer.controller, Distinct)
    learning = outer.controller.controller
    assert isinstance(learning, QLearning)
    assert (learning.space, learning.alpha, learning.epsilon(39)) == (space, 0.1, 0.1)


PORTFOLIO = (
    LEAST
    + """\
controller:
  portfolio:
    controllers:
      - random
      - distinct: {controller: {regularized_evolution: {population: 20}}}
      - q_learning: {alpha: 0.1}
"""
)


def test_several_controllers_in_one() -> None:
    config = _load(PORTFOLIO, "controller.portfolio.controllers.1.distinct.tries=3")
    names = ["portfolio", "random", "distinct", "regularized_evolution", "q_learning"]
    assert [one.name for one in config.controller.walk()] == names
    full = config.resolved()["controller"]["portfolio"]
    assert (full["window"], full["controllers"][0]) == (500, "random")
    assert full["controllers"][1]["distinct"]["tries"] == 3
    assert full["controllers"][1]["distinct"]["controller"]["regularized_evolution"]["population"] == 20
    controller = config.make_controller(config.load_space(config.load_data()))
    assert isinstance(controller, Portfolio)
    assert [type(one) for one in controller.controllers] == [RandomSearch, Distinct, QLearning]


def test_all_that_is_wrong_with_several_controllers_is_told() -> None:
    text = LEAST + "controller: {portfolio: {controllers: %s}}\n"
    nothing = "controller.portfolio.controllers: there are no controllers (expected a list of one or more, each a name,"
    assert _problems(text % "random") == [f"r.yaml:3:39: {nothing} or {{name: settings}}, got the text 'random')"]
    assert _problems(text % "[]") == [f"r.yaml:3:39: {nothing} or {{name: settings}}, got a list of 0)"]
    assert _problems(text % "[randm, random, {q_learning: {alhpa: 1}}]") == [
        f"r.yaml:3:40: controller.portfolio.controllers.0: no controller is named 'randm' (expected {NAMES}; "
        "did you mean 'random'?)",
        f"r.yaml:3:69: controller.portfolio.controllers.2.q_learning: no such key: 'alhpa' (expected {LEARNING}; "
        "did you mean 'alpha'?)",
    ]
    config = _load(text % "[{q_learning: {alpha: 5}}, random, {distinct: {controller: random, tries: 0}}]")
    with pytest.raises(SpecError) as caught:
        config.make_controller(config.load_space(config.load_data()))
    assert [str(problem).partition(" must")[0] for problem in caught.value.problems] == [
        "r.yaml:3:41: controller.portfolio.controllers.0.q_learning: alpha",
        "r.yaml:3:75: controller.portfolio.controllers.2.distinct: tries",
    ]


def test_a_proxy_gets_the_data_that_it_needs() -> None:
    config = _load(LEAST + "controller: {warm_start: {controller: random, proxy: snip}}\n")
    data = config.load_data()
    space = config.load_space(data)
    assert isinstance(config.make_controller(space, data), WarmStart)
    with pytest.raises(UsageError, match="the proxy 'snip' needs a data set"):
        config.make_controller(space)
    (found,) = _problems(LEAST + "controller: {warm_start: {controller: random, proxy: synflw}}\n")
    assert found.startswith(
        "r.yaml:3:54: controller.warm_start.proxy: a value does not fit (expected 'params', 'macs', "
    )


def test_overrides_reach_inside() -> None:
    config = _load(NESTED, "controller.distinct.controller.distinct.controller.q_learning.alpha=0.2")
    assert [one.name for one in config.controller.walk()] == ["distinct", "distinct", "q_learning"]
    assert [one.arguments for one in config.controller.walk()][-1] == {"alpha": 0.2}
    config = _load(NESTED, "controller.distinct.controller=random")
    assert plain(config.controller) == {"distinct": {"controller": "random", "tries": 5}}


def test_an_override_reaches_into_a_list() -> None:
    schedule = LEAST + "controller: {q_learning: {schedule: [[1, 2], [0.5, 1]]}}\n"
    assert _load(schedule, "controller.q_learning.schedule.1.0=0.25").controller.arguments == {
        "schedule": [(1.0, 2.0), (0.25, 1.0)]
    }
    (found,) = _problems(schedule, "controller.q_learning.schedule.2.0=1")
    assert "expected a valid tuple" in found or "expected a valid array" in found or "list" in found


def test_the_identity_holds_settings_at_any_depth_and_no_budget() -> None:
    before = _load(NESTED).identity()
    assert _load(NESTED, "controller.distinct.tries=6").identity() != before
    assert _load(NESTED, "controller.distinct.controller.distinct.controller.q_learning.alpha=0.5").identity() != before
    assert _load(NESTED, "budget.trials=5", "winner=repeat").identity() == before


def test_a_controller_inside_that_cannot_be_had_is_told_with_its_place() -> None:
    config = _load(LEAST + "controller: {distinct: {controller: {q_learning: {alpha: 5}}}}\n")
    with pytest.raises(SpecError) as caught:
        config.make_controller(config.load_space(config.load_data()))
    assert str(caught.value) == (
        "r.yaml:3:38: controller.distinct.controller.q_learning: alpha must be in (0, 1] and gamma in [0, 1], "
        "got 5.0 and 1.0"
    )


ROUND_TRIPS = [
    LEAST,
    NESTED,
    PORTFOLIO,
    LEAST + "controller: regularized_evolution\nevaluator: {train: {clip_norm: null, lr: 1}}\nname: '1e3'\n",
    LEAST + "controller: {q_learning: {schedule: [[1, 2], [0.25, 1]], alpha: 1}}\n",
    LEAST + "controller: {optuna: {settings: {multivariate: true, n_startup_trials: 3}}}\n",
    LEAST + "winner: repeat\nbudget: {trials: 40}\n",
    LEAST + "objectives: {val_loss: {direction: minimize, limit: 3}, val_acc: maximize}\nseed: 9223372036854775807\n",
    "space: s.yaml\ndata: {npz: {path: 'a b/no.npz', classes: ['no', '1', 'yes', 'null', '0o7']}}\ndevice: cpu\n",
    LEAST + "evaluator: {train: {lr: 1e-7, weight_decay: 123456789.0, augment: {flip: true}}}\nfinal: {top: 9}\n",
]


@pytest.mark.parametrize("text", ROUND_TRIPS)
def test_what_is_written_out_reads_as_the_same(text: str, tmp_path: Path) -> None:
    config = _load(text)
    resolved = config.resolved(space=str(tmp_path / "s.yaml"))
    Path("elsewhere").mkdir()
    Path("elsewhere/config.yaml").write_text(to_yaml(resolved), encoding="utf-8")
    again = load_config("elsewhere/config.yaml")
    assert again.identity() == config.identity()
    assert again.resolved() == resolved
    for field in fields(RunConfig):
        if field.name not in ("space", "mark", "data", "controller", "evaluator"):
            assert getattr(again, field.name) == getattr(config, field.name)
    for name in ("data", "controller", "evaluator"):
        before, after = getattr(config, name), getattr(again, name)
        assert after.name == before.name
        assert plain(after.full) == plain(before.full)
    assert again.recipe() == config.recipe()


def test_identity_holds_what_a_search_follows_from() -> None:
    config = _load(LEAST + "controller: random\n")

    def changed(*overrides: str) -> bool:
        return load_config("r.yaml", overrides).identity() != config.identity()

    matters: Sequence[Sequence[str]] = [
        ["seed=1"],
        ["controller=regularized_evolution"],
        ["evaluator.train.lr=0.5"],
        ["evaluator.train.augment.shift=1"],
        ["objectives={val_loss: minimize}"],
        ["objectives.val_acc.limit=0.1"],
    ]
    # A search that is made longer, moved to another device, or ends in another way is the same search. The space and
    # the data are compared by their fingerprints.
    free: Sequence[Sequence[str]] = [
        ["budget.trials=5"],
        ["winner=posterior"],
        ["winner=repeat"],
        ["final.top=1"],
        ["final.epochs=2"],
        ["name=x"],
        ["device=cpu"],
        ["recorded.x=1"],
        ["evaluator.train.lr=0.003"],
        ["evaluator.train.clip_norm=1"],
    ]
    assert [overrides for overrides in matters if not changed(*overrides)] == []
    assert [overrides for overrides in free if changed(*overrides)] == []


@pytest.mark.parametrize(("trials", "proposed"), [(1, 1), (2, 1), (9, 8), (14, 13), (60, 54), (100, 90)])
def test_the_controller_of_a_run_that_repeats_has_the_budget_before_that(trials: int, proposed: int) -> None:
    halves = "controller: {q_learning: {schedule: [[1, 1], [0.5, 1]]}}\n"
    config = _load(LEAST + halves + f"winner: repeat\nbudget: {{trials: {trials}}}\n")
    assert config.proposed == proposed
    controller = config.make_controller(config.load_space(config.load_data()))
    assert isinstance(controller, QLearning)
    assert [controller.epsilon(number) for number in range(trials)].count(1) == -(-proposed // 2)


def test_what_a_run_needs_is_made() -> None:
    config = _load(LEAST + "controller: {q_learning: {alpha: 0.5}}\nbudget: {trials: 40}\n")
    data = config.load_data()
    space = config.load_space(data)
    assert (space.name, space.input, space.output) == ("s", (1, 8, 8), (10,))
    controller = config.make_controller(space)
    assert isinstance(controller, QLearning)
    assert controller.alpha == 0.5
    # The last step of the schedule ends where the budget ends.
    assert controller.epsilon(0) == 1.0
    assert controller.epsilon(39) == 0.1
    assert isinstance(_load(LEAST + "controller: random\n").make_controller(space), RandomSearch)
    evolution = _load(LEAST + "controller: {regularized_evolution: {population: 5}}\n").make_controller(space)
    assert isinstance(evolution, RegularizedEvolution)
    with pytest.raises(UsageError, match="alpha must be in"):
        _load(LEAST + "controller: {q_learning: {alpha: 5}}\n").make_controller(space)


@pytest.mark.parametrize(
    ("controller", "followed"),
    [
        ("random", 1),
        ("nsga2", 3),
        ("{distinct: {controller: nsga2}}", 3),
        ("{portfolio: {controllers: [random, {optuna: {sampler: NSGAIISampler, objectives: 2}}]}}", 2),
    ],
)
def test_how_many_objectives_a_controller_reads(controller: str, followed: int) -> None:
    objectives = "objectives: {val_acc: maximize, params: minimize, macs: minimize}\n"
    assert _load(f"{LEAST}{objectives}controller: {controller}\n").followed == followed
    assert _load(f"{LEAST}controller: {controller}\n").followed == 1


def test_a_sampler_of_optuna_is_made() -> None:
    text = "controller: {optuna: {sampler: NSGAIISampler, settings: {population_size: 7}, objectives: 2}}\n"
    config = _load(LEAST + text)
    space = config.load_space(config.load_data())
    assert isinstance(config.make_controller(space), OptunaController)
    identity = config.identity()["controller"]["optuna"]
    assert identity == {"sampler": "NSGAIISampler", "settings": {"population_size": 7}, "hub": None, "objectives": 2}
    assert isinstance(_load(LEAST + "controller: optuna\n").make_controller(space), OptunaController)
    wrong = _load(LEAST + text, "controller.optuna.settings.popsize=3")
    with pytest.raises(UsageError, match="NSGAIISampler has no setting 'popsize'"):
        wrong.make_controller(space)
    local = _load(LEAST + "controller: {local_search: {improvement: best}}\n").make_controller(space)
    assert isinstance(local, LocalSearch)
    assert local.improvement == "best"


def test_a_recorded_data_set_stands_in_for_the_real_one() -> None:
    Path("s.yaml").write_text("layers: [flatten, {linear: {units: classes}}]\n")
    config = _load(LEAST + "recorded: {data: {shape: [3, 4, 5], classes: [a, b]}}\n")
    space = config.load_space()
    assert (space.input, space.output) == ((3, 4, 5), (2,))
    assert replace(config, recorded={}).load_space(config.load_data()).output == (10,)
    with pytest.raises(SpecError):
        replace(config, recorded={}).load_space()


def test_plain() -> None:
    value: Mapping[str, Any] = {"recipe": Recipe(epochs=2), "path": Path("a/b"), "pairs": ((1, 2.5), [None, True])}
    done = plain(value)
    assert done["recipe"]["augment"] == {"shift": 0, "flip": False}
    assert (done["path"], done["pairs"]) == ("a/b", [[1, 2.5], [None, True]])
    assert yaml.safe_load(yaml.safe_dump(done)) == done


def test_the_example_runs_as_it_is_said() -> None:
    config = load_config(DIGITS)
    assert (config.name, config.trials, config.controller.name) == ("digits", 60, "bayesian_q")
    assert config.recipe() == Recipe(epochs=6, batch_size=128, lr=0.01, augment=Augment(shift=1))
    space = config.load_space(config.load_data())
    assert space.name == "digits_cnn"
    config.make_controller(space)


def test_a_path_that_no_file_can_name() -> None:
    """Bytes of a folder that are no UTF-8: the recorded file could not be read again."""
    folder = Path(os.fsdecode(b"bad\xe4"))
    folder.mkdir()
    (folder / "s.yaml").write_text(SPACE)
    (folder / "run.yaml").write_text("space: s.yaml\ndata: {npz: {path: data.npz}}\n")
    with pytest.raises(SpecError, match=r"run\.yaml:2:7: data: a run records the path of its data, and this one is no"):
        load_config(folder / "run.yaml")
    load_config(folder / "run.yaml", ["data=digits"])
