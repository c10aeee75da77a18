"""What a study belongs to is stored with it, compared, and accepted anew only where that is asked for."""

import contextlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import optuna
import pytest
from optuna.storages import RDBStorage

from nas.driver.optuna_study import OptunaStudy, read_study
from nas.errors import IntegrityError, StorageError, UsageError
from nas.sealed import unsealed
from nas.space import Space
from nas.trial import Objective, Trial

Opened = Callable[..., contextlib.AbstractContextManager[OptunaStudy]]
Trials = Callable[..., list[Trial]]
Altered = Callable[[str], Path]


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("DELETE FROM study_user_attributes", "written by another program"),
        ("UPDATE study_user_attributes SET value_json = '[1]'", "was altered: it has no checksum"),
        (
            "UPDATE study_user_attributes SET value_json = replace(value_json, '\"seed\": 0', '\"seed\": 8')",
            "was altered: its checksum differs from that of its content",
        ),
    ],
)
def test_an_altered_identity(statement: str, message: str, space: Space, altered: Altered, opened: Opened) -> None:
    path = altered(statement)
    before = path.read_bytes()
    with pytest.raises(IntegrityError, match=message), opened(path):
        pass
    with pytest.raises(IntegrityError, match=message):
        read_study(path, name="s", space=space)
    assert path.read_bytes() == before


def test_altered_directions(altered: Altered, opened: Opened) -> None:
    """They are looked at when the identity has changed."""
    path = altered("UPDATE study_directions SET direction = 'SIDEWAYS'")
    before = path.read_bytes()
    with pytest.raises(IntegrityError, match="corrupt: LookupError"), opened(path, identity={"seed": 5}):
        pass
    assert path.read_bytes() == before


def test_a_changed_identity_is_shown(copied: Path, space: Space, opened: Opened) -> None:
    changed = {"space": space.fingerprint, "seed": 1, "controller": {"name": "random"}, "data": [1, 2]}
    with (
        pytest.raises(IntegrityError, match="was begun with something else") as caught,
        opened(copied, identity=changed),
    ):
        pass
    assert str(caught.value).splitlines()[1:] == [
        "  seed: 0 -> 1",
        '  controller.name: "regularized_evolution" -> "random"',
        "  controller.population: 4 -> (none)",
        "  data: (none) -> [1, 2]",
        "--accept-changes (accept_changes=True) keeps what is there and goes on with the new settings",
    ]
    for _ in range(2):
        with opened(copied, identity=changed, accept_changes=True) as study:
            assert study.identity["seed"] == 1
            assert len(study) == 8
    with opened(copied, identity=changed):
        pass
    with pytest.raises(IntegrityError, match="seed: 1 -> 0"), opened(copied):
        pass


def test_objectives_belong_to_the_identity(copied: Path, opened: Opened) -> None:
    with (
        pytest.raises(IntegrityError, match=r"objectives\.0\.limit: null -> 0\.5"),
        opened(copied, objectives=(Objective("val_acc", limit=0.5),)),
    ):
        pass
    with opened(copied, objectives=(Objective("val_acc", limit=0.5),), accept_changes=True):
        pass
    for objectives in (
        (Objective("val_loss"),),
        (Objective("val_acc", "minimize"),),
        (Objective("val_acc"), Objective("val_f1")),
    ):
        with (
            pytest.raises(IntegrityError, match="need a new study"),
            opened(copied, objectives=objectives, accept_changes=True),
        ):
            pass
    with pytest.raises(UsageError, match="needs an objective"), opened(copied, objectives=()):
        pass


@pytest.mark.parametrize("value", [object(), float("nan"), {1, 2}])
def test_an_identity_is_plain_data(value: object, tmp_path: Path, opened: Opened) -> None:
    with pytest.raises(UsageError, match="plain JSON"), opened(tmp_path / "a.db", identity={"key": value}):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_study_that_was_half_made_in_a_shared_file(
    copied: Path, space: Space, identity: Mapping[str, Any], opened: Opened, trials: Trials
) -> None:
    storage = RDBStorage(f"sqlite:///{copied}")
    storage.create_new_study([optuna.study.StudyDirection.MAXIMIZE], "new")
    storage.engine.dispose()
    with opened(copied, name="new") as study:
        study.append(trials(1)[0])
    assert len(read_study(copied, name="new", space=space).trials) == 1
    seen = optuna.load_study(study_name="new", storage=f"sqlite:///{copied}")
    assert seen.metric_names == ["val_acc"]
    assert unsealed(seen.user_attrs["identity"]) == {
        **identity,
        "objectives": [{"metric": "val_acc", "direction": "maximize", "limit": None}],
    }


def test_a_study_without_trials_belongs_to_nothing(
    tmp_path: Path, identity: Mapping[str, Any], opened: Opened, trials: Trials
) -> None:
    """A search that was refused before its first trial is begun again with what was changed, objectives included."""
    path, loss = tmp_path / "study.db", (Objective("val_loss", "minimize"),)
    with opened(path, identity={}), pytest.raises(StorageError, match="in use"), opened(path):
        pass
    with opened(path, objectives=loss) as study:
        assert study.identity["seed"] == identity["seed"]
        assert study.identity["objectives"][0]["metric"] == "val_loss"
    assert optuna.load_study(study_name="s", storage=f"sqlite:///{path}").direction.name == "MINIMIZE"


def test_a_database_for_one_study(copied: Path, opened: Opened) -> None:
    before = copied.read_bytes()
    said = r"study\.db holds the study 's', and this one is 'other'"
    with pytest.raises(IntegrityError, match=said), opened(copied, name="other", alone=True):
        pass
    assert copied.read_bytes() == before
    with opened(copied, name="other"):
        pass
    with opened(copied, alone=True) as study:
        assert len(study) == 8
    assert optuna.get_all_study_names(f"sqlite:///{copied}") == ["s"]
