"""How a trial is stored: as one of Optuna's, with all that it is rebuilt from in its user attributes.

Writing goes through Optuna's `FrozenTrial` (`rows.py`). Reading does not: Optuna's `get_all_trials` parses every
distribution of every trial and takes half a minute for 10,000 trials, so the tables are read with plain SELECTs. Optuna
checks the version of its tables when a database is opened.
"""

import hashlib
import json
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import sqlalchemy
from optuna.distributions import CategoricalDistribution
from optuna.storages import RDBStorage
from optuna.trial import FrozenTrial, TrialState

from nas.collector import paused_collector
from nas.driver.database import Database
from nas.errors import Damaged, IntegrityError, UsageError
from nas.ops import COSTS
from nas.space import Space, Value
from nas.trial import Metrics, Objective, Proposal, Trial

_NUMBER, _COUNT = (int, float), (int, type(None))
_NOT_FINITE = ("nan", "inf", "-inf")
_ATTRIBUTES: Mapping[str, tuple[type, ...]] = {
    "number": (int,),
    "architecture": (str,),
    "metrics": (dict,),
    "scores": (list, type(None)),
    "seed": (int,),
    "seconds": _NUMBER,
    "error": (str, type(None)),
    "asked_after": (int,),
    "epochs": _COUNT,
    "parent": _COUNT,
}
"""The user attributes that a trial is rebuilt from, and their types; `params`, `macs` and `checksum` come on top."""
_LATER: Mapping[str, tuple[type, ...]] = {"clock": _NUMBER}
"""Attributes that trials of older logs lack."""


def _table(name: str, *columns: str) -> sqlalchemy.TableClause:
    return sqlalchemy.table(name, *map(sqlalchemy.column, columns))


_TRIALS = _table("trials", "trial_id", "study_id", "number", "state")
_PARAMS = _table("trial_params", "trial_id", "param_name", "param_value", "distribution_json")
_USER_ATTRIBUTES = _table("trial_user_attributes", "trial_id", "key", "value_json")


@dataclass(frozen=True)
class StoredTrial:
    """A trial as it is stored. No space is needed to check it.

    Attributes:
        place: in the log, from 0; the trial's number in Optuna.
        choices: its decisions by their names.
        options: what each was chosen from, as JSON.
        record: what it is rebuilt from beside them.
        costs: `params` and `macs`, to be looked at.
    """

    place: int
    choices: Mapping[str, Value]
    options: Mapping[str, str]
    record: Mapping[str, Any]
    costs: Mapping[str, Any]

    @classmethod
    def of(cls, trial: Trial, place: int, options: Mapping[str, str]) -> "StoredTrial":
        """How a trial is stored; `options` are those of all decisions of the space. Raises KeyError."""
        arch, proposal = trial.architecture, trial.proposal
        record = {
            "number": trial.number,
            "architecture": arch.id,
            "metrics": {name: _as_json(value) for name, value in trial.metrics.items()},
            "scores": trial.scores,
            "seed": trial.seed,
            "seconds": trial.seconds,
            "error": trial.error,
            "asked_after": trial.asked_after,
            "epochs": proposal.epochs,
            "parent": proposal.parent,
            "clock": trial.clock,
        }
        choices, costs = dict(arch.choices), arch.cost._asdict()
        return cls(place, choices, {name: options[name] for name in choices}, record, costs)

    @classmethod
    def parse(
        cls,
        label: str,
        place: int,
        complete: bool,
        choices: Mapping[str, Value],
        options: Mapping[str, str],
        attributes: Mapping[str, Any],
    ) -> "StoredTrial":
        """A trial that was read. Raises Damaged if it is not what was written."""
        record = {key: attributes[key] for key in (*_ATTRIBUTES, *_LATER) if key in attributes}
        if not record.keys() >= _ATTRIBUTES.keys() or "checksum" not in attributes:
            raise Damaged(f"{label}: trial {place} is damaged, or was written by another program")
        costs = {key: attributes[key] for key in COSTS if key in attributes}
        found = cls(place, choices, options, record, costs)
        if attributes["checksum"] != found.checksum() or complete != (record["scores"] is not None):
            raise Damaged(f"{label}: trial {place} was altered: its checksum does not fit its content")
        if not _is_record(record):
            raise Damaged(f"{label}: trial {place} was written by another program: its values are of other types")
        return found

    def freeze(self, objectives: Sequence[Objective]) -> FrozenTrial:
        """The trial in Optuna's terms. Its values and intermediate values are there to be looked at: the metrics hold
        the same numbers, and unlike a column of a database they keep every bit.

        Args:
            objectives: what the study searches for.

        Raises:
            TypeError, ValueError, KeyError, OverflowError: the trial has what cannot be stored.
        """
        record, complete = self.record, datetime.now()
        values = None
        if record["scores"] is not None:
            values = [float(o.value(score)) for o, score in zip(objectives, record["scores"], strict=True)]
        curve = record["metrics"].get(f"{objectives[0].metric}_curve") if len(objectives) == 1 else None
        return FrozenTrial(
            number=self.place,
            trial_id=-1,  # the storage gives it its own
            state=TrialState.FAIL if values is None else TrialState.COMPLETE,
            value=None,
            values=values,
            datetime_start=_start(complete, record["seconds"]),
            datetime_complete=complete,
            params=dict(self.choices),
            distributions={name: _distribution(text) for name, text in self.options.items()},
            user_attrs={**record, **self.costs, "checksum": self.checksum()},
            system_attrs={},
            intermediate_values=dict(enumerate(_from_json(curve), start=1)) if isinstance(curve, list) else {},
        )

    def thaw(self, label: str, space: Space) -> Trial:
        """The trial, exactly as it was appended. Raises IntegrityError if it is none of this space."""
        record, scores = self.record, self.record["scores"]
        try:
            arch = space.rebuild(self.choices)
        except UsageError as error:
            raise IntegrityError(f"{label}: trial {record['number']} is no member of the space: {error}") from error
        if arch.id != record["architecture"]:
            raise IntegrityError(
                f"{label}: trial {record['number']} was architecture {record['architecture']}; "
                f"the space makes {arch.id} of it now"
            )
        return Trial(
            number=record["number"],
            proposal=Proposal(arch, record["epochs"], record["parent"]),
            seed=record["seed"],
            metrics=metrics_of(record),
            scores=None if scores is None else tuple(scores),
            seconds=record["seconds"],
            error=record["error"],
            asked_after=record["asked_after"],
            clock=record.get("clock", 0.0),
        )

    def checksum(self) -> str:
        """16 hexadecimal digits. Raises ValueError or TypeError for what JSON does not hold.

        SQLite notices a damaged page, and not a digit that changed within one.
        """
        options = {name: _digest_of_options(text) for name, text in self.options.items()}
        content = [self.place, self.choices, options, self.record, self.costs]
        return _digest(json.dumps(content, sort_keys=True, allow_nan=False))


def metrics_of(record: Mapping[str, Any]) -> Metrics:
    """The metrics of a trial out of its record."""
    return {name: _from_json(value) for name, value in record["metrics"].items()}


def options_of(space: Space) -> Mapping[str, str]:
    """The options of all decisions of a space, as they are stored."""
    return {name: json.dumps(options) for name, options in space.universe.items()}


def load_trials(database: Database, study_id: int, space: Space) -> list[Trial]:
    """All trials of a study, in the order in which they were told; to be called within `decoding`.

    Raises:
        Damaged: they are not what was written.
        IntegrityError: they are no members of the space, or another program has written some.
    """
    found = load_stored(database, study_id)
    _compare_options(database.label, found, space)
    with paused_collector():
        return [one.thaw(database.label, space) for one in found]


def count_trials(storage: RDBStorage, study_id: int) -> int:
    """How many trials a study has; Optuna would read them all."""
    query = sqlalchemy.select(sqlalchemy.func.count()).select_from(_TRIALS).where(_TRIALS.c.study_id == study_id)
    with storage.engine.connect() as connection:
        return int(connection.execute(query).scalar_one())


def load_stored(database: Database, study_id: int) -> list[StoredTrial]:
    """The same as they are stored, which needs no space. Raises what `load_trials` raises."""
    label = database.label
    places: dict[int, int] = {}
    complete: dict[int, bool] = {}
    choices: defaultdict[int, dict[str, Value]] = defaultdict(dict)
    options: defaultdict[int, dict[str, str]] = defaultdict(dict)
    attributes: defaultdict[int, dict[str, Any]] = defaultdict(dict)
    of_study = sqlalchemy.select(_TRIALS.c.trial_id).where(_TRIALS.c.study_id == study_id)
    with database.connect() as connection:
        # Trials first: one that a running search adds from now on is left out whole.
        query = _TRIALS.select().where(_TRIALS.c.study_id == study_id).order_by(_TRIALS.c.number, _TRIALS.c.trial_id)
        for trial_id, _, place, state in connection.execute(query):
            if place != len(places) or state not in ("COMPLETE", "FAIL"):
                raise IntegrityError(
                    f"{label}: expected trial {len(places)}, COMPLETE or FAIL, got trial {place}, {state}; "
                    "another program has written to the study"
                )
            places[trial_id], complete[trial_id] = place, state == "COMPLETE"
        for trial_id, name, value, text in connection.execute(_PARAMS.select().where(_PARAMS.c.trial_id.in_(of_study))):
            choices[trial_id][name], options[trial_id][name] = decode_choice(value, text)
        for trial_id, key, text in connection.execute(
            _USER_ATTRIBUTES.select().where(_USER_ATTRIBUTES.c.trial_id.in_(of_study))
        ):
            attributes[trial_id][key] = json.loads(text)
    return [
        StoredTrial.parse(label, place, complete[key], choices[key], options[key], attributes[key])
        for key, place in places.items()
    ]


def decode_choice(value: float, text: str) -> tuple[Value, str]:
    """The option that a stored decision took, and its options as JSON; `text` is what Optuna makes of a distribution.

    Raises ValueError, LookupError, TypeError, ArithmeticError, AttributeError or RecursionError.
    """
    options, listed = _decoded(text)
    return options[int(value)], listed


@lru_cache(maxsize=10_000)
def _decoded(text: str) -> tuple[tuple[Value, ...], str]:
    options = json.loads(text)["attributes"]["choices"]
    return tuple(options), json.dumps(options)


@lru_cache(maxsize=10_000)
def _distribution(text: str) -> CategoricalDistribution:
    return CategoricalDistribution(json.loads(text))


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


_digest_of_options = lru_cache(maxsize=10_000)(_digest)
"""Few texts, each in every trial."""


def _compare_options(label: str, trials: Sequence[StoredTrial], space: Space) -> None:
    """Raises IntegrityError if the options of a decision are others now: Optuna keeps one list for all trials."""
    now = options_of(space)
    for name, then in {pair for trial in trials for pair in trial.options.items()}:
        if then != (these := now.get(name, "[]")):
            raise IntegrityError(
                f"{label}: the space has changed: the options of {name} were {then}, and are {these} now; "
                "this needs a new study"
            )


def _is_record(record: Mapping[str, Any]) -> bool:
    """Whether values are of the types that a trial has."""
    scores = record["scores"]
    return (
        all(type(record[key]) in types for key, types in {**_ATTRIBUTES, **_LATER}.items() if key in record)
        and all(map(_is_metric, record["metrics"].values()))
        and (scores is None or all(type(score) in _NUMBER for score in scores))
    )


def _is_metric(value: object) -> bool:
    values = value if isinstance(value, list) else [value]
    return all(type(one) in _NUMBER or one in _NOT_FINITE for one in values)


def _as_json(value: float | tuple[float, ...]) -> Any:
    """A metric as JSON has it: what is not finite as a text of `_NOT_FINITE`."""
    if isinstance(value, tuple):
        return [_as_json(one) for one in value]
    return value if math.isfinite(value) else repr(value)


def _from_json(value: Any) -> Any:
    """The metric that was stored so. Raises ValueError."""
    if isinstance(value, list):
        return tuple(_from_json(one) for one in value)
    return float(value) if isinstance(value, str) else value


def _start(complete: datetime, seconds: float) -> datetime:
    """When an evaluation began, for the dashboard's clock; published tables report times beyond any calendar."""
    try:
        return complete - timedelta(seconds=seconds)
    except OverflowError:
        return complete
