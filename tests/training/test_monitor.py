"""What patience watches must be measured."""

import pytest

from nas.data import Dataset
from nas.errors import UsageError
from nas.evaluate import Train
from nas.training import Recipe
from nas.training.fit import fit
from nas.training.monitor import check_monitor
from nas.training.workbench import Workbench
from tests.training.networks import MLP, arch_of

WRONG = r"^monitor: 'ac' is not measured; measured are loss, acc; did you mean 'acc'\?$"


def test_an_unknown_metric(corners: Dataset, bench: Workbench) -> None:
    recipe = Recipe(patience=2, monitor="ac")
    with pytest.raises(UsageError, match=WRONG):
        Train(corners, recipe)
    with pytest.raises(UsageError, match=WRONG):
        fit(bench, arch_of(MLP, corners), recipe, seed=0)
    Train(corners, Recipe(patience=2, monitor="f1"), metrics=["f1"])
    with pytest.raises(UsageError, match="'f1' is not measured"):
        Train(corners, Recipe(patience=2, monitor="f1"))


def test_two_averages(corners: Dataset) -> None:
    with pytest.raises(UsageError, match=r"^ema and swa do not go together"):
        Train(corners, Recipe(ema=0.9, swa=0.5))


def test_without_patience_nothing_is_watched() -> None:
    check_monitor(Recipe(monitor="f1"), ("loss", "acc"))


def test_sums_of_losses_need_trainings_of_one_length(corners: Dataset) -> None:
    with pytest.raises(UsageError, match=r"^tse: with `patience`, trainings have different lengths"):
        Train(corners, Recipe(patience=2), metrics=["tse"])
