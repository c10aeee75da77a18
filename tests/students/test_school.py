"""Trainings that are compared have equal seeds, and are measured as runs measure theirs."""

from pathlib import Path

import pytest
import torch

from nas.evaluate.means import member_seed
from nas.events import EpochEnded, Event, StudentEnded
from nas.students.school import School
from nas.training import Checkpoints, Recipe
from nas.training.fit import fit
from tests.distillation.lessons import IMAGES, same

RECIPE = Recipe(epochs=2, batch_size=16)


def test_seeds_are_those_of_members_and_all_is_told() -> None:
    events: list[Event] = []
    school = School(IMAGES.bench, 5, 2, metric="val_acc", trial=3, on_event=events.append)
    found = school.trained("alone", IMAGES.arch, RECIPE)
    for place, network in enumerate(found.networks):
        again = fit(IMAGES.bench, IMAGES.arch, RECIPE, seed=member_seed(5, place))
        assert all(map(torch.equal, network.state_dict().values(), again.network.state_dict().values()))
        assert found.compared.metrics["val_acc"][place] == pytest.approx(again.curves["val_acc"][-1])
    assert found.compared.params == IMAGES.arch.params
    assert {type(event) for event in events} == {EpochEnded, StudentEnded}
    assert [(event.number, event.epoch) for event in events if isinstance(event, EpochEnded)] == [(3, 1), (3, 2)] * 2
    assert [event.what for event in events if isinstance(event, StudentEnded)] == ["alone"] * 2


def test_a_kept_training_is_not_repeated(tmp_path: Path) -> None:
    epochs: list[Event] = []

    def told(event: Event) -> None:
        if isinstance(event, EpochEnded):
            epochs.append(event)

    school = School(IMAGES.bench, 0, checkpoints=Checkpoints(tmp_path), metric="val_acc", on_event=told)
    first = school.trained("alone", IMAGES.arch, RECIPE)
    assert len(epochs) == 2
    second = school.trained("alone", IMAGES.arch, RECIPE)
    assert len(epochs) == 2
    assert first.compared.metrics == second.compared.metrics


def test_without_test_samples_there_are_no_figures_of_them() -> None:
    assert "test" not in IMAGES.data.parts
    found = School(IMAGES.bench, 0, metric="val_acc").measured([IMAGES.plain.network], 7, 1.5)
    assert set(found.metrics) == {"val_acc", "val_loss"}
    assert (found.params, found.seconds) == (7, 1.5)
    assert same(IMAGES.plain, IMAGES.plain)
