"""The settings of augmentation: their names and bounds, and what they are for."""

from dataclasses import asdict, fields
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from nas.data import Augment
from nas.data.augmentation import check_augment
from nas.errors import UsageError
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


@pytest.mark.parametrize("kind", SUITED)
def test_settings_suit_some_data(kind: str) -> None:
    """Every setting is tried with every kind of inputs."""
    check_augment(Augment(), INPUTS[kind])
    suited = []
    for name, value in SET.items():
        try:
            check_augment(Augment(**{name: value}), INPUTS[kind])
        except UsageError:
            continue
        suited.append(name)
    assert suited == [name for name in SET if name in SUITED[kind].split()]


@pytest.mark.parametrize(
    ("kind", "settings", "message"),
    [
        ("table", {"flip": True}, "augment.flip: for images, but the data are tables"),
        ("text", {"shift": 2}, "augment.shift: for images, sounds and series, but the data are texts"),
        (
            "sound",
            {"swap": 0.1, "cutout": 2},
            "augment.swap: for tables, but the data are sounds; augment.cutout: for images, but the data are sounds",
        ),
        (
            "table with categories",
            {"mixup": 1.0},
            "augment.mixup: for numbers, but the data have categories, which have no mean",
        ),
    ],
)
def test_errors_name_each_setting(kind: str, settings: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as refused:
        check_augment(Augment(**settings), INPUTS[kind])
    assert str(refused.value) == message


def test_saturation_is_of_colours() -> None:
    grey = INPUTS["image"].__class__("image", (1, 6, 5))
    check_augment(Augment(policy="rand_augment", contrast=0.1), grey)
    with pytest.raises(UsageError, match=r"^augment.saturation: for images of 3 channels, but the data have 1$"):
        check_augment(Augment(saturation=0.1), grey)
