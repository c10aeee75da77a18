"""Searches whose controller is given by its name: what it is made with, and what is told where it cannot be had."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nas
from nas.controllers import CONTROLLERS, Distinct, Hyperband, QLearning, RandomSearch, WarmStart
from nas.data import Dataset, from_arrays
from nas.driver.search import search as search_with
from nas.errors import SpecError, UsageError
from nas.evaluate import Recalled, Train
from nas.events import Event, StageBegan, TrialBegan, TrialEnded
from nas.runs.by_name import controller_of, search
from nas.space import Space, parse_space
from nas.testing import MatchEvaluator
from nas.training import Recipe
from nas.trial import Objective


@pytest.fixture(scope="module")
def space() -> Space:
    return parse_space(
        "input: [4]\noutputs: 3\nlayers: [{linear: {units: {choice: [1, 2, 3]}}}, {choice: [relu, tanh]}]"
    )


@pytest.fixture(scope="module")
def data() -> Dataset:
    inputs = np.random.default_rng(0).standard_normal((30, 4)).astype(np.float32)
    return from_arrays(inputs, np.arange(30) % 3)


@pytest.fixture(scope="module")
def evaluator(space: Space) -> MatchEvaluator:
    return MatchEvaluator(space.sample(np.random.default_rng(1)))


def test_a_name_gives_the_search_of_the_controller(space: Space, evaluator: MatchEvaluator) -> None:
    named = search("q_learning", evaluator, space=space, trials=6, seed=3)
    made = search_with(QLearning(space, trials=6), evaluator, trials=6, seed=3, window=2)
    assert [trial.architecture.id for trial in named] == [trial.architecture.id for trial in made]
    assert [trial.scores for trial in named] == [trial.scores for trial in made]
    assert nas.search is search


def test_the_stage_is_told(space: Space, evaluator: MatchEvaluator) -> None:
    """With what the study holds already, so that a display can begin there."""
    study = search("random", evaluator, space=space, trials=3)
    events: list[Event] = []
    search("random", evaluator, study, space=space, trials=5, on_event=events.append)
    front = tuple(nas.pareto_front(list(study)[:3]))
    assert events[0] == StageBegan("trial", 5, 3, (Objective("val_acc"),), front, at=events[0].at)
    assert [type(event) for event in events[1:]] == [TrialBegan, TrialEnded] * 2


def test_settings_are_those_of_a_run_file(space: Space, evaluator: MatchEvaluator) -> None:
    given = {"distinct": {"controller": {"q_learning": {"alpha": 0.5, "schedule": [[1, 2], [0.1, 1]]}}, "tries": 3}}
    made = controller_of(given, evaluator, space=space, trials=40)
    assert isinstance(made, Distinct)
    assert made.tries == 3
    assert isinstance(made.controller, QLearning)
    assert made.controller.alpha == 0.5


def test_what_a_controller_needs_is_taken_from_the_evaluator(space: Space, data: Dataset) -> None:
    train = Train(data, Recipe(epochs=9))
    hyperband = controller_of({"hyperband": {"controller": "random"}}, Recalled(train, ()), space=space, trials=5)
    assert isinstance(hyperband, Hyperband)
    assert hyperband.levels[-1] is None
    warm = controller_of({"warm_start": {"controller": "random", "proxy": "naswot"}}, train, space=space, trials=5)
    assert isinstance(warm, WarmStart)
    with pytest.raises(UsageError, match="naswot"):
        controller_of({"warm_start": {"controller": "random", "proxy": "naswot"}}, _nothing, space=space, trials=5)


def test_every_controller_can_be_had_by_its_name(space: Space, data: Dataset) -> None:
    for name, make in CONTROLLERS.items():
        inner = {"controller": "random", "controllers": ["random"]}
        settings = {key: value for key, value in inner.items() if key in make.__init__.__annotations__}
        made = controller_of({name: settings} if settings else name, Train(data), space=space, trials=5)
        assert type(made) is make


def test_a_controller_stays_what_it_is(space: Space) -> None:
    controller = RandomSearch(space)
    assert controller_of(controller, _nothing, space=None, trials=1) is controller


def _nothing(arch: object, *, epochs: int | None, seed: int) -> Mapping[str, float]:
    return {"val_acc": 0.0}


@pytest.mark.parametrize(
    ("controller", "message"),
    [
        ("randm", r"no controller is named 'randm' \(expected asha, .*did you mean 'random'\?\)"),
        ({"q_learning": {"alhpa": 1}}, r"controller\.q_learning: no such key: 'alhpa' .*did you mean 'alpha'\?"),
        ({"q_learning": {"replay": 1.5}}, r"controller\.q_learning\.replay: .*expected a valid integer, got 1.5"),
        ({"random": {}, "grid": {}}, "give one controller"),
        (
            {"hyperband": {"controller": "random"}},
            "^search: controller: hyperband needs full_epochs, and",
        ),
        (3, r"^search: controller: expected an object with the members of Controller \(ask, tell\) or .* got 3$"),
        (RandomSearch, "^search: controller: .* got the class RandomSearch$"),
    ],
)
def test_what_cannot_be_had(controller: Any, message: str, space: Space) -> None:
    with pytest.raises(UsageError, match=message):
        search(controller, _nothing, space=space, trials=1)


def test_a_name_needs_a_space() -> None:
    with pytest.raises(UsageError, match=r"^search: controller: random needs space, .*: pass space=\.\.\.$"):
        search("random", _nothing, trials=1)
    with pytest.raises(SpecError):
        search("randm", _nothing, trials=1)


def test_a_controller_of_ones_own(space: Space, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine.py").write_text("from nas.controllers import RandomSearch as Mine\n")
    monkeypatch.chdir(tmp_path)
    assert isinstance(controller_of("mine.py:Mine", _nothing, space=space, trials=1), RandomSearch)
    with pytest.raises(SpecError, match=r"no class or function 'Mne'; did you mean"):
        controller_of("mine.py:Mne", _nothing, space=space, trials=1)
