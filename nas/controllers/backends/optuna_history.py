"""The told trials as a study of Optuna, which a sampler can query without changing it."""

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import numpy as np
from optuna.distributions import CategoricalDistribution
from optuna.exceptions import ExperimentalWarning
from optuna.samplers import BaseGASampler, BaseSampler
from optuna.study import Study, StudyDirection
from optuna.trial import FrozenTrial, TrialState

from nas.controllers.backends.optuna_samplers import MakeSampler
from nas.controllers.backends.optuna_snapshot import Snapshot
from nas.errors import UsageError
from nas.space import Architecture, Choice, Space, Value
from nas.trial import Trial

TRIES = 10
"""How often a sampler is asked again for a decision if it suggests an illegal option."""

WHEN = datetime(2000, 1, 1)
"""When all trials begin and end: Optuna requires a date, and proposals must not depend on it."""


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
        storage: Snapshot,
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
    def _study(self, seed: int, trials: Sequence[FrozenTrial]) -> Iterator[tuple[Study, Snapshot, BaseSampler]]:
        with warnings.catch_warnings():
            # Deprecated settings are named when the sampler is chosen, and not again at each proposal.
            warnings.simplefilter("ignore", ExperimentalWarning)
            warnings.simplefilter("ignore", FutureWarning)
            storage, sampler = Snapshot(self._directions, trials, self._attributes), self._make(seed)
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
