"""A storage of Optuna that holds one study in memory, and never changes the trials that it starts with."""

import copy
from collections.abc import Container, Mapping, Sequence
from typing import Any, NoReturn

from optuna.distributions import BaseDistribution
from optuna.storages import BaseStorage
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState


class Snapshot(BaseStorage):
    """A storage of one study, with initial trials that it never changes. Samplers need no more than this."""

    def __init__(
        self, directions: Sequence[StudyDirection], trials: Sequence[FrozenTrial], attributes: Mapping[str, Any]
    ) -> None:
        self._directions = list(directions)
        self._trials = list(trials)
        self.attributes = dict(attributes)

    @property
    def count(self) -> int:
        """The number of trials."""
        return len(self._trials)

    def append(self, trial: FrozenTrial) -> int:
        """Adds a running trial and returns its number, which is also its id."""
        self._trials.append(trial)
        return len(self._trials) - 1

    def get_study_id_from_name(self, study_name: str) -> int:
        return 0

    def get_study_name_from_id(self, study_id: int) -> str:
        return "history"

    def get_study_directions(self, study_id: int) -> list[StudyDirection]:
        return self._directions

    def get_study_user_attrs(self, study_id: int) -> dict[str, Any]:
        return {}

    def get_study_system_attrs(self, study_id: int) -> dict[str, Any]:
        return self.attributes

    def set_study_system_attr(self, study_id: int, key: str, value: Any) -> None:
        self.attributes[key] = value

    def set_trial_param(
        self, trial_id: int, param_name: str, param_value_internal: float, distribution: BaseDistribution
    ) -> None:
        trial = self._writable(trial_id)
        trial.params = {**trial.params, param_name: distribution.to_external_repr(param_value_internal)}
        trial.distributions = {**trial.distributions, param_name: distribution}

    def set_trial_system_attr(self, trial_id: int, key: str, value: Any) -> None:
        trial = self._writable(trial_id)
        trial.system_attrs = {**trial.system_attrs, key: value}

    def set_trial_user_attr(self, trial_id: int, key: str, value: Any) -> None:
        trial = self._writable(trial_id)
        trial.user_attrs = {**trial.user_attrs, key: value}

    def _writable(self, trial_id: int) -> FrozenTrial:
        """Replaces the trial by a copy, because trials that were read before must not change."""
        self.check_trial_is_updatable(trial_id, self._trials[trial_id].state)
        trial = self._trials[trial_id] = copy.copy(self._trials[trial_id])
        return trial

    def get_trial(self, trial_id: int) -> FrozenTrial:
        return self._trials[trial_id]

    def get_all_trials(
        self, study_id: int, deepcopy: bool = True, states: Container[TrialState] | None = None
    ) -> list[FrozenTrial]:
        trials = [trial for trial in self._trials if states is None or trial.state in states]
        return copy.deepcopy(trials) if deepcopy else trials

    def get_trial_id_from_study_id_trial_number(self, study_id: int, trial_number: int) -> int:
        return trial_number

    def _never(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise NotImplementedError("this is done by the driver of a study, not by its sampler")

    create_new_study = delete_study = set_study_user_attr = get_all_studies = _never
    create_new_trial = set_trial_state_values = set_trial_intermediate_value = _never
