"""Run files: defaults, what they contain, and how they are written again."""

import inspect
import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nas.controllers import CONTROLLERS
from nas.data import DATASETS, Augment
from nas.errors import UsageError
from nas.evaluate.evaluation import make_data
from nas.final.export import to_yaml
from nas.runs.config import RunConfig, load_config
from nas.runs.prepare import make_space
from nas.settings import identity, plain, resolved
from nas.settings.signature import ABSENT, REQUIRED, keys_of
from nas.training import Recipe
from nas.training.recipe import FULL_LENGTH
from nas.trial import Objective
from tests.run_files import (
    LEAST,
    NESTED,
    PORTFOLIO,
    SPACE,
    load,
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
    "early_stopping": {"controller": "random"},
}
"""What controllers that wrap others cannot be without."""


def test_keys_are_frozen() -> None:
    # Run files are written with them: taking one away breaks files, and belongs in the changelog.
    known = "space data evaluator task objectives hardware device precision threads name controller budget "
    known += "executor workers window order limits cache winner final baseline seed"
    assert [*known.split(), "recorded"] == list(keys_of(RunConfig))


def test_defaults() -> None:
    config = load(LEAST, name="my_run.yaml")
    assert config.name == "my_run"
    assert config.space == Path("s.yaml")
    assert (config.task, config.objectives) == ("auto", ())
    assert (config.budget.trials, config.winner, config.final.top, config.seed) == (100, "observed", 3, 0)
    assert config.cache is None
    assert config.proposing == config.budget
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
    recipe = {one.name: getattr(Recipe(), one.name) for one in fields(Recipe)}
    assert full == {**recipe, "repeats": 1, "metrics": ()}


def test_defaults_of_data_sets() -> None:
    for name, loader in DATASETS.items():
        keys = keys_of(loader, ("task",))
        required = {"path": "some.npz", "dataset": "wine"}
        given = {key: required[key] for key, one in keys.items() if one.default is REQUIRED}
        full = load(f"space: s.yaml\ndata: {{{name}: {json.dumps(given)}}}\n").data.full
        defaults = {key: one.default for key, one in keys.items() if key not in given and one.default is not ABSENT}
        assert {key: value for key, value in full.items() if key not in given} == defaults


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
        if field.name not in ("space", "places", "data", "controller", "evaluator"):
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
