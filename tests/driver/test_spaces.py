"""What takes part in a search is about one space."""

import numpy as np
import pytest

import nas
from nas.driver.spaces import check_spaces
from nas.errors import UsageError
from nas.space import parse_space
from nas.trial import Proposal, Trial

TEXT = "input: [4]\nlayers: [{linear: {units: {choice: [1, 2]}}}]"
ONE, SAME = parse_space(f"name: one\n{TEXT}"), parse_space(f"name: one\n{TEXT}")
OTHER = parse_space("name: other\ninput: [4]\nlayers: [{name: body, linear: {units: {choice: [1, 2]}}}]")


def score(arch: nas.Architecture, *, epochs: int | None, seed: int) -> nas.trial.Metrics:
    return {"val_acc": 1 / arch.params}


def study_of(space: nas.Space) -> nas.MemoryStudy:
    study = nas.MemoryStudy()
    arch = space.sample(np.random.default_rng(0))
    study.append(Trial(0, Proposal(arch), 0, {"val_acc": 0.5}, (0.5,), 1.0, None, asked_after=0))
    return study


def test_what_agrees_or_says_nothing_passes() -> None:
    check_spaces(study_of(ONE), controller=nas.RandomSearch(ONE), space=SAME, study=None)
    check_spaces(study_of(ONE), controller=object())


def test_two_spaces_are_refused() -> None:
    with pytest.raises(UsageError, match="the controller searches the space 'one', and the space is about another"):
        nas.search(nas.RandomSearch(ONE), score, space=OTHER, trials=1)
    for controller in ("random", "bayesian_q", "regularized_evolution"):
        with pytest.raises(UsageError, match="trial 0 of the study is of another space than 'one'"):
            nas.search(controller, score, study_of(OTHER), space=ONE, trials=2)
