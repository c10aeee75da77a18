"""`null` is a value where an annotation says so. Elsewhere it is refused, and resets no settings."""

from collections.abc import Iterator
from dataclasses import is_dataclass
from typing import Any

import pytest

from nas.controllers import CONTROLLERS
from nas.data import DATASETS
from nas.evaluate import EVALUATORS
from nas.runs.config import RunConfig
from nas.settings import Form
from nas.settings.signature import is_optional, keys_of, record_of
from tests.run_files import LEAST, load, problems

pytestmark = pytest.mark.usefixtures("in_a_folder")


def keys(target: Any, path: str, without: tuple[str, ...] = ()) -> Iterator[tuple[str, bool]]:
    """Every key of a mapping and of the records in it, and whether it may be `null`."""
    for name, key in keys_of(target, without).items():
        yield f"{path}{name}", is_optional(key.type)
        record = record_of(key.type)
        if is_dataclass(record) and not any(isinstance(word, Form) for word in key.metadata):
            yield from keys(record, f"{path}{name}.")


KEYS = {
    **dict(keys(RunConfig, "")),
    **{f"{kind}.{name}": False for kind, name in (("controller", "q_learning"), ("evaluator", "train"))},
    **dict(keys(CONTROLLERS["q_learning"], "controller.q_learning.", CONTROLLERS.supplied)),
    **dict(keys(CONTROLLERS["optuna"], "controller.optuna.", CONTROLLERS.supplied)),
    **dict(keys(EVALUATORS["train"], "evaluator.train.", EVALUATORS.supplied)),
    **dict(keys(DATASETS["npz"], "data.npz.", DATASETS.supplied)),
}


def test_there_are_keys_of_both_kinds() -> None:
    assert {"threads", "final.clip_norm", "controller.optuna.hub"} <= {key for key in KEYS if KEYS[key]}
    assert {"final", "final.top", "budget", "evaluator.train.augment.shift"} <= {key for key in KEYS if not KEYS[key]}


@pytest.mark.parametrize("key", KEYS)
def test_null(key: str) -> None:
    npz = LEAST.replace("digits", "{npz: {path: a.npz}}")
    text = npz if key.startswith("data.npz.") else LEAST
    record, _, last = key.rpartition(".")
    given = [f"{record}.epsilon=8"] if record.endswith("privacy") and last != "epsilon" else []  # it has no default
    if KEYS[key]:
        load(text, *given, f"{key}=null")
        return
    (found,) = problems(text, *given, f"{key}=null")
    assert found.startswith(f"argument '{key}=null': {key}: ")
    assert found.endswith("got nothing)")
