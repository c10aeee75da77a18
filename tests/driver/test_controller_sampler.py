"""Our controllers in studies of Optuna: the same search, resumed, shared, and beside other parameters."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import optuna
import pytest
from optuna.exceptions import ExperimentalWarning
from optuna.samplers import RandomSampler
from optuna.trial import TrialState

import nas
from nas.controllers import Controller, LocalSearch, OptunaController, QLearning, RandomSearch, RegularizedEvolution
from nas.driver.controller_sampler import ControllerSampler, suggest_architecture
from nas.driver.search import search
from nas.driver.seeds import trial_seed
from nas.errors import EvaluationFailed, UsageError
from nas.evaluate import Evaluator
from nas.space import Architecture, Space, parse_space
from nas.testing import FailingEvaluator, MatchEvaluator
from nas.trial import Objective, Proposal, Trial

LIMITED = """
input: [1, 8, 8]
limits: {params: 200}
outputs: 2
layers:
  - repeat: {choice: [1, 2, 3]}
    of: [{conv: {width: {choice: [2, 4, 6]}}}, {choice: [max_pool, relu]}]
  - choice: [flatten, global_avg_pool]
  - linear: {units: outputs}
"""
MAKERS: dict[str, Callable[[Space], Controller]] = {
    "random": RandomSearch,
    "evolution": lambda space: RegularizedEvolution(space, population=8, tournament=3),
    "q_learning": lambda space: QLearning(space, trials=30, alpha=0.1, replay=5),
    "local_search": LocalSearch,
    "optuna": lambda space: OptunaController(space, settings={"n_startup_trials": 5}),
}


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    level = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    yield
    optuna.logging.set_verbosity(level)


@pytest.fixture(scope="module")
def space() -> Space:
    """Decisions that are not always reached, and options that are not always legal."""
    return parse_space(LIMITED)


@pytest.fixture(scope="module")
def evaluator(space: Space) -> Evaluator:
    """A third of its evaluations fail."""
    return FailingEvaluator(MatchEvaluator(space.sample(np.random.default_rng(1))))


def _objective(
    space: Space, evaluator: Evaluator, metric: str = "val_acc", seed: int = 0
) -> Callable[[optuna.Trial], float]:
    def objective(trial: optuna.Trial) -> float:
        arch = suggest_architecture(trial, space)
        value = evaluator(arch, epochs=None, seed=trial_seed(seed, trial.number))[metric]
        assert isinstance(value, float)
        return value

    return objective


def _architectures(study: optuna.Study, space: Space) -> list[Architecture]:
    return [suggest_architecture(trial, space) for trial in study.get_trials()]


@pytest.mark.parametrize("name", MAKERS)
def test_a_study_is_the_search(name: str, space: Space, evaluator: Evaluator) -> None:
    expected = search(MAKERS[name](space), evaluator, trials=30, seed=3)
    sampler = ControllerSampler(lambda: MAKERS[name](space), space, seed=3)
    study = optuna.create_study(sampler=sampler, direction="maximize")
    study.optimize(_objective(space, evaluator, seed=3), n_trials=30, catch=(EvaluationFailed,))
    assert _architectures(study, space) == [trial.architecture for trial in expected]
    assert [trial.value for trial in study.get_trials()] == [trial.score for trial in expected]


def test_what_is_told_is_what_a_search_tells(space: Space, evaluator: Evaluator) -> None:
    told: list[Trial] = []

    class Spy(RandomSearch):
        def tell(self, trial: Trial) -> None:
            told.append(trial)

    study = optuna.create_study(sampler=ControllerSampler(lambda: Spy(space), space), direction="minimize")
    with pytest.warns(ExperimentalWarning):
        study.set_metric_names(["val_acc"])
    study.optimize(_objective(space, evaluator), n_trials=9, catch=(EvaluationFailed,))
    expected = list(search(RandomSearch(space), evaluator, trials=8, objectives=[Objective("val_acc", "minimize")]))
    assert {trial.error is None for trial in told} == {True, False}
    for found, trial in zip(told, expected, strict=True):
        assert (found.number, found.seed, found.asked_after) == (trial.number, trial.seed, trial.asked_after)
        assert (found.proposal, found.scores) == (trial.proposal, trial.scores)
        assert found.metrics == ({} if trial.scores is None else {"val_acc": trial.metrics["val_acc"]})
        assert found.error == (None if trial.scores else "CRASH: FAIL in Optuna")
        assert 0 <= found.seconds < 60


def test_a_minimum_is_searched_for(space: Space) -> None:
    target = MatchEvaluator(space.sample(np.random.default_rng(1)))
    expected = search(LocalSearch(space), target, trials=40, objectives=[Objective("params", "minimize")])
    study = optuna.create_study(sampler=ControllerSampler(lambda: LocalSearch(space), space), direction="minimize")
    study.optimize(_objective(space, target, "params"), n_trials=40)
    assert _architectures(study, space) == [trial.architecture for trial in expected]
    assert study.best_value == min(float(trial.metrics["params"]) for trial in expected)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["evolution", "q_learning"])
def test_a_stored_study_goes_on(name: str, space: Space, evaluator: Evaluator, tmp_path: Path) -> None:
    expected = search(MAKERS[name](space), evaluator, trials=20)
    for trials in (7, 13):
        study = optuna.create_study(
            study_name="s",
            storage=f"sqlite:///{tmp_path / 's.db'}",
            sampler=ControllerSampler(lambda: MAKERS[name](space), space),
            direction="maximize",
            load_if_exists=True,
        )
        study.optimize(_objective(space, evaluator), n_trials=trials, catch=(EvaluationFailed,))
    assert _architectures(study, space) == [trial.architecture for trial in expected]


def test_workers_share_a_study(space: Space, evaluator: Evaluator) -> None:
    """Two threads; proposals follow from the trials' numbers, so that the workers do not repeat each other."""
    sampler = ControllerSampler(lambda: MAKERS["evolution"](space), space)
    study = optuna.create_study(sampler=sampler, direction="maximize")
    study.optimize(_objective(space, evaluator), n_trials=24, n_jobs=2, catch=(EvaluationFailed,))
    assert [trial.number for trial in study.get_trials()] == list(range(24))
    beginning = [space.sample(np.random.default_rng([0, number])) for number in range(8)]
    assert _architectures(study, space)[:8] == beginning


def test_what_is_in_flight_is_pending(space: Space) -> None:
    seen: list[list[Architecture]] = []

    class Spy(RandomSearch):
        def ask(self, rng: np.random.Generator, pending: Sequence[Proposal] = ()) -> Proposal:
            seen.append([proposal.architecture for proposal in pending])
            return super().ask(rng, pending)

    storage = optuna.storages.InMemoryStorage()
    here, there = (
        optuna.create_study(
            study_name="s",
            storage=storage,
            sampler=ControllerSampler(lambda: Spy(space), space, seed=seed),
            direction="maximize",
            load_if_exists=True,
        )
        for seed in range(2)
    )
    first = here.ask()
    one = suggest_architecture(first, space)
    second = there.ask()
    two = suggest_architecture(second, space)
    third = here.ask()
    name, options = next(iter(space.universe.items()))
    third.suggest_categorical(name, options)  # begun; only its own sampler knows how it goes on
    suggest_architecture(there.ask(), space)
    here.tell(first, 0.5)
    fourth = here.ask()
    suggest_architecture(fourth, space)
    assert seen[:4] == [[], [one], [one, two], [one, two]]
    assert len(seen[4]) == 3, "two, what the third will be, and the one that was asked for there"
    assert seen[4][0] == two
    assert seen[4][1] == suggest_architecture(third, space)


def test_trials_of_others(space: Space) -> None:
    """What has no architecture is passed over; what was given by hand is told as it was."""
    told: list[Trial] = []

    class Spy(RandomSearch):
        def tell(self, trial: Trial) -> None:
            told.append(trial)

    arch = space.sample(np.random.default_rng(5))
    other = optuna.distributions.FloatDistribution(0, 1)
    study = optuna.create_study(sampler=ControllerSampler(lambda: Spy(space), space), direction="maximize")
    study.add_trial(optuna.trial.create_trial(value=0.3, params={"x": 0.5}, distributions={"x": other}))
    study.add_trial(optuna.trial.create_trial(state=TrialState.FAIL))
    study.enqueue_trial(dict(arch.choices))
    study.ask()  # waits for ever with nothing decided

    def objective(trial: optuna.Trial) -> float:
        suggest_architecture(trial, space)
        if trial.number == 4:
            trial.report(0.125, step=0)
            raise optuna.TrialPruned
        if trial.number == 5:
            raise optuna.TrialPruned
        return float("inf") if trial.number == 6 else 0.75

    study.enqueue_trial(dict(arch.choices))
    study.optimize(objective, n_trials=5)
    assert [trial.scores for trial in told] == [(0.75,), (0.125,), None, None]
    assert [trial.error for trial in told] == [None, None, "CRASH: PRUNED in Optuna", "CRASH: COMPLETE in Optuna"]
    assert [trial.number for trial in told] == [0, 1, 2, 3]
    assert told[0].architecture == arch


def test_other_parameters_are_sampled_beside(space: Space) -> None:
    """The architecture is the controller's, the learning rate another sampler's."""

    def objective(trial: optuna.Trial) -> float:
        lr = trial.suggest_float("lr", 1e-4, 1e-1, log=True)
        suggest_architecture(trial, space)
        return lr

    studies = []
    for others in (None, None, optuna.samplers.TPESampler(seed=1)):
        sampler = ControllerSampler(lambda: RandomSearch(space), space, others=others)
        study = optuna.create_study(sampler=sampler)
        study.optimize(objective, n_trials=12)
        studies.append(study)
    rates = [[trial.params["lr"] for trial in study.get_trials()] for study in studies]
    assert rates[0] == rates[1] != rates[2]
    assert len(set(rates[0])) == 12
    assert len({tuple(arch.id for arch in _architectures(study, space)) for study in studies}) == 1


def test_a_sampler_begins_anew_with_each_study(space: Space, evaluator: Evaluator) -> None:
    sampler = ControllerSampler(lambda: MAKERS["evolution"](space), space)
    found = []
    for _ in range(2):
        study = optuna.create_study(sampler=sampler, direction="maximize")
        study.optimize(_objective(space, evaluator), n_trials=15, catch=(EvaluationFailed,))
        found.append(_architectures(study, space))
    assert found[0] == found[1]


def test_several_objectives(space: Space) -> None:
    told: list[Trial] = []

    class Spy(RandomSearch):
        def tell(self, trial: Trial) -> None:
            told.append(trial)

    sampler = ControllerSampler(lambda: Spy(space), space)
    study = optuna.create_study(sampler=sampler, directions=["maximize", "minimize"])

    def objective(trial: optuna.Trial) -> tuple[float, float]:
        return 0.5, float(suggest_architecture(trial, space).params)

    study.optimize(objective, n_trials=3)
    assert [trial.scores for trial in told] == [(0.5, -float(trial.architecture.params)) for trial in told]
    assert told[0].metrics == {"value_0": 0.5, "value_1": float(told[0].architecture.params)}


def test_epochs_have_no_place_in_a_study(space: Space) -> None:
    class Brief(RandomSearch):
        def ask(self, rng: np.random.Generator, pending: Sequence[Proposal] = ()) -> Proposal:
            return Proposal(self.space.sample(rng), epochs=1)

    study = optuna.create_study(sampler=ControllerSampler(lambda: Brief(space), space))
    with pytest.raises(UsageError, match=r"asks for epochs or for a parent's weights cannot be a sampler$"):
        suggest_architecture(study.ask(), space)


def test_any_sampler_suggests_members(space: Space) -> None:
    """A suggestion that is not legal becomes the nearest that is; the finished trial gives the same architecture."""
    study = optuna.create_study(sampler=RandomSampler(seed=0))
    moved = 0
    for _ in range(60):
        trial = study.ask()
        arch = suggest_architecture(trial, space)
        assert space.rebuild(dict(arch.choices)) == arch
        study.tell(trial, 1.0)
        finished = study.get_trials()[-1]
        assert suggest_architecture(finished, space) == arch
        for choice, (name, value) in zip(space.choices_of(arch), arch.choices, strict=True):
            options, wanted = space.universe[name], finished.params[name]
            distances = [abs(options.index(option) - options.index(wanted)) for option in choice.options]
            assert abs(options.index(value) - options.index(wanted)) == min(distances)
            moved += value != wanted
    assert moved > 5


def test_public_names() -> None:
    assert nas.ControllerSampler is ControllerSampler
    assert nas.suggest_architecture is suggest_architecture
