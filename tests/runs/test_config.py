"""Run files: every way to be wrong with its exact words, defaults, and writing them out again."""

import inspect
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nas.controllers import CONTROLLERS
from nas.data import DATASETS, Augment
from nas.errors import SpecError, UsageError
from nas.evaluate import EVALUATORS
from nas.evaluate.evaluation import make_data
from nas.final.export import to_yaml
from nas.runs.config import RunConfig, load_config
from nas.runs.prepare import make_space
from nas.settings import identity, plain, resolved
from nas.settings.signature import keys_of
from nas.training import Recipe
from nas.training.recipe import FULL_LENGTH
from nas.trial import Objective
from tests.run_files import (
    FIT,
    LEARNING,
    LEAST,
    NAMES,
    NESTED,
    ONE,
    PORTFOLIO,
    RECIPE,
    SETTINGS,
    SPACE,
    TOP,
    load,
    problems,
    recipe,
)

pytestmark = pytest.mark.usefixtures("in_a_folder")


WRAPPED: Mapping[str, Mapping[str, Any]] = {
    "distinct": {"controller": "random"},
    "warm_start": {"controller": "random"},
    "portfolio": {"controllers": ["random"]},
    "successive_halving": {"controller": "random"},
    "hyperband": {"controller": "random"},
    "asha": {"controller": "random"},
}
"""What controllers that wrap others cannot be without."""


def test_keys_are_frozen() -> None:
    # Run files are written with them: taking one away breaks files, and belongs in the changelog.
    known = "space data evaluator task objectives device precision threads name controller budget winner final seed"
    assert [*known.split(), "recorded"] == list(keys_of(RunConfig))


def test_defaults() -> None:
    config = load(LEAST, name="my_run.yaml")
    assert config.name == "my_run"
    assert config.space == Path("s.yaml")
    assert (config.task, config.objectives) == ("auto", ())
    assert (config.budget.trials, config.winner, config.final.top, config.seed) == (100, "observed", 3, 0)
    assert config.proposed == 100
    assert (config.device, config.precision) == ("auto", "auto")
    assert recipe(config) == Recipe()
    assert config.final.recipe == FULL_LENGTH == Recipe(epochs=60)
    assert [part.name for part in (config.data, config.controller, config.evaluator)] == [
        "digits",
        "bayesian_q",
        "train",
    ]
    assert [part.arguments for part in (config.data, config.controller, config.evaluator)] == [{}, {}, {}]
    assert config.recorded == {}


@pytest.mark.parametrize("name", CONTROLLERS)
def test_defaults_are_those_of_the_signatures(name: str) -> None:
    wrapped = WRAPPED.get(name, {})
    setting = load(f"{LEAST}controller: {{{name}: {json.dumps(wrapped)}}}\n").controller
    assert setting.name == name
    assert set(setting.arguments) == set(wrapped)
    parameters = inspect.signature(CONTROLLERS[name]).parameters
    expected = {
        argument: one.default
        for argument, one in parameters.items()
        if argument not in CONTROLLERS.supplied and argument not in wrapped
    }
    assert {argument: value for argument, value in setting.full.items() if argument not in wrapped} == expected
    assert {argument: plain(setting.full[argument]) for argument in wrapped} == wrapped
    assert inspect.Parameter.empty not in expected.values()


def test_defaults_of_a_training() -> None:
    full = load(LEAST).evaluator.full
    assert full == {**{one.name: getattr(Recipe(), one.name) for one in fields(Recipe)}, "metrics": ()}


def test_defaults_of_data_sets() -> None:
    for name, loader in DATASETS.items():
        given = "{path: some.npz}" if "path" in inspect.signature(loader).parameters else "{}"
        full = dict(load(f"space: s.yaml\ndata: {{{name}: {given}}}\n").data.full)
        full.pop("path", None)
        parameters = inspect.signature(loader).parameters.items()
        assert full == {argument: p.default for argument, p in parameters if argument not in ("path", "task")}


def test_a_file_that_says_everything() -> None:
    config = load(
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
        "path": Path("sets/some.npz"),
        "channels": "last",
        "classes": ["a", "b"],
        "val_share": 0.5,
    }
    assert config.controller.arguments == {"alpha": 1.0, "schedule": [(1.0, 2.0), (0.5, 1.0)], "memory": 3}
    assert config.controller.full["td_lambda"] == 0.0
    expected = Recipe(epochs=2, clip_norm=None, augment=Augment(shift=1, flip=True), optimizer="sgd")
    assert recipe(config) == expected
    assert config.objectives == (
        Objective("val_loss", "minimize"),
        Objective("val_acc", "maximize", 0.5),
        Objective("params", "minimize"),
    )
    assert (config.budget.trials, config.final.top, config.seed) == (7, 2, 5)
    assert config.final.recipe == Recipe(epochs=60, lr=1.0)
    assert (config.device, config.precision) == ("cpu", "bfloat16")
    assert config.recorded == {"any": ["thing", {"at": "all"}]}


NO_OBJECTIVE = f"objectives: {FIT} (expected a mapping, {{metric: direction}}"


NUMBER = "expected a valid number, got the text"


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
        [
            f"13: evaluator: no evaluator is named 'epochs' (expected {', '.join(EVALUATORS)}; "
            "did you mean 'train: {epochs: ...}'?)"
        ],
    ),
    "the long name of a setting": (
        "final: {learning_rate: 1}",
        [f"9: final: no such key: 'learning_rate' (expected top, {RECIPE}; did you mean 'lr'?)"],
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
        [f"12: {ONE.replace('controller', 'evaluator').replace(NAMES, ', '.join(EVALUATORS))}, got a list of 1)"],
    ),
    "no settings": (
        "evaluator: {train: 3}",
        [f"20: evaluator.train: {FIT} (expected a mapping with {SETTINGS}, got 3)"],
    ),
    "setting": (
        "controller: {q_learning: {alhpa: 1}}",
        [f"27: controller.q_learning: no such key: 'alhpa' (expected {LEARNING}; did you mean 'alpha'?)"],
    ),
    "setting of the run": (
        "controller: {q_learning: {trials: 1}}",
        [f"27: controller.q_learning: no such key: 'trials' (expected {LEARNING}; did you mean 'budget.trials'?)"],
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
        [
            f"47: controller.q_learning.schedule.1.0: {FIT} (expected 1 or less, got 3)",
            f"50: controller.q_learning.schedule.1.1: {FIT} ({NUMBER} 'x')",
        ],
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
        [f"30: evaluator.train.augment: {FIT} (expected a mapping with shift, flip, got 3)"],
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
            "14: objectives.val_accuracy: the evaluator reports no 'val_accuracy' (expected val_acc, val_balanced_acc, "
            "val_f1, val_precision, val_recall, val_roc_auc, val_log_loss, val_rmse, val_mae, val_r2, val_loss, "
            "train_loss, params, macs, seconds; did you mean 'val_acc'?)"
        ],
    ),
    "a metric of another task": (
        "objectives: {val_acc: maximize}\ntask: regression",
        [
            "14: objectives.val_acc: the evaluator reports no 'val_acc' (expected val_rmse, val_mae, val_r2, val_loss, "
            "train_loss, params, macs, seconds; did you mean 'val_mae'?)"
        ],
    ),
    "task": (
        "task: regresion",
        [
            f"7: task: {FIT} (expected auto, classification, regression, got the text 'regresion'; did you mean "
            "'regression'?)"
        ],
    ),
    "objectives": ("objectives: val_acc", [f"13: {NO_OBJECTIVE}, got the text 'val_acc')"]),
    "budget": ("budget: 5", [f"9: budget: {FIT} (expected a mapping with trials, got 5)"]),
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
    "final": ("final: {tops: 2}", [f"9: final: no such key: 'tops' (expected top, {RECIPE}; did you mean 'top'?)"]),
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
    assert problems(f"{LEAST}{line}\n") == [f"r.yaml:3:{words}" for words in expected]


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
        ("space: s.yaml\ndata: npz", ["2:7: data.npz: 'path' is missing"]),
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
    assert problems(text) == [f"r.yaml:{words}" for words in expected]


def test_all_problems_are_told_at_once_in_the_order_of_the_file() -> None:
    text = """\
seed: -1
space: no.yaml
data: {digits: {val_shar: 0.1, test_share: 5}}
final: {top: x, lr: -1}
evaluator: {train: {lr: fast, augment: {flip: 1, turn: 2}}}
objectives: {test_acc: maximize, val_acc: {limit: high}}
"""
    found = problems(text)
    places = [line.partition(": ")[0].removeprefix("r.yaml:") for line in found]
    assert places == ["1:7", "2:8", "3:17", "3:44", "4:14", "4:21", "5:25", "5:47", "5:50", "6:14", "6:51"]
    with pytest.raises(SpecError) as caught:
        load(text)
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
    assert make_space(config).size == 1
    assert config.data.arguments["path"] == Path("runs/../sets/d.npz")
    with pytest.raises(UsageError, match=r"d\.npz: there is no such file"):
        make_data(config)
    Path("sets").mkdir()
    inputs, labels = np.zeros((10, 1, 8, 8), np.uint8), np.arange(10) % 2
    np.savez("sets/d.npz", train_inputs=inputs, train_labels=labels)
    assert make_data(config).name == "d"
    absolute = tmp_path / "spaces" / "s.yaml"
    assert load(f"space: {absolute}\ndata: digits\n").space == absolute


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
    config = load(text)
    written = {**resolved(config), "space": str(tmp_path / "s.yaml")}
    Path("elsewhere").mkdir()
    Path("elsewhere/config.yaml").write_text(to_yaml(written), encoding="utf-8")
    again = load_config("elsewhere/config.yaml")
    assert identity(again) == identity(config)
    assert {**resolved(again), "space": written["space"]} == written
    for field in fields(RunConfig):
        if field.name not in ("space", "mark", "data", "controller", "evaluator"):
            assert getattr(again, field.name) == getattr(config, field.name)
    for name in ("data", "controller", "evaluator"):
        before, after = getattr(config, name), getattr(again, name)
        assert after.name == before.name
        assert plain(after.full) == plain(before.full)
    assert recipe(again) == recipe(config)


def test_identity_holds_what_a_search_follows_from() -> None:
    config = load(LEAST + "controller: random\n")

    def changed(*overrides: str) -> bool:
        return identity(load_config("r.yaml", overrides)) != identity(config)

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


def test_a_path_that_no_file_can_name() -> None:
    """Bytes of a folder that are no UTF-8: the recorded file could not be read again."""
    folder = Path(os.fsdecode(b"bad\xe4"))
    folder.mkdir()
    (folder / "s.yaml").write_text(SPACE)
    (folder / "run.yaml").write_text("space: s.yaml\ndata: {npz: {path: data.npz}}\n")
    with pytest.raises(SpecError, match=r"run\.yaml:2:20: data\.npz\.path: this path cannot be recorded as text"):
        load_config(folder / "run.yaml")
    load_config(folder / "run.yaml", ["data=digits"])
