"""A controller as a sampler of Optuna, for people who have a study: Optuna runs the loop, the controller proposes.

    def objective(trial):
        arch = nas.suggest_architecture(trial, space)
        return train(arch)

    sampler = nas.ControllerSampler(lambda: nas.RegularizedEvolution(space), space, seed=0)
    optuna.create_study(sampler=sampler, direction="maximize").optimize(objective, n_trials=100)

A decision is a categorical parameter under its name, with all options of the file. Where trials come one after another,
proposals are those of `nas.search` with the same seed.
"""

import math
import threading
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from optuna.distributions import BaseDistribution, CategoricalDistribution
from optuna.samplers import BaseSampler, RandomSampler
from optuna.study import Study, StudyDirection
from optuna.trial import BaseTrial, FrozenTrial, TrialState

from nas.arguments import checked
from nas.controllers import Controller
from nas.driver.seeds import trial_seed
from nas.errors import FailureKind, UsageError
from nas.space import Architecture, Choice, Space, Value
from nas.trial import Proposal, Trial

FINISHED = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL)


@checked
def suggest_architecture(trial: BaseTrial, space: Space) -> Architecture:
    """The architecture that a trial of Optuna is about; of a finished one (`study.best_trial`) that which it was about.

    Each decision is suggested with all options of the file, because Optuna wants them to be the same in all trials.
    Where the suggestion is not legal, the legal option that is nearest to it in the file's order is taken, of two the
    earlier. `ControllerSampler` never suggests one.
    """

    def suggest(name: str, options: Sequence[Value]) -> Value:
        found: Value = trial.suggest_categorical(name, options)
        return found

    return _decide(space, suggest)


def _decide(space: Space, suggest: Callable[[str, Sequence[Value]], Value]) -> Architecture:
    def pick(choice: Choice) -> Value:
        options, legal = space.universe[choice.name], choice.options
        value = suggest(choice.name, options)
        if value in legal:
            return value
        place = options.index(value)
        return min(legal, key=lambda option: abs(options.index(option) - place))

    return space.walk(pick)


@checked
class ControllerSampler(BaseSampler):
    """Samples architectures as a controller proposes them, and whatever else the objective asks for with `others`.

    The controller is told a study's finished trials in the order of their numbers: those that were there before, and
    those of other workers, when they are first seen. A trial that failed, or whose value is infinite, is told as
    failed, a pruned one with the value that it had when it was pruned. Trials that did not decide a whole architecture
    are passed over. What other workers are evaluating is `pending`; a trial that is left running for ever stays so.

    Args:
        make: gives a new controller that has been told nothing, for each study that the sampler is used with.
        space: where the controller searches.
        seed: where the randomness of the proposals comes from, with the number of the trial.
        others: samples parameters that are no decisions of the space; None: at random.
    """

    def __init__(
        self, make: Callable[[], Controller], space: Space, *, seed: int = 0, others: BaseSampler | None = None
    ) -> None:
        self.space = space
        self.seed = seed
        self._make = make
        self._others = others or RandomSampler(seed=seed)
        self._distributions = {name: CategoricalDistribution(options) for name, options in space.universe.items()}
        self._lock = threading.Lock()
        self._begin("")

    def _begin(self, study_name: str) -> None:
        self._study_name = study_name
        self._controller = self._make()
        self._seen: set[int] = set()  # numbers of finished trials
        self._told = 0
        self._asked: dict[int, Architecture] = {}  # by the number of the trial, until it is finished

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        return {name: one for name, one in self._distributions.items() if not one.single()}

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """A proposal's decisions. Raises UsageError if the controller asks for epochs or for a parent's weights."""
        with self._lock:
            if study.study_name != self._study_name:
                self._begin(study.study_name)
            pending = self._catch_up(study, trial.number)
            proposal = self._controller.ask(np.random.default_rng([self.seed, trial.number]), pending)
            if proposal.epochs is not None or proposal.parent is not None:
                raise UsageError("a controller that asks for epochs or for a parent's weights cannot be a sampler")
            self._asked[trial.number] = proposal.architecture
        return {name: value for name, value in proposal.architecture.choices if name in search_space}

    def sample_independent(
        self, study: Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        return self._others.sample_independent(study, trial, param_name, param_distribution)

    def reseed_rng(self) -> None:
        # What the controller proposes follows from the number of the trial, which differs from worker to worker.
        self._others.reseed_rng()

    def before_trial(self, study: Study, trial: FrozenTrial) -> None:
        self._others.before_trial(study, trial)

    def after_trial(self, study: Study, trial: FrozenTrial, state: TrialState, values: Sequence[float] | None) -> None:
        self._others.after_trial(study, trial, state, values)

    def _catch_up(self, study: Study, asking: int) -> list[Proposal]:
        """Tells the controller the trials that it has not been told; returns what is being evaluated."""
        pending = []
        for frozen in study.get_trials(deepcopy=False, states=(*FINISHED, TrialState.RUNNING)):
            if frozen.number in self._seen or frozen.number == asking:
                continue
            if frozen.state is TrialState.RUNNING:
                arch = self._asked.get(frozen.number) or self._architecture(frozen)
                if arch is not None:
                    pending.append(Proposal(arch))
                continue
            self._seen.add(frozen.number)
            self._asked.pop(frozen.number, None)
            arch = self._architecture(frozen)
            if arch is not None:
                self._controller.tell(self._trial(study, frozen, arch))
                self._told += 1
        return pending

    def _architecture(self, frozen: FrozenTrial) -> Architecture | None:
        """What a trial is about; None if it did not decide all of it, or decided something else."""
        try:
            return _decide(self.space, lambda name, _: frozen.params[name])
        except (KeyError, ValueError):  # a decision is missing, or is none of the options
            return None

    def _trial(self, study: Study, frozen: FrozenTrial, arch: Architecture) -> Trial:
        values = None if frozen.state is TrialState.FAIL else frozen.values
        if values is not None and not all(map(math.isfinite, values)):
            values = None
        signs = [1.0 if direction is StudyDirection.MAXIMIZE else -1.0 for direction in study.directions]
        names = study.metric_names or [f"value_{index}" for index in range(len(signs))]
        return Trial(
            number=self._told,
            proposal=Proposal(arch),
            seed=trial_seed(self.seed, frozen.number),
            metrics=dict(zip(names, values, strict=True)) if values else {},
            scores=tuple(sign * value for sign, value in zip(signs, values, strict=True)) if values else None,
            seconds=frozen.duration.total_seconds() if frozen.duration else 0.0,
            error=None if values else f"{FailureKind.CRASH}: {frozen.state.name} in Optuna",
            asked_after=self._told,
        )
