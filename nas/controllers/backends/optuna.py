"""Optuna for `OptunaController`: its samplers by name, and the told trials as a study that a sampler can query without
changing it.
"""

import copy
import importlib
import inspect
import warnings
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NoReturn

import numpy as np
import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution
from optuna.exceptions import ExperimentalWarning
from optuna.samplers import BaseGASampler, BaseSampler
from optuna.storages import BaseStorage
from optuna.study import Study, StudyDirection
from optuna.trial import FrozenTrial, TrialState

from nas.errors import UsageError, nearest
from nas.space import Architecture, Choice, Space, Value
from nas.trial import Trial

MakeSampler = Callable[[int], BaseSampler]

REFUSED: Mapping[str, str] = {
    "CmaEsSampler": "it models numbers, and decisions are categories: it would sample at random",
    "GridSampler": "it marks the point of its grid in each trial as it asks for it; BruteForceSampler tries everything",
    "QMCSampler": "it counts its proposals in the study as it makes them",
}
"""Samplers of Optuna that cannot work here, and why."""

TRIES = 10
"""How often a sampler is asked again for a decision if it suggests an illegal option."""

WHEN = datetime(2000, 1, 1)
"""When all trials begin and end: Optuna requires a date, and proposals must not depend on it."""


def sampler_maker(name: str, settings: Mapping[str, Any], hub: str | None) -> MakeSampler:
    """A function from a seed to a sampler of this name.

    Raises:
        UsageError: there is no such sampler, it cannot be used here, or it does not take the settings.
    """
    if hub is None:
        cls: Callable[..., BaseSampler] = _find(name, optuna.samplers, "optuna.samplers")
    else:
        try:
            optunahub = importlib.import_module("optunahub")
        except ImportError as error:
            raise UsageError(f"hub: {hub}: samplers of OptunaHub need the package optunahub: {error}") from error
        try:
            package = optunahub.load_module(hub)
        except (ImportError, OSError) as error:
            raise UsageError(f"hub: {hub} cannot be loaded: {error}") from error
        cls = _find(name, package, f"the package {hub} of OptunaHub")
    if hub is None and name in REFUSED:
        raise UsageError(f"{name} cannot be a controller: {REFUSED[name]}")
    parameters = inspect.signature(cls).parameters
    if "seed" not in parameters:
        raise UsageError(
            f"{name} cannot be a controller: it takes no seed, so that its proposals could not be repeated"
        )
    if "seed" in settings:
        raise UsageError(f"{name}: the seed is no setting: it follows from the run's")
    known = [key for key in parameters if key != "seed"]
    if not any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in parameters.values()):
        for key in settings:
            if key not in known:
                guess = nearest(key, known)
                hint = f"; did you mean {guess!r}?" if guess else ""
                raise UsageError(f"{name} has no setting {key!r} (expected {', '.join(known)}{hint})")
    # Conditional decisions are the rule here, and not worth a line in the log each.
    aside = parameters.get("warn_independent_sampling")
    quiet = {"warn_independent_sampling": False} if aside is not None and aside.default is True else {}

    def make(seed: int) -> BaseSampler:
        return cls(**{**quiet, **settings}, seed=seed)

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ExperimentalWarning)
            make(0)
    except (TypeError, ValueError, ImportError) as error:
        raise UsageError(f"{name} does not take these settings: {error}") from error
    return make


def _find(name: str, module: Any, where: str) -> type[BaseSampler]:
    found = {
        key: value
        for key, value in vars(module).items()
        if inspect.isclass(value) and issubclass(value, BaseSampler) and not inspect.isabstract(value)
    }
    if name not in found:
        usable = sorted(key for key in found if module is not optuna.samplers or _usable(key, found[key]))
        guess = nearest(name, usable)
        hint = f"; did you mean {guess!r}?" if guess else ""
        raise UsageError(f"no sampler is named {name!r} in {where} (expected {', '.join(usable)}{hint})")
    return found[name]


def _usable(name: str, cls: type[BaseSampler]) -> bool:
    return name not in REFUSED and "seed" in inspect.signature(cls).parameters


class History:
    """The trials that were told, as a study of Optuna.

    Args:
        space: what the architectures are members of.
        make: makes a sampler from a seed.
        objectives: number of scores of a trial that count.
    """

    def __init__(self, space: Space, make: MakeSampler, objectives: int) -> None:
        self._space = space
        self._make = make
        self._directions = [StudyDirection.MAXIMIZE] * objectives
        self._distributions = {name: _Options(options) for name, options in space.universe.items()}
        self._trials: list[FrozenTrial] = []
        self._attributes: dict[str, Any] = {}
        self._succeeded = False
        with self._study(0, []) as (_, _, sampler):
            self._genetic = isinstance(sampler, BaseGASampler)

    def add(self, trial: Trial) -> None:
        """Adds a trial that was told."""
        scores = trial.scores
        if scores is not None and len(scores) < len(self._directions):
            raise UsageError(f"objectives is {len(self._directions)}, and the trials of this run have {len(scores)}")
        self._succeeded |= scores is not None
        frozen = self._frozen(trial.architecture, len(self._trials))
        if scores is not None:
            frozen.state, frozen.values = TrialState.COMPLETE, list(scores[: len(self._directions)])
        else:
            frozen.state = TrialState.PRUNED if self._succeeded else TrialState.FAIL
        frozen.datetime_complete = WHEN
        if self._genetic:
            self._mark(frozen, trial)
        self._trials.append(frozen)

    def _mark(self, frozen: FrozenTrial, trial: Trial) -> None:
        """Records what a genetic algorithm would have recorded when it was asked for this trial.

        That is the generation of the trial and, on the study, the parents of each generation: functions of the trials
        told at that time.
        """
        with self._study(trial.seed, self._trials[: trial.asked_after]) as (study, storage, sampler):
            if isinstance(sampler, BaseGASampler):
                number = storage.append(self._frozen(trial.architecture, storage.count))
                sampler.get_parent_population(study, sampler.get_trial_generation(study, storage.get_trial(number)))
                frozen.system_attrs = storage.get_trial(number).system_attrs
                self._attributes = storage.attributes

    def suggest(self, rng: np.random.Generator, pending: Sequence[Architecture]) -> Architecture:
        """A suggested architecture. Changes no state."""
        with self._study(int(rng.integers(2**32)), self._trials) as (study, storage, sampler):
            for arch in pending:
                storage.append(self._frozen(arch, storage.count))
            number = storage.append(self._frozen(None, storage.count))
            sampler.before_trial(study, storage.get_trial(number))
            relative: dict[str, Any] | None = None

            def pick(choice: Choice) -> Value:
                nonlocal relative
                distribution, trial = self._distributions[choice.name], storage.get_trial(number)
                value: Value
                if distribution.single() or len(choice.options) == 1:
                    value = choice.options[0]
                else:
                    if relative is None:
                        together = sampler.infer_relative_search_space(study, trial)
                        relative = sampler.sample_relative(study, trial, together)
                    value = self._sample(study, storage, sampler, choice, number, relative, rng)
                storage.set_trial_param(number, choice.name, distribution.to_internal_repr(value), distribution)
                return value

            return self._space.walk(pick)

    def _sample(
        self,
        study: Study,
        storage: "_Snapshot",
        sampler: BaseSampler,
        choice: Choice,
        number: int,
        relative: Mapping[str, Any],
        rng: np.random.Generator,
    ) -> Value:
        if choice.name in relative and relative[choice.name] in choice.options:
            found: Value = relative[choice.name]
            return found
        for _ in range(TRIES):
            found = sampler.sample_independent(
                study, storage.get_trial(number), choice.name, self._distributions[choice.name]
            )
            if found in choice.options:
                return found
        return choice.options[int(rng.random() * len(choice.options))]

    @contextmanager
    def _study(self, seed: int, trials: Sequence[FrozenTrial]) -> Iterator[tuple[Study, "_Snapshot", BaseSampler]]:
        with warnings.catch_warnings():
            # Deprecated settings are named when the sampler is chosen, and not again at each proposal.
            warnings.simplefilter("ignore", ExperimentalWarning)
            warnings.simplefilter("ignore", FutureWarning)
            storage, sampler = _Snapshot(self._directions, trials, self._attributes), self._make(seed)
            yield Study("history", storage, sampler), storage, sampler

    def _frozen(self, arch: Architecture | None, number: int) -> FrozenTrial:
        """A running trial; without an architecture nothing is decided yet."""
        params = dict(arch.choices) if arch is not None else {}
        return FrozenTrial(
            number=number,
            trial_id=number,
            state=TrialState.RUNNING,
            value=None,
            datetime_start=WHEN,
            datetime_complete=None,
            params=params,
            distributions={name: self._distributions[name] for name in params},
            user_attrs={},
            system_attrs={},
            intermediate_values={},
        )


class _Options(CategoricalDistribution):
    """Options compared by identity first. Samplers compare those of all trials at each proposal; Optuna does so one by
    one, which would take most of the time of NSGA-II."""

    def __eq__(self, other: object) -> bool:
        return other is self or super().__eq__(other)

    __hash__ = CategoricalDistribution.__hash__


class _Snapshot(BaseStorage):
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
