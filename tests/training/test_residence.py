"""Inputs that are not on the device."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from nas.data import Augment
from nas.data.assemble import RawPart, assemble
from nas.data.split import Split
from nas.data.storage import Storage
from nas.data.streamed import Streamed
from nas.space import parse_space
from nas.training.fit import fit
from nas.training.recipe import Recipe
from nas.training.residence import Elsewhere, batches, in_order, on_device
from nas.training.workbench import Workbench
from tests.data.counting import Numbered

CPU = torch.device("cpu")


def test_batches_of_what_is_elsewhere_are_those_of_the_tensor(tmp_path: Path) -> None:
    streamed = Streamed(np.arange(20), Numbered(str(tmp_path / "log")))
    there, here = on_device(streamed, CPU), on_device(streamed[:], CPU)
    assert isinstance(there, Elsewhere)
    assert isinstance(here, torch.Tensor)
    assert there.shape == here.shape
    places = [torch.tensor([3, 1, 19]), torch.tensor([0])]
    for rows in (slice(2, 5), places[0], 7):
        assert torch.equal(there[rows], here[rows])
    for found, expected in ((batches(there, places), batches(here, places)), (in_order(there, 8), in_order(here, 8))):
        for first, second in zip(found, expected, strict=True):
            assert torch.equal(first, second)


@pytest.mark.parametrize("storage", ["mapped", "streamed"])
def test_a_training_is_the_same_wherever_its_inputs_are(
    storage: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARCHWRIGHT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("nas.data.prepared.PREPARATIONS", {"numbered": Numbered})
    raws = {"train": RawPart(np.arange(60), np.arange(60) % 2)}
    arch = next(iter(parse_space("{input: [1, 2, 2], outputs: 2, layers: [flatten, {linear: {units: outputs}}]}")))
    found = [
        fit(
            Workbench(
                assemble("some", raws, lambda _: Numbered(str(tmp_path / "log")), Split(), storage=one, content="x")
            ),
            arch,
            Recipe(epochs=2, batch_size=16, augment=Augment(brightness=0.3, mixup=0.5)),
            seed=3,
        )
        for one in (Storage("memory"), Storage(storage))
    ]
    assert found[0].curves == found[1].curves
    for one, other in zip(found[0].network.state_dict().values(), found[1].network.state_dict().values(), strict=True):
        assert torch.equal(one, other)
