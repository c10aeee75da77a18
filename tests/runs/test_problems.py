"""Every way in which a run file can be wrong, with its exact words."""

import os
from dataclasses import fields
from pathlib import Path

import pytest

from nas.data import DATASETS, Augment
from nas.errors import SpecError, UsageError
from nas.evaluate import EVALUATORS
from nas.hardware import HARDWARE_METRICS
from nas.runs.config import FinalStage, load_config
from nas.settings.signature import keys_of
from nas.tasks import METRICS, TASKS
from tests.run_files import (
    FIT,
    LEARNING,
    LEAST,
    NAMES,
    ONE,
    SETTINGS,
    SPACE,
    TOP,
    load,
    problems,
)

pytestmark = pytest.mark.usefixtures("in_a_folder")


NO_OBJECTIVE = f"objectives: {FIT} (expected a mapping, {{metric: direction}}"


AUGMENT = ", ".join(one.name for one in fields(Augment))

FINAL = ", ".join(keys_of(FinalStage))

OF_HARDWARE = ", ".join(HARDWARE_METRICS)

BUDGET = "trials, epochs, minutes, patience, target"


NUMBER = "expected a valid number, got the text"


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
        [f"9: final: no such key: 'learning_rate' (expected {FINAL}; did you mean 'lr'?)"],
    ),
    "name": (
        "name: a/b",
        ["7: name: the name is invalid (expected no slashes, colons or quotes, at most 200 bytes, got 'a/b')"],
    ),
    "no name": (
        'name: ""',
        ["7: name: the name is invalid (expected no slashes, colons or quotes, at most 200 bytes, got '')"],
    ),
    "dots": (
        "name: ..",
        ["7: name: the name is invalid (expected no slashes, colons or quotes, at most 200 bytes, got '..')"],
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
        [f"32: evaluator.train.optimizer: {FIT} (expected 'adamw', 'sgd' or 'muon', got the text 'adam')"],
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
        [f"31: evaluator.train.augment: no such key: 'shfit' (expected {AUGMENT}; did you mean 'shift'?)"],
    ),
    "nested type": (
        "evaluator: {train: {augment: 3}}",
        [f"30: evaluator.train.augment: {FIT} (expected a mapping with {AUGMENT}, got 3)"],
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
            "14: objectives.val_accuracy: the evaluator reports no 'val_accuracy' (expected "
            f"{', '.join(f'val_{name}' for name in METRICS)}, "
            f"train_loss, tse, params, macs, seconds, {OF_HARDWARE}; did you mean 'val_acc'?)"
        ],
    ),
    "a metric of another task": (
        "objectives: {val_acc: maximize}\ntask: regression",
        [
            "14: objectives.val_acc: the evaluator reports no 'val_acc' (expected val_rmse, val_mae, val_r2, val_loss, "
            f"train_loss, tse, params, macs, seconds, {OF_HARDWARE}; did you mean 'val_mae'?)"
        ],
    ),
    "a standard deviation of a metric of another task": (
        "objectives: {val_f1_sd: minimize}\ntask: regression",
        [
            "14: objectives.val_f1_sd: the evaluator reports no 'val_f1_sd' (expected val_rmse, val_mae, val_r2, "
            f"val_loss, train_loss, tse, params, macs, seconds, {OF_HARDWARE}; did you mean 'val_r2_sd'?)"
        ],
    ),
    "task": (
        "task: regresion",
        [f"7: task: {FIT} (expected auto, {', '.join(TASKS)}, got the text 'regresion'; did you mean 'regression'?)"],
    ),
    "objectives": ("objectives: val_acc", [f"13: {NO_OBJECTIVE}, got the text 'val_acc')"]),
    "budget": ("budget: 5", [f"9: budget: {FIT} (expected a mapping with {BUDGET}, got 5)"]),
    "budget key": (
        "budget: {trial: 5}",
        [f"10: budget: no such key: 'trial' (expected {BUDGET}; did you mean 'trials'?)"],
    ),
    "winner": (
        "winner: best",
        [f"9: winner: {FIT} (expected 'observed', 'posterior' or 'repeat', got the text 'best')"],
    ),
    "no time": ("budget: {minutes: 0}", [f"19: budget.minutes: {FIT} (expected more than 0, got 0)"]),
    "target": (
        "budget: {target: high}",
        [f"18: budget.target: {FIT} (expected a number, or {{metric: number}}, got the text 'high')"],
    ),
    "no trials": ("budget: {trials: 0}", [f"18: budget.trials: {FIT} (expected 1 or more, got 0)"]),
    "trials": ("budget: {trials: many}", [f"18: budget.trials: {FIT} (expected a valid integer, got the text 'many')"]),
    "final": (
        "final: {tops: 2}",
        [f"9: final: no such key: 'tops' (expected {FINAL}; did you mean 'top'?)"],
    ),
    "top": ("final: {top: 0}", [f"14: final.top: {FIT} (expected 1 or more or 'front', got 0)"]),
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
            [f"2:7: data: no data set is named 'digit' (expected {', '.join(DATASETS)}; did you mean 'digits'?)"],
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


def test_a_path_that_no_file_can_name() -> None:
    """Bytes of a folder that are no UTF-8: the recorded file could not be read again."""
    folder = Path(os.fsdecode(b"bad\xe4"))
    folder.mkdir()
    (folder / "s.yaml").write_text(SPACE)
    (folder / "run.yaml").write_text("space: s.yaml\ndata: {npz: {path: data.npz}}\n")
    with pytest.raises(SpecError, match=r"run\.yaml:2:20: data\.npz\.path: this path cannot be recorded as text"):
        load_config(folder / "run.yaml")
    load_config(folder / "run.yaml", ["data=digits"])


def test_a_folder_that_is_named_as_a_source(tmp_path: Path) -> None:
    """A source that needs no settings is meant by its name; with others, the path is told from the name."""
    for name in ("images", "digits"):
        (tmp_path / name).mkdir()
    file = tmp_path / "r.yaml"
    file.write_text("space: auto\ndata: images\n", encoding="utf-8")
    with pytest.raises(SpecError, match=r"data: 'images' is a data set that needs settings \(expected \./images for"):
        load_config(file)
    file.write_text("space: auto\ndata: digits\n", encoding="utf-8")
    assert load_config(file).data.name == "digits"
