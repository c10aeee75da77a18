"""How a trial is stored: as one of Optuna's, with all that it is rebuilt from in its user attributes.

Writing goes through Optuna's `FrozenTrial`. Reading does not: Optuna's `get_all_trials` parses every distribution of
every trial and takes half a minute for 10,000 trials, so the tables are read with plain SELECTs. Optuna checks the
version of its tables when a database is opened.
"""

import contextlib
import gc
import hashlib
import json
import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy
from optuna.distributions import CategoricalDistribution
from optuna.trial import FrozenTrial, TrialState

from nas.driver.database import Database
from nas.errors import IntegrityError, UsageError
from nas.space import Space, Value
from nas.trial import Objective, Proposal, Trial

_ATTRIBUTES = ("architecture", "metrics", "scores", "seed", "seconds", "error", "asked_after", "epochs", "parent")
"""The user attributes that a trial is rebuilt from; `params`, `macs` and `checksum` come on top."""


def _table(name: str, *columns: str) -> sqlalchemy.TableClause:
    return sqlalchemy.table(name, *map(sqlalchemy.column, columns))


_TRIALS = _table("trials", "trial_id", "study_id", "number", "state")
_PARAMS = _table("trial_params", "trial_id", "param_name", "param_value", "distribution_json")
_USER_ATTRIBUTES = _table("trial_user_attributes", "trial_id", "key", "value_json")


def freeze(
    trial: Trial, objectives: Sequence[Objective], distributions: Mapping[str, CategoricalDistribution]
) -> FrozenTrial:
    """The trial in Optuna's terms. Its values and intermediate values are there to be looked at: the metrics hold the
    same numbers, and unlike a column of a database they keep every bit.

    Args:
        trial: a finished trial.
        objectives: what the study searches for.
        distributions: of every decision of the space, by its name.

    Raises:
        TypeError, ValueError, KeyError, OverflowError: the trial has what cannot be stored.
    """
    arch, complete = trial.architecture, datetime.now()
    record = {
        "architecture": arch.id,
        "metrics": {name: _stored(value) for name, value in trial.metrics.items()},
        "scores": trial.scores,
        "seed": trial.seed,
        "seconds": trial.seconds,
        "error": trial.error,
        "asked_after": trial.asked_after,
        "epochs": trial.proposal.epochs,
        "parent": trial.proposal.parent,
    }
    params = dict(arch.choices)
    values = None
    if trial.scores is not None:
        values = [float(o.value(score)) for o, score in zip(objectives, trial.scores, strict=True)]
    curve = trial.metrics.get(f"{objectives[0].metric}_curve") if len(objectives) == 1 else None
    return FrozenTrial(
        number=trial.number,
        trial_id=-1,  # the storage gives it its own
        state=TrialState.FAIL if values is None else TrialState.COMPLETE,
        value=None,
        values=values,
        datetime_start=_start(complete, trial.seconds),
        datetime_complete=complete,
        params=params,
        distributions={name: distributions[name] for name in params},
        user_attrs={
            **record,
            "params": arch.params,
            "macs": arch.macs,
            "checksum": _checksum(trial.number, params, record),
        },
        system_attrs={},
        intermediate_values=dict(enumerate(curve, start=1)) if isinstance(curve, tuple) else {},
    )


def load_trials(database: Database, study_id: int, space: Space) -> list[Trial]:
    """All trials of a study, in the order of their numbers; to be called within `decoding`.

    Raises:
        IntegrityError: they are damaged, are no members of the space, or another program has written some.
    """
    label = database.label
    numbers: dict[int, int] = {}
    complete: dict[int, bool] = {}
    choices: defaultdict[int, dict[str, Value]] = defaultdict(dict)
    attributes: defaultdict[int, dict[str, Any]] = defaultdict(dict)
    options: dict[tuple[str, str], tuple[Value, ...]] = {}
    of_study = sqlalchemy.select(_TRIALS.c.trial_id).where(_TRIALS.c.study_id == study_id)
    with database.connect() as connection:
        # Trials first: one that a running search adds from now on is left out whole.
        query = _TRIALS.select().where(_TRIALS.c.study_id == study_id).order_by(_TRIALS.c.number, _TRIALS.c.trial_id)
        for trial_id, _, number, state in connection.execute(query):
            if number != len(numbers) or state not in ("COMPLETE", "FAIL"):
                raise IntegrityError(
                    f"{label}: expected trial {len(numbers)}, COMPLETE or FAIL, got trial {number}, {state}; "
                    "another program has written to the study"
                )
            numbers[trial_id], complete[trial_id] = number, state == "COMPLETE"
        for trial_id, name, value, text in connection.execute(_PARAMS.select().where(_PARAMS.c.trial_id.in_(of_study))):
            known = options.get((name, text))
            if known is None:
                known = options[name, text] = _options(label, space, name, text)
            choices[trial_id][name] = known[int(value)]
        for trial_id, key, text in connection.execute(
            _USER_ATTRIBUTES.select().where(_USER_ATTRIBUTES.c.trial_id.in_(of_study))
        ):
            attributes[trial_id][key] = json.loads(text)
    with _no_collection():
        return [
            _thaw(label, space, number, complete[trial_id], choices[trial_id], attributes[trial_id])
            for trial_id, number in numbers.items()
        ]


def _options(label: str, space: Space, name: str, text: str) -> tuple[Value, ...]:
    """The options of a stored decision, which must be those that it has now: Optuna keeps one list for all trials."""
    stored, now = json.loads(text)["attributes"]["choices"], space.universe.get(name, ())
    if json.dumps(stored) != json.dumps(now):
        raise IntegrityError(
            f"{label}: the space has changed: the options of {name} were {stored}, and are {list(now)} now; "
            "this needs a new study"
        )
    return now


def _thaw(
    label: str, space: Space, number: int, complete: bool, choices: dict[str, Value], attributes: dict[str, Any]
) -> Trial:
    """The trial, exactly as it was appended. Raises IntegrityError."""
    record = {key: attributes[key] for key in _ATTRIBUTES if key in attributes}
    if len(record) < len(_ATTRIBUTES) or "checksum" not in attributes:
        raise IntegrityError(f"{label}: trial {number} is damaged, or was written by another program")
    scores = record["scores"]
    if attributes["checksum"] != _checksum(number, choices, record) or complete != (scores is not None):
        raise IntegrityError(f"{label}: trial {number} was altered: its checksum does not fit its content")
    try:
        arch = space.rebuild(choices)
    except UsageError as error:
        raise IntegrityError(f"{label}: trial {number} is no member of the space: {error}") from error
    if arch.id != record["architecture"]:
        raise IntegrityError(
            f"{label}: trial {number} was architecture {record['architecture']}; the space makes {arch.id} of it now"
        )
    return Trial(
        number=number,
        proposal=Proposal(arch, record["epochs"], record["parent"]),
        seed=record["seed"],
        metrics={name: _number(value) for name, value in record["metrics"].items()},
        scores=None if scores is None else tuple(scores),
        seconds=record["seconds"],
        error=record["error"],
        asked_after=record["asked_after"],
    )


def _checksum(number: int, choices: Mapping[str, Value], record: Mapping[str, Any]) -> str:
    """16 hexadecimal digits. Raises ValueError or TypeError for what JSON does not hold.

    SQLite notices a damaged page, and not a digit that changed within one.
    """
    text = json.dumps([number, choices, record], sort_keys=True, allow_nan=False)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def _stored(value: float | tuple[float, ...]) -> Any:
    """A metric as JSON has it: what is not finite as a text, `nan`, `inf` or `-inf`."""
    if isinstance(value, tuple):
        return [_stored(one) for one in value]
    return value if math.isfinite(value) else repr(value)


def _number(value: Any) -> Any:
    """The metric that was stored so. Raises ValueError."""
    if isinstance(value, list):
        return tuple(_number(one) for one in value)
    return float(value) if isinstance(value, str) else value


def _start(complete: datetime, seconds: float) -> datetime:
    """When an evaluation began, for the dashboard's clock; published tables report times beyond any calendar."""
    try:
        return complete - timedelta(seconds=seconds)
    except OverflowError:
        return complete


@contextlib.contextmanager
def _no_collection() -> Iterator[None]:
    """Pauses the garbage collector: it doubles the time in which many architectures are made, and finds nothing."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
