"""Augmentation as it is set: each setting changes what it is for, and nothing else."""

from typing import Any

import pytest
import torch
from torch.nn import functional
from torch.utils._python_dispatch import TorchDispatchMode

from nas.data import Augment
from nas.data.augmentation import policies
from nas.data.augmentation.batches import Augmentation, spread
from nas.errors import UsageError
from tests.data.augmentation.batch import INPUTS, SET, SUITED, batch_of, known, seeded

CASES = [
    (kind, name) for kind, names in SUITED.items() for name in names.split() if name not in ("operations", "magnitude")
]


@pytest.mark.parametrize(("kind", "name"), CASES)
@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32])
def test_each_setting_changes_samples(kind: str, name: str, dtype: torch.dtype) -> None:
    """And leaves shape, batch and global generator alone. The generator decides everything."""
    input = INPUTS[kind]
    batch = batch_of(input.shape, dtype)
    before, state = batch.clone(), torch.get_rng_state()
    augment = Augment(**{name: SET[name]})
    augmentation = Augmentation(augment, input, known(batch, input))
    once, partners = augmentation(batch, seeded(1))
    assert torch.equal(torch.get_rng_state(), state), "the global generator was used"
    assert torch.equal(batch, before)
    assert once.shape == batch.shape
    assert once.dtype == (torch.float32 if augment.computes else dtype)
    assert once.isfinite().all()
    assert not torch.equal(once.float(), batch.float())
    assert (partners is None) == (name not in ("mixup", "cutmix"))
    assert torch.equal(augmentation(batch, seeded(1)).inputs, once)
    assert not torch.equal(augmentation(batch, seeded(2)).inputs, once)


@pytest.mark.parametrize("kind", INPUTS)
def test_by_default_nothing_changes_and_nothing_is_drawn(kind: str) -> None:
    batch = batch_of(INPUTS[kind].shape)
    generator = seeded()
    found, partners = Augmentation(Augment(), INPUTS[kind], known(batch, INPUTS[kind]))(batch, generator)
    assert torch.equal(found, batch)
    assert partners is None
    assert torch.equal(generator.get_state(), seeded().get_state())


@pytest.mark.parametrize("kind", INPUTS)
def test_all_that_suits_together(kind: str) -> None:
    settings = {name: SET[name] for name in SUITED[kind].split()}
    input = INPUTS[kind]
    batch = batch_of(input.shape)
    found, partners = Augmentation(Augment(**settings), input, known(batch, input))(batch, seeded())
    assert found.shape == batch.shape
    assert found.isfinite().all()
    assert (partners is not None) == ("mixup" in settings)


def test_what_does_not_suit_is_refused() -> None:
    batch = batch_of(INPUTS["series"].shape)
    with pytest.raises(UsageError, match=r"^augment.flip: for images, but the data are series of numbers$"):
        Augmentation(Augment(flip=True), INPUTS["series"], known(batch, INPUTS["series"]))


def test_a_mirror_comes_before_a_shift() -> None:
    """As in recorded runs, whose results must not change."""
    batch = batch_of((3, 6, 5), torch.uint8)
    found = Augmentation(Augment(shift=1, flip=True), INPUTS["image"], known(batch, INPUTS["image"]))(batch, seeded())
    seen = 0
    for before, after in zip(batch, found.inputs, strict=True):
        for one in (before, before.flip(-1)):
            wide = functional.pad(one, (1, 1, 1, 1))
            seen += any(torch.equal(wide[:, y : y + 6, x : x + 5], after) for y in range(3) for x in range(3))
    assert seen == len(batch)


def test_colours_are_those_of_the_training_samples() -> None:
    """Digits have 16 as white: changes of brightness stay between 0 and 16, and are not lost in 255."""
    batch = batch_of((3, 6, 5), torch.uint8) % 17
    input = INPUTS["image"]
    found = Augmentation(Augment(brightness=1.0), input, known(batch, input))(batch, seeded()).inputs
    assert found.min() == 0
    assert found.max() == 16
    plain = Augmentation(Augment(shift=1), input, known(batch, input))
    assert torch.equal(plain(batch, seeded()).inputs, plain(batch, seeded()).inputs)


@pytest.mark.parametrize(("count", "expected"), [(1, 1), (1024, 1024), (1025, 513), (100_000, 1021)])
def test_colours_are_those_of_some_samples(count: int, expected: int) -> None:
    assert len(range(count)[spread(count)]) == expected


class Asynchronous(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Fails where an operation of CUDA would wait for the device: where its result is needed on the host, or its
    shape depends on values."""

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name = func.overloadpacket.__name__
        assert name not in ("_local_scalar_dense", "nonzero", "bincount", "masked_select", "equal", "_unique2"), name
        if name in ("index", "index_put", "index_put_"):
            assert all(one is None or one.dtype != torch.bool for one in args[1]), "a mask of an unknown number"
        return func(*args, **kwargs or {})


@pytest.mark.parametrize("kind", SUITED)
def test_it_never_waits_for_the_device(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In blocks, it goes ahead of the steps that are replayed."""
    monkeypatch.setattr(policies, "COUNTED", ())
    input = INPUTS[kind]
    batch, generator = batch_of(input.shape), seeded()
    everything = {name: SET[name] for name in SUITED[kind].split()}
    for settings in ({}, everything, {**everything, "policy": "rand_augment"} if kind == "image" else {}):
        augmentation = Augmentation(Augment(**settings), input, known(batch, input))
        with Asynchronous():  # type: ignore[no-untyped-call]
            augmentation(batch, generator)
    with pytest.raises(AssertionError, match="_local_scalar_dense"), Asynchronous():  # type: ignore[no-untyped-call]
        batch.sum().item()
