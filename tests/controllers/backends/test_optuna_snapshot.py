"""A storage that never changes the trials that it starts with."""

import optuna
import pytest
from optuna.distributions import CategoricalDistribution
from optuna.exceptions import UpdateFinishedTrialError
from optuna.study import StudyDirection
from optuna.trial import TrialState, create_trial

from nas.controllers.backends.optuna_snapshot import Snapshot

DISTRIBUTION = CategoricalDistribution((3, 5))


def running() -> optuna.trial.FrozenTrial:
    return create_trial(state=TrialState.RUNNING)


def test_writing_replaces_a_trial_and_changes_none() -> None:
    first = running()
    storage = Snapshot([StudyDirection.MAXIMIZE], [first], {"a": 1})
    read = storage.get_trial(0)
    storage.set_trial_param(0, "kernel", 1.0, DISTRIBUTION)
    storage.set_trial_system_attr(0, "generation", 2)
    storage.set_trial_user_attr(0, "note", "x")
    assert storage.get_trial(0).params == {"kernel": 5}
    assert storage.get_trial(0).system_attrs == {"generation": 2}
    assert storage.get_trial(0).user_attrs == {"note": "x"}
    assert read.params == first.params == {}
    assert not read.system_attrs
    assert not read.user_attrs


def test_what_is_appended_stays_in_the_snapshot() -> None:
    trials, attributes = [running()], {"a": 1}
    storage = Snapshot([StudyDirection.MAXIMIZE], trials, attributes)
    assert storage.append(running()) == 1
    storage.set_study_system_attr(0, "a", 2)
    assert storage.count == 2
    assert len(trials) == 1
    assert attributes == {"a": 1}
    assert storage.get_study_system_attrs(0) == {"a": 2}


def test_finished_trials_cannot_be_written() -> None:
    finished = create_trial(value=1.0)
    storage = Snapshot([StudyDirection.MAXIMIZE], [finished], {})
    with pytest.raises(UpdateFinishedTrialError):
        storage.set_trial_system_attr(0, "generation", 2)
    assert storage.get_all_trials(0, states=(TrialState.RUNNING,)) == []
    assert storage.get_all_trials(0, deepcopy=False)[0] is finished


def test_what_a_driver_does_is_refused() -> None:
    with pytest.raises(NotImplementedError):
        Snapshot([StudyDirection.MAXIMIZE], [], {}).create_new_trial(0)
