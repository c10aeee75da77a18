"""What a study in a database belongs to: the space, the data, the controller and all else that its trials follow from.

The identity is plain data with a checksum, in a user attribute of Optuna's study. A study is opened with the identity
that it was begun with, or it is refused.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import optuna
from optuna.storages import RDBStorage
from optuna.study import StudyDirection

from nas.driver.database import quiet
from nas.driver.stored_trial import count_trials
from nas.errors import Damaged, IntegrityError, UsageError
from nas.sealed import sealed, unsealed
from nas.settings import changes
from nas.trial import Objective

IDENTITY = "identity"
"""The study's user attribute that says what it belongs to."""


def find_study(storage: RDBStorage, name: str) -> int | None:
    """The id of the study of this name; None: there is none."""
    try:
        return storage.get_study_id_from_name(name)
    except KeyError:
        return None


def find_or_create(storage: RDBStorage, name: str, objectives: Sequence[Objective], identity: Mapping[str, Any]) -> int:
    """The study's id. One without trials belongs to nothing yet: it was begun and refused, or only half made."""
    study_id = find_study(storage, name)
    if study_id is not None and not count_trials(storage, study_id):
        if storage.get_study_user_attrs(study_id).get(IDENTITY) == sealed(identity):
            return study_id
        storage.delete_study(study_id)
        study_id = None
    if study_id is None:
        with quiet():
            directions = [objective.direction for objective in objectives]
            study = optuna.create_study(storage=storage, study_name=name, directions=directions, load_if_exists=True)
            study.set_metric_names([objective.metric for objective in objectives])
        study_id = storage.get_study_id_from_name(name)
        storage.set_study_user_attr(study_id, IDENTITY, sealed(identity))
    return study_id


def refuse_others(label: str, storage: RDBStorage, name: str) -> None:
    """Raises IntegrityError if there are trials of another study; removes those that have none."""
    for other in {study.study_name for study in storage.get_all_studies()} - {name}:
        study_id = storage.get_study_id_from_name(other)
        if count_trials(storage, study_id):
            raise IntegrityError(f"{label} holds the study {other!r}, and this one is {name!r}")
        storage.delete_study(study_id)


def identity_in(label: str, storage: RDBStorage, study_id: int, name: str) -> dict[str, Any]:
    """What the study belongs to. Raises Damaged."""
    stored = storage.get_study_user_attrs(study_id)
    if IDENTITY not in stored:
        raise Damaged(f"{label}: the trials of study {name!r} were written by another program")
    try:
        return unsealed(stored[IDENTITY])
    except ValueError as error:
        raise Damaged(f"{label}: what study {name!r} belongs to was altered: {error}") from error


def objectives_in(label: str, identity: Mapping[str, Any]) -> tuple[Objective, ...]:
    """The objectives that are stored with an identity. Raises Damaged."""
    try:
        return tuple(Objective(**objective) for objective in identity["objectives"])
    except UsageError as error:
        raise Damaged(f"{label} is corrupt: {error}") from error


def check_identity(
    label: str, storage: RDBStorage, study_id: int, name: str, now: Mapping[str, Any], accept_changes: bool
) -> None:
    """Compares the stored identity with this one. Raises IntegrityError, or stores this one if changes are accepted."""
    then = identity_in(label, storage, study_id, name)
    if then == now:
        return
    lines = [f"  {line}" for line in changes(then, now)]
    asked = [StudyDirection[objective["direction"].upper()] for objective in now["objectives"]]
    fixed = storage.get_study_directions(study_id) != asked or (
        [objective["metric"] for objective in then["objectives"]]
        != [objective["metric"] for objective in now["objectives"]]
    )
    if fixed or not accept_changes:
        advice = (
            "other metrics or directions need a new study"
            if fixed
            else "--accept-changes (accept_changes=True) keeps what is there and goes on with the new settings"
        )
        raise IntegrityError("\n".join([f"{label}: study {name!r} was begun with something else:", *lines, advice]))
    storage.set_study_user_attr(study_id, IDENTITY, sealed(now))


def plain_identity(identity: Mapping[str, Any], objectives: Sequence[Objective]) -> dict[str, Any]:
    """The identity, with the objectives, as it will come back from JSON. Raises UsageError if it is no plain data."""
    if not objectives:
        raise UsageError("a study needs an objective")
    try:
        text = json.dumps({**identity, "objectives": [asdict(objective) for objective in objectives]}, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise UsageError(f"the identity of a study must be plain JSON data: {error}") from error
    plain: dict[str, Any] = json.loads(text)
    return plain
