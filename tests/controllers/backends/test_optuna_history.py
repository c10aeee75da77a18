"""The study that a sampler is shown: what was told, and what is pending."""

from typing import Any

import numpy as np
import optuna
import pytest
from optuna.distributions import BaseDistribution
from optuna.samplers import NSGAIISampler, RandomSampler
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState

from nas.controllers.backends.optuna_history import History
from nas.space import Space, parse_space
from nas.trial import Proposal, Trial

PLAIN = "input: [4]\nlayers: [{repeat: 4, of: [{linear: {units: {choice: [1, 2, 3, 4]}}}]}]"
CONDITIONAL = """
input: [1, 8, 8]
limits: {params: 200}
outputs: 2
layers:
  - repeat: {choice: [1, 2, 3]}
    of: [{conv: {width: {choice: [2, 4, 6]}}}, {choice: [max_pool, relu]}]
  - choice: [flatten, global_avg_pool]
  - linear: {units: outputs}
"""


@pytest.fixture(scope="module")
def plain() -> Space:
    """4^4 architectures; every decision is always reached, with all options."""
    return parse_space(PLAIN)


@pytest.fixture(scope="module")
def conditional() -> Space:
    """Decisions that are not always reached, and options that are not always legal."""
    return parse_space(CONDITIONAL)


class _Spy(RandomSampler):
    """Shows what a sampler is shown."""

    def __init__(self, seed: int, seen: list[list[FrozenTrial]]) -> None:
        super().__init__(seed)
        self.seen = seen

    def before_trial(self, study: Study, trial: FrozenTrial) -> None:
        self.seen.append(study.get_trials())
        assert trial.number == len(self.seen[-1]) - 1
        assert study.directions == [optuna.study.StudyDirection.MAXIMIZE]


def _trial(space: Space, number: int, scores: tuple[float, ...] | None) -> Trial:
    arch = space.sample(np.random.default_rng(number))
    return Trial(number, Proposal(arch), number, {}, scores, 1.0, None if scores else "CRASH: no", number)


def test_what_the_sampler_is_shown(conditional: Space) -> None:
    seen: list[list[FrozenTrial]] = []
    history = History(conditional, lambda seed: _Spy(seed, seen), 1)
    trials = [_trial(conditional, number, scores) for number, scores in enumerate([None, (0.25, 3.0), None])]
    for trial in trials:
        history.add(trial)
    flying = conditional.sample(np.random.default_rng(9))
    history.suggest(np.random.default_rng(0), [flying])
    history.suggest(np.random.default_rng(0), [])
    first, second = seen
    states = [TrialState.FAIL, TrialState.COMPLETE, TrialState.PRUNED, TrialState.RUNNING]
    assert [trial.state for trial in first] == [*states, TrialState.RUNNING]
    assert [trial.state for trial in second] == states
    assert [trial.number for trial in first] == [0, 1, 2, 3, 4]
    assert first[1].values == [0.25]
    assert [trial.params for trial in first[:3]] == [dict(trial.architecture.choices) for trial in trials]
    assert first[3].params == dict(flying.choices)
    assert first[4].params == {}


def test_an_option_that_is_not_legal_is_asked_for_again(conditional: Space) -> None:
    """A sampler that always wants the widest layers gets them where they are legal."""

    class Widest(RandomSampler):
        def sample_independent(self, study: Study, trial: FrozenTrial, name: str, one: BaseDistribution) -> Any:
            assert isinstance(one, optuna.distributions.CategoricalDistribution)
            assert one.choices == conditional.universe[name]
            assert name not in trial.params
            return one.choices[-1]

    history = History(conditional, lambda seed: Widest(seed), 1)
    widths = set()
    for seed in range(20):
        arch = history.suggest(np.random.default_rng(seed), [])
        for choice, (name, value) in zip(conditional.choices_of(arch), arch.choices, strict=True):
            wanted = conditional.universe[name][-1]
            if wanted in choice.options:
                assert value == wanted
            else:
                widths.add(value)
    assert len(widths) > 1, "a legal one is drawn"


def test_the_generation_counts_from_what_was_known_when_it_was_asked(plain: Space) -> None:
    """Trials that were in flight when a generation filled belong to it, as they do with Optuna's own workers."""
    seen: list[list[int]] = []

    class Spy(NSGAIISampler):
        def sample_relative(self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]) -> Any:
            seen.append([t.system_attrs.get("Spy:generation", -1) for t in study.get_trials(deepcopy=False)[:-1]])
            return super().sample_relative(study, trial, search_space)

    history = History(plain, lambda seed: Spy(population_size=2, seed=seed), 1)
    arch = plain.sample(np.random.default_rng(0))
    for number, asked_after in enumerate([0, 0, 0, 3, 3, 4]):
        history.add(Trial(number, Proposal(arch), number, {"val_acc": 0.5}, (0.5,), 1.0, None, asked_after))
    history.suggest(np.random.default_rng(0), [])
    assert seen == [[0, 0, 0, 1, 1, 1]]
