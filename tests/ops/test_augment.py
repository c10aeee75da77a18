"""The settings of augmentation, and the layer that they are."""

from contextlib import suppress
from dataclasses import asdict, fields

import pytest
import torch
from pydantic import TypeAdapter, ValidationError

from nas.errors import ShapeError
from nas.ops import Augment, Shape
from nas.ops.normal import IDENTITY
from nas.settings import plain
from tests.data.augmentation.batch import INPUTS, SET, SUITED

CHECKED = TypeAdapter(Augment)


def test_defaults_are_frozen() -> None:
    # They stand in run files, and finished runs are compared by them: a change belongs in the changelog.
    assert asdict(Augment()) == {
        "shift": 0,
        "flip": False,
        "crop": 1.0,
        "rotate": 0.0,
        "policy": None,
        "operations": 2,
        "magnitude": 9,
        "brightness": 0.0,
        "contrast": 0.0,
        "saturation": 0.0,
        "speed": 0.0,
        "noise": 0.0,
        "gain": 0.0,
        "swap": 0.0,
        "token_dropout": 0.0,
        "cutout": 0,
        "erase": 0.0,
        "time_mask": 0.0,
        "mixup": 0.0,
        "cutmix": 0.0,
    }
    assert list(SET) == [one.name for one in fields(Augment)]


@pytest.mark.parametrize("name", SET)
def test_an_identity_has_what_is_set_and_the_first_two(name: str) -> None:
    """Runs that were begun before there were more keep their identity."""
    assert plain(Augment(), hashed=True) == {"shift": 0, "flip": False}
    assert plain(Augment(**{name: SET[name]}), hashed=True) == {"shift": 0, "flip": False, name: SET[name]}


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("shift", -1),
        ("crop", 0),
        ("crop", 1.1),
        ("rotate", 181),
        ("policy", "auto_augment"),
        ("operations", 0),
        ("magnitude", 31),
        ("brightness", 1.5),
        ("noise", -0.1),
        ("noise", float("inf")),
        ("swap", 2),
        ("token_dropout", -0.1),
        ("cutout", 1.5),
        ("mixup", -1),
        ("cutmix", float("nan")),
    ],
)
def test_bounds(name: str, wrong: object) -> None:
    with pytest.raises(ValidationError):
        CHECKED.validate_python({name: wrong})
    CHECKED.validate_python({name: SET[name]})


@pytest.mark.parametrize("shape", [(3, 6, 5), (3, 8), (5,)], ids=str)
def test_a_layer_fits_the_shapes_that_its_settings_are_for(shape: Shape) -> None:
    """A shape does not tell a sound from a series, nor a text from a row: the data set does."""
    kinds = [kind for kind in SUITED if len(INPUTS[kind].shape) == len(shape)]
    fitting = []
    for name, value in SET.items():
        with suppress(ShapeError):
            assert Augment(**{name: value}).shape(shape) == shape
            fitting.append(name)
    assert fitting == [name for name in SET if any(name in SUITED[kind].split() for kind in kinds)]


def test_saturation_fits_images_with_colours() -> None:
    with pytest.raises(ShapeError, match=r"^augment\.saturation is for images of 3 channels, got 1×6×5$"):
        Augment(saturation=0.5).shape((1, 6, 5))
    with pytest.raises(ShapeError, match=r"^augment\.gain is for sounds and series of numbers, got 3×6×5$"):
        Augment(gain=1.0, flip=True).shape((3, 6, 5))


def test_settings_that_change_nothing_are_no_layer() -> None:
    """Those of RandAugment do nothing by themselves, nor with another policy."""
    shape = (3, 6, 5)
    for same in (Augment(), Augment(magnitude=5), Augment(operations=3)):
        assert same.is_identity(shape)
        assert same.normal(shape) == IDENTITY
    trivial = Augment(policy="trivial_augment")
    assert trivial.normal(shape) == Augment(policy="trivial_augment", magnitude=5, operations=3).normal(shape)
    rand = [Augment(policy="rand_augment", magnitude=magnitude).normal(shape) for magnitude in (5, 9, 9)]
    assert rand[0] != rand[1] == rand[2] == Augment(policy="rand_augment").normal(shape) != trivial.normal(shape)
    assert not any(Augment(**{name: SET[name]}).is_identity(shape) for name in SUITED["image"].split()[:5])


def test_the_module_returns_its_input_in_training_too() -> None:
    x = torch.arange(30.0).reshape(1, 1, 6, 5)
    assert Augment(flip=True, noise=1.0, mixup=1.0).module((1, 6, 5)).train()(x) is x
