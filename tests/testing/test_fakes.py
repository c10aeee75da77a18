"""What the fakes report follows from their arguments."""

from typing import Any

import pytest

from nas.errors import EvaluationFailed, FailureKind
from nas.space import Architecture, Space, parse_space
from nas.testing import FailingEvaluator, MatchEvaluator


def test_match_counts_the_decisions_that_agree(space: Space) -> None:
    target = space.rebuild({"0.repeat": 2, "0.0.0.linear.units": 1, "0.1.0.linear.units": 2, "1": "relu"})
    evaluator = MatchEvaluator(target)

    def score(**decisions: Any) -> Any:
        return evaluator(space.rebuild(decisions), epochs=None, seed=0)["val_acc"]

    assert evaluator(target, epochs=None, seed=0)["val_acc"] == 1
    assert score(**{"0.repeat": 1, "0.0.0.linear.units": 1, "1": "relu"}) == 0.5
    assert score(**{"0.repeat": 1, "0.0.0.linear.units": 3, "1": "gelu"}) == 0
    assert max(evaluator(arch, epochs=None, seed=0)["val_acc"] for arch in space) == 1


def test_match_of_no_decisions() -> None:
    (only,) = parse_space("input: [4]\nlayers: [relu]")
    assert MatchEvaluator(only)(only, epochs=None, seed=0)["val_acc"] == 1


def test_failing_follows_from_the_seed(arch: Architecture) -> None:
    evaluator = FailingEvaluator(MatchEvaluator(arch), every=4, kind=FailureKind.OOM_HOST)
    for seed in range(20):
        if seed % 4:
            assert evaluator(arch, epochs=None, seed=seed)["val_acc"] == 1
        else:
            with pytest.raises(EvaluationFailed, match=r"^OOM_HOST: "):
                evaluator(arch, epochs=None, seed=seed)
