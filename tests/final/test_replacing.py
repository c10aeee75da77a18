"""What is made in this process in place of the selected network."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
import torch

from nas.data import Dataset
from nas.events import EpochEnded, Event
from nas.final.finalist import Finalist
from nas.final.fine_tune import train_finalist
from nas.final.replacing import ensemble_made, joined_made
from nas.training import Recipe
from nas.training.workbench import Workbench
from nas.trial import Objective, Trial

SHORT = Recipe(epochs=2, lr=0.02, batch_size=20)


@pytest.fixture(scope="module")
def bench(stripes: Dataset) -> Workbench:
    return Workbench(stripes, device="cpu")


@pytest.fixture
def finalists(bench: Workbench, trials: Sequence[Trial]) -> list[Finalist]:
    objectives = (Objective("val_acc"),)
    return [train_finalist(bench, trial, SHORT, seed=0, seeds=2, objectives=objectives) for trial in trials[2:]]


def test_a_joined_network(bench: Workbench, finalists: list[Finalist]) -> None:
    chosen, events = finalists[0], list[Event]()
    made = joined_made(bench, chosen, SHORT, seed=0, on_event=events.append)
    again = joined_made(bench, chosen, SHORT, seed=0)
    other = joined_made(bench, chosen, SHORT, seed=1)
    assert [(one.number, one.epoch) for one in events if isinstance(one, EpochEnded)] == [(2, 1), (2, 2)]
    assert (made.replacement.what, made.replacement.members) == ("joined", 1)
    assert made.replacement.params == chosen.architecture.params
    assert made.replacement.single == chosen.own
    assert made.replacement.seconds > 0
    weights = [one.network.get_parameter("conv2.weight") for one in (made, again, other)]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])
    assert weights[0].is_contiguous(), "as it is stored"


def test_ensembles(bench: Workbench, finalists: list[Finalist], stripes: Dataset) -> None:
    chosen, other = finalists
    x = torch.from_numpy(stripes.val.inputs)
    for kind, members in (("seeds", chosen.networks), ("finalists", [chosen.network, other.network])):
        made = ensemble_made(bench, chosen, finalists, "seeds" if kind == "seeds" else "finalists")
        assert made is not None
        assert (made.replacement.what, made.replacement.members) == (kind, 2)
        assert made.replacement.params == sum(one.arch.params for one in members) == made.network.arch.params
        with torch.no_grad():
            mean = torch.stack([member(x).softmax(1) for member in members]).mean(0)
            torch.testing.assert_close(made.network(x).softmax(1), mean)


def test_one_network_is_no_ensemble(bench: Workbench, finalists: list[Finalist]) -> None:
    chosen = replace(finalists[0], others=())
    assert ensemble_made(bench, chosen, finalists, "none") is None
    assert ensemble_made(bench, chosen, finalists, "seeds") is None
    assert ensemble_made(bench, chosen, [chosen], "finalists") is None
