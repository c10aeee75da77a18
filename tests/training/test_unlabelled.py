"""Inputs without targets in batches."""

import torch

from nas.data import Augment, Dataset
from nas.distillation import Distill
from nas.training.augmented import augmentation_of
from nas.training.batch import Batch
from nas.training.unlabelled import UnlabelledPool, further_inputs
from nas.training.workbench import Workbench


def test_each_is_used_once_before_one_is_used_again(corners: Dataset) -> None:
    """As many as samples are added; an epoch decides the order, however often it is asked for."""
    bench = Workbench(corners, device="cpu")
    further = corners.val.inputs[:40]
    pool = UnlabelledPool(further_inputs(bench, Distill(unlabelled=further)), bench.device, seed=0)
    augmentation = augmentation_of(bench, Augment())
    samples = torch.arange(25)
    block = Batch(bench.train[0][samples], bench.train[1][samples], samples)

    def places_of(epoch: int) -> torch.Tensor:
        add = pool.adding(epoch, 100)
        found = [add(block, start, augmentation) for start in (0, 25, 50, 75)]
        for one in found:
            assert one.more is not None
            assert one.places is not None
            assert torch.equal(one.more, torch.from_numpy(further)[one.places])
        return torch.cat([one.places for one in found if one.places is not None])

    places = places_of(0)
    assert sorted(places[:40].tolist()) == sorted(places[40:80].tolist()) == list(range(40))
    assert len(set(places[80:].tolist())) == 20
    assert torch.equal(places, places_of(0))
    assert not torch.equal(places, places_of(1))
