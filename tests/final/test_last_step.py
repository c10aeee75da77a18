"""What may be handed over in place of the selected network."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from nas.errors import UsageError
from nas.final.finalist import finalist_of
from nas.final.last_step import check_last_step, cost_of, ensembled
from nas.training import Recipe
from nas.training.private.privacy import Privacy
from nas.trial import ACCURACY, Trial


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"join": True, "ensemble": "seeds"}, "ensemble seeds and join do not go together"),
        ({"join": True, "recipe": Recipe(patience=3)}, "join and patience do not go together"),
        ({"join": True, "recipe": Recipe(privacy=Privacy(1.0))}, "join and privacy do not go together"),
        ({"ensemble": "finalists", "recipe": Recipe(privacy=Privacy(1.0))}, "ensemble finalists and privacy do not go"),
        ({"ensemble": "seeds", "seeds": 1}, "seeds of 2 or more"),
        ({"ensemble": "finalists", "top": 1}, "top of 2 or more"),
    ],
)
def test_settings_that_do_not_go_together(settings: dict[str, Any], message: str) -> None:
    usual: dict[str, Any] = {"join": False, "ensemble": "none", "seeds": 2, "top": "front", "recipe": Recipe()}
    for fine in ("none", "seeds", "finalists"):
        check_last_step(**{**usual, "ensemble": fine})
    check_last_step(**{**usual, "join": True})
    with pytest.raises(UsageError, match=message):
        check_last_step(**{**usual, **settings})


def test_members_and_their_cost(trials: Sequence[Trial]) -> None:
    load: Any = list
    curves = {"val_acc": (0.25, 0.5), "train_loss": (1.0, 0.5)}
    each = {"val_acc": (0.5, 0.75), "train_loss": (0.5, 0.25)}
    first, second, third = (
        finalist_of(trial, load, curves, 6.0, objectives=[ACCURACY], seeds=each, others=[load]) for trial in trials[:3]
    )
    able = [first, second, third]
    assert ensembled("seeds", second, able) == [second, second]
    assert ensembled("finalists", second, able) == [second, first, third]
    replacement = cost_of("seeds", [second, second])
    assert (replacement.what, replacement.members, replacement.params) == ("seeds", 2, 2 * second.architecture.params)
    assert replacement.seconds == 3.0, "of the second training"
    assert replacement.single == {"val_acc": 0.5}
    replacement = cost_of("finalists", [second, first, third])
    assert replacement.macs == sum(one.architecture.macs for one in able)
    assert replacement.seconds == 6.0, "of the first trainings of two others"
    assert replace(first, seeds={}).own == {"val_acc": 0.5}, "of the only training"
    assert replace(first, seeds={}, spread={"val_acc_sd": 0.1}).own == {}, "an earlier version knew the means alone"
