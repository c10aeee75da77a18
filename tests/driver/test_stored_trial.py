"""A trial comes back exactly as it went in, and Optuna understands it; what was altered is no trial."""

import contextlib
import math
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import optuna
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from optuna.trial import TrialState

from nas.driver.optuna_study import OptunaStudy, read_study
from nas.errors import IntegrityError, UsageError
from nas.space import Space, parse_space
from nas.trial import Metrics, Objective, Proposal, Trial

Opened = Callable[..., contextlib.AbstractContextManager[OptunaStudy]]
Trials = Callable[..., list[Trial]]
Altered = Callable[[str], Path]

FLOATS = st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from(
    [-0.0, 5e-324, 2.2e-308, 1.7e308, 0.1 + 0.2]
)
NUMBERS = FLOATS | st.sampled_from([math.nan, math.inf, -math.inf]) | st.integers() | st.integers(2**62, 2**200)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    metrics=st.dictionaries(st.text(), NUMBERS | st.lists(NUMBERS, max_size=3).map(tuple), max_size=4),
    scores=st.none() | st.tuples(FLOATS, FLOATS | st.integers(-(2**70), 2**70)),
    seed=st.integers(0, 2**64),
    seconds=st.floats(0, 1e300),
    error=st.none() | st.text(),
    epochs=st.none() | st.integers(1, 300),
    parent=st.none() | st.integers(0, 10),
    draw=st.integers(0, 2**32),
)
def test_any_trial_comes_back_bit_for_bit(
    metrics: Metrics,
    scores: tuple[float, ...] | None,
    seed: int,
    seconds: float,
    error: str | None,
    epochs: int | None,
    parent: int | None,
    draw: int,
    tmp_path: Path,
    space: Space,
    opened: Opened,
) -> None:
    objectives = (Objective("val_loss", "minimize"), Objective("val_acc"))
    proposal = Proposal(space.sample(np.random.default_rng(draw)), epochs, parent)
    with opened(tmp_path / "any.db", objectives=objectives) as study:
        number = len(study)
        trial = Trial(number, proposal, seed, metrics, scores, seconds, error, number)
        study.append(trial)
    read = read_study(tmp_path / "any.db", name="s", space=space).trials[-1]
    assert repr(read) == repr(trial)  # tells -0.0 from 0.0 and 1 from 1.0, which `==` does not


def test_what_cannot_come_back_is_refused(copied: Path, opened: Opened, trials: Trials) -> None:
    before = copied.read_bytes()
    with opened(copied) as study:
        trial = replace(trials(9)[-1], metrics={"val_acc": 0.5}, scores=(math.nan,), error=None)
        for wrong in (trial, replace(trial, metrics={}, scores=(0.5, 0.5))):
            with pytest.raises(UsageError, match="trial 8 cannot be stored"):
                study.append(wrong)
        assert len(study) == 8
    assert copied.read_bytes() == before


def test_optuna_reads_it(stored: Path, space: Space, trials: Trials) -> None:
    expected = trials(8)
    study = optuna.load_study(study_name="s", storage=f"sqlite:///{stored}")
    assert study.direction == optuna.study.StudyDirection.MAXIMIZE
    assert study.metric_names == ["val_acc"]
    assert study.user_attrs["identity"]["seed"] == 0
    scored = [trial for trial in expected if trial.scores]
    assert study.best_value == max(trial.scores[0] for trial in scored if trial.scores)
    for seen, trial in zip(study.trials, expected, strict=True):
        assert seen.number == trial.number
        assert seen.state == (TrialState.COMPLETE if trial.scores else TrialState.FAIL)
        assert seen.params == dict(trial.architecture.choices)
        assert seen.distributions == {
            name: optuna.distributions.CategoricalDistribution(space.universe[name]) for name in seen.params
        }
        assert seen.values == (list(trial.scores) if trial.scores else None)
        curve = trial.metrics.get("val_acc_curve", ())
        assert isinstance(curve, tuple)
        assert seen.intermediate_values == dict(enumerate(curve, start=1))
        assert seen.user_attrs["architecture"] == trial.architecture.id
        assert seen.user_attrs["params"] == trial.architecture.params
        assert seen.user_attrs["macs"] == trial.architecture.macs
        assert seen.user_attrs["metrics"] == {
            name: list(value) if isinstance(value, tuple) else value for name, value in trial.metrics.items()
        }
        for key in ("number", "seed", "seconds", "error", "asked_after"):
            assert seen.user_attrs[key] == getattr(trial, key)
        assert (seen.user_attrs["epochs"], seen.user_attrs["parent"]) == (None, None)
        assert seen.duration is not None
        assert seen.duration.total_seconds() == pytest.approx(trial.seconds, abs=1e-5)


def test_two_objectives(tmp_path: Path, space: Space, opened: Opened, trials: Trials) -> None:
    objectives = (Objective("val_acc"), Objective("val_latency_ms", "minimize", limit=10.0))
    expected = trials(3, objectives=objectives)
    scored = next(trial for trial in expected if trial.scores)
    assert scored.scores == (scored.metrics["val_acc"], -3.5)
    with opened(tmp_path / "two.db", objectives=objectives) as study:
        for trial in expected:
            study.append(trial)
    read = read_study(tmp_path / "two.db", name="s", space=space)
    assert (list(read.trials), read.objectives) == (expected, objectives)
    seen = optuna.load_study(study_name="s", storage=f"sqlite:///{tmp_path / 'two.db'}")
    assert seen.directions == [optuna.study.StudyDirection.MAXIMIZE, optuna.study.StudyDirection.MINIMIZE]
    assert seen.metric_names == ["val_acc", "val_latency_ms"]
    assert seen.trials[scored.number].values == [scored.metrics["val_acc"], 3.5]
    assert seen.trials[scored.number].intermediate_values == {}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("width: {choice: [4, 8]}", "width: {choice: [4, 16]}", "the options of .*width.* are \\[4, 16\\] now"),
        ("width: {choice: [4, 8]}", "width: {choice: [4, 8, 16]}", "the options of .*width"),
        ("kernel: {choice: [1, 3]}", "kernel: 3", "the options of .*kernel.* are \\[\\] now"),
        ("outputs: 10", "outputs: 11", "was architecture [0-9a-f]{16}; the space makes [0-9a-f]{16} of it"),
        ("outputs: 10", "outputs: 10\nlimits: {params: 700}", "trial 0 is no member of the space"),
    ],
)
def test_a_changed_space(
    old: str, new: str, message: str, tmp_path: Path, stored: Path, space_text: str, opened: Opened
) -> None:
    path = Path(shutil.copy(stored, tmp_path / "study.db"))
    before = path.read_bytes()
    space = parse_space(space_text.replace(old, new))
    with pytest.raises(IntegrityError, match=message), opened(path, space=space):
        pass
    with pytest.raises(IntegrityError, match=message):
        read_study(path, name="s", space=space)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("UPDATE trials SET state = 'RUNNING' WHERE number = 3", "got trial 3, RUNNING; another program"),
        ("UPDATE trials SET state = 'WAITING' WHERE number = 7", "got trial 7, WAITING; another program"),
        ("UPDATE trials SET number = 9 WHERE number = 3", "expected trial 3, .* got trial 4"),
        ("UPDATE trials SET number = 2 WHERE number = 3", "expected trial 3, .* got trial 2"),
        ("DELETE FROM trials WHERE number = 0", "expected trial 0, .* got trial 1"),
        ("DELETE FROM trial_user_attributes WHERE key = 'checksum'", "trial 0 is damaged, or was written by another"),
        ("UPDATE trial_params SET param_value = 1 - param_value WHERE param_name LIKE '%width'", "was altered"),
        ("UPDATE trial_params SET param_value = 7 WHERE param_name LIKE '%width'", "corrupt: IndexError"),
        ("UPDATE trial_user_attributes SET value_json = '1' WHERE key = 'seed'", "trial 0 was altered"),
        ("UPDATE trial_user_attributes SET value_json = '[]' WHERE key = 'metrics'", "trial 0 was altered"),
        ("UPDATE trial_user_attributes SET value_json = '1' WHERE key = 'macs'", "trial 0 was altered"),
        ("DELETE FROM trial_user_attributes WHERE key = 'params'", "trial 0 was altered"),
    ],
)
def test_altered_trials(statement: str, message: str, space: Space, altered: Altered, opened: Opened) -> None:
    path = altered(statement)
    before = path.read_bytes()
    with pytest.raises(IntegrityError, match=message), opened(path):
        pass
    with pytest.raises(IntegrityError, match=message):
        read_study(path, name="s", space=space)
    assert path.read_bytes() == before
