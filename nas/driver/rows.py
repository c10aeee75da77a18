"""A trial as rows of Optuna's tables, written in one transaction.

Optuna's own storage looks up the trial for each of its rows, with 139 statements a trial. Here each table takes its
rows in one statement. They hold what Optuna's `FrozenTrial` holds, so its storage and its dashboard read them as their
own. The rows are known in one version, `SCHEMA`; those of any other are written by Optuna itself.
"""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import optuna
import sqlalchemy
from optuna.distributions import distribution_to_json
from optuna.storages import RDBStorage
from optuna.trial import FrozenTrial, TrialState
from sqlalchemy import DateTime, Enum, Float, Integer, String

from nas.errors import IntegrityError

SCHEMA = (5, "v3.2.0.a")
"""The rows that are written here: Optuna's major version, which says what they mean, and that of its tables."""

Row = Mapping[str, Any]


def _table(name: str, **columns: Any) -> sqlalchemy.TableClause:
    return sqlalchemy.table(name, *(sqlalchemy.column(column, type_) for column, type_ in columns.items()))


_STUDIES = _table("studies", study_id=Integer)
_TRIALS = sqlalchemy.Table(
    "trials",
    sqlalchemy.MetaData(),
    sqlalchemy.Column("trial_id", Integer, primary_key=True),
    sqlalchemy.Column("number", Integer),
    sqlalchemy.Column("study_id", Integer),
    sqlalchemy.Column("state", Enum(TrialState)),
    sqlalchemy.Column("datetime_start", DateTime),
    sqlalchemy.Column("datetime_complete", DateTime),
)
_VALUES = _table(
    "trial_values",
    trial_id=Integer,
    objective=Integer,
    value=Float,
    value_type=Enum("FINITE", "INF_POS", "INF_NEG", name="trialvaluetype"),
)
_PARAMS = _table("trial_params", trial_id=Integer, param_name=String, param_value=Float, distribution_json=String)
_NOTES = _table("study_system_attributes", study_id=Integer, key=String, value_json=String)
_USER_ATTRIBUTES = _table("trial_user_attributes", trial_id=Integer, key=String, value_json=String)
_INTERMEDIATE_VALUES = _table(
    "trial_intermediate_values",
    trial_id=Integer,
    step=Integer,
    intermediate_value=Float,
    intermediate_value_type=Enum("FINITE", "INF_POS", "INF_NEG", "NAN", name="trialintermediatevaluetype"),
)


@dataclass(frozen=True)
class TrialWriter:
    """What appends trials to a study, and sets its notes.

    Attributes:
        label: what messages call the database.
        storage: where the study is.
        study_id: its id in the storage.
        name: its name.
        known: whether the rows of this storage are those of `SCHEMA`; Optuna writes all others.
    """

    label: str
    storage: RDBStorage
    study_id: int
    name: str
    known: bool

    @classmethod
    def of(cls, label: str, storage: RDBStorage, study_id: int, name: str) -> "TrialWriter":
        """The writer of a study; reads the version of the tables."""
        found = (int(optuna.__version__.split(".")[0]), storage.get_current_version())
        return cls(label, storage, study_id, name, known=found == SCHEMA)

    def append(self, trials: Iterable[FrozenTrial]) -> None:
        """Appends trials, each with its place in the study as its number; where the rows are known, all or none.

        Raises:
            SQLAlchemyError, StorageInternalError: they cannot be written.
            IntegrityError: another program writes to the study.
        """
        if self.known:
            with self.storage.engine.begin() as connection:
                # As Optuna does it, so that nobody adds a trial meanwhile. SQLite locks its file at the first row.
                connection.execute(_STUDIES.select().where(_STUDIES.c.study_id == self.study_id).with_for_update())
                for trial in trials:
                    self._insert(connection, trial)
        else:
            for trial in trials:
                self._append_by_optuna(trial)

    def note(self, key: str, value: Mapping[str, Any]) -> None:
        """Sets a system attribute of the study. Raises SQLAlchemyError or StorageInternalError."""
        if not self.known:
            self.storage.set_study_system_attr(self.study_id, key, value)
            return
        row = {"study_id": self.study_id, "key": key, "value_json": json.dumps(value)}
        here = (_NOTES.c.study_id == self.study_id) & (_NOTES.c.key == key)
        with self.storage.engine.begin() as connection:
            if not connection.execute(_NOTES.update().where(here).values(row)).rowcount:
                connection.execute(_NOTES.insert().values(row))

    def _insert(self, connection: sqlalchemy.Connection, trial: FrozenTrial) -> None:
        added = connection.execute(_TRIALS.insert().values(_trial_row(self.study_id, trial)))
        (trial_id,) = added.inserted_primary_key or (None,)
        numbers = sqlalchemy.select(_TRIALS.c.number).where(_TRIALS.c.study_id == self.study_id)
        newest = connection.execute(numbers.order_by(_TRIALS.c.trial_id.desc()).limit(2)).scalars().all()
        if list(newest) != [trial.number, trial.number - 1][: trial.number + 1]:
            raise self._another_program(trial)
        for table, rows in _rows(trial):
            if rows:
                connection.execute(table.insert(), [{"trial_id": trial_id, **row} for row in rows])

    def _append_by_optuna(self, trial: FrozenTrial) -> None:
        trial_id = self.storage.create_new_trial(self.study_id, template_trial=trial)
        if self.storage.get_trial_id_from_study_id_trial_number(self.study_id, trial.number) != trial_id:
            raise self._another_program(trial)

    def _another_program(self, trial: FrozenTrial) -> IntegrityError:
        return IntegrityError(
            f"{self.label}: another program writes to study {self.name!r}: it has a trial {trial.number}"
        )


def _trial_row(study_id: int, trial: FrozenTrial) -> Row:
    return {
        "number": trial.number,
        "study_id": study_id,
        "state": trial.state,
        "datetime_start": _utc(trial.datetime_start),
        "datetime_complete": _utc(trial.datetime_complete),
    }


def _rows(trial: FrozenTrial) -> Iterable[tuple[sqlalchemy.TableClause, Sequence[Row]]]:
    """The rows of a trial in the tables other than that of trials, without `trial_id`."""
    yield (
        _VALUES,
        [
            {"objective": objective, "value": value, "value_type": "FINITE"}
            for objective, value in enumerate(trial.values or ())
        ],
    )
    yield (
        _PARAMS,
        [
            {
                "param_name": name,
                "param_value": trial.distributions[name].to_internal_repr(value),
                "distribution_json": distribution_to_json(trial.distributions[name]),
            }
            for name, value in trial.params.items()
        ],
    )
    yield _USER_ATTRIBUTES, [{"key": key, "value_json": json.dumps(value)} for key, value in trial.user_attrs.items()]
    yield (
        _INTERMEDIATE_VALUES,
        [
            {
                "step": step,
                "intermediate_value": value if math.isfinite(value) else None,
                "intermediate_value_type": _kind(value),
            }
            for step, value in trial.intermediate_values.items()
        ],
    )


def _kind(value: float) -> str:
    """Optuna's name for what an intermediate value is."""
    if math.isfinite(value):
        return "FINITE"
    return "NAN" if math.isnan(value) else "INF_POS" if value > 0 else "INF_NEG"


def _utc(time: datetime | None) -> datetime | None:
    """A local time as Optuna stores it: that of UTC, without the zone."""
    return None if time is None else time.astimezone(UTC).replace(tzinfo=None)
