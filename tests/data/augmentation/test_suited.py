"""What augmentation is for."""

from typing import Any

import pytest

from nas.data import Augment
from nas.data.augmentation import check_augment
from nas.errors import UsageError
from tests.data.augmentation.batch import INPUTS, SET, SUITED


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
        ("text", {"shift": 2}, "augment.shift: for images, sounds and series of numbers, but the data are texts"),
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
