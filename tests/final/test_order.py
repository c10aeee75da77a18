"""The order of the finalists before their full training."""

import json
from collections.abc import Sequence
from dataclasses import replace

import pytest

from nas.errors import IntegrityError
from nas.final.order import Stage, order_of, plain_order, searched_order
from nas.final.winner import winners
from nas.space import Space
from nas.trial import Trial


def test_ranks_in_the_search_are_among_all(trials: Sequence[Trial]) -> None:
    ids = [trial.architecture.id for trial in trials]
    assert searched_order(trials, [trials[3], trials[1]], how="observed") == (Stage("search", {ids[3]: 1, ids[1]: 3}),)


def test_what_selected_the_finalists_is_a_stage_of_its_own(trials: Sequence[Trial], space: Space) -> None:
    repeat = replace(trials[3], number=4, seed=4, metrics={"val_acc": 0.0}, scores=(0.0,))
    several = [*trials, repeat]
    best = winners(several, 2, how="repeat")
    ids = [trial.architecture.id for trial in trials]
    assert searched_order(several, best, how="repeat") == (
        Stage("search", {ids[2]: 2, ids[3]: 1}),
        Stage("repeats", {ids[2]: 1, ids[3]: 2}),
    )
    best = winners(trials, 2, how="posterior", space=space)
    assert searched_order(trials, best, how="posterior")[1] == Stage(
        "posterior", {best[0].architecture.id: 1, best[1].architecture.id: 2}
    )


def test_stages_come_back(trials: Sequence[Trial]) -> None:
    stages = (*searched_order(trials, trials, how="observed"), Stage("full training", {}))
    assert order_of(json.loads(json.dumps(plain_order(stages)))) == stages
    assert order_of([]) == ()
    with pytest.raises(IntegrityError, match="the order of the finalists has another form"):
        order_of([{"stage": "search"}])
    with pytest.raises(IntegrityError, match="the order of the finalists has another form"):
        order_of([{"stage": "another", "ranks": {}}])
