"""What is known of a training before it begins."""

from typing import Any

import pytest

from nas.data import InputSpec
from nas.errors import UsageError
from nas.ops import Augment
from nas.space import Architecture, Space, parse_space
from nas.space.cover import cover
from nas.training import Recipe
from nas.training.trainable import augment_for, check_augmented, check_batches


@pytest.fixture
def space() -> Space:
    return parse_space("{input: [4], layers: [{choice: [relu, batch_norm]}, {linear: {units: 2}}]}")


def test_a_layer_that_one_option_alone_has(space: Space) -> None:
    shown = tuple(cover(space))
    check_batches(shown, Recipe(batch_size=2))
    check_batches([arch for arch in shown if "relu" in arch.names[0]], Recipe(batch_size=1))
    with pytest.raises(UsageError, match=r"^batch_size: batch_norm with one value .* \(expected 2 or more, got 1\)$"):
        check_batches(shown, Recipe(batch_size=1))


def _asking_for(settings: str) -> Architecture:
    return parse_space(f"{{input: [3, 4, 4], layers: [{{augment: {settings}}}, global_avg_pool]}}").rebuild({})


@pytest.mark.parametrize(
    ("network", "recipe", "both"),
    [
        ("{}", {"shift": 1}, {"shift": 1}),
        ("{flip: true}", {}, {"flip": True}),
        ("{flip: true, cutmix: 1}", {"shift": 1, "mixup": 0.2}, {"flip": True, "cutmix": 1, "shift": 1, "mixup": 0.2}),
        ("{flip: true, magnitude: 3}", {"policy": "rand_augment"}, {"flip": True, "policy": "rand_augment"}),
        ("{policy: rand_augment, magnitude: 3}", {}, {"policy": "rand_augment", "magnitude": 3}),
    ],
)
def test_a_training_does_what_the_recipe_and_the_network_say(
    network: str, recipe: dict[str, Any], both: dict[str, Any]
) -> None:
    assert augment_for(_asking_for(network), Recipe(augment=Augment(**recipe))) == Augment(**both)


@pytest.mark.parametrize(
    ("network", "recipe", "name"),
    [
        ("{shift: 2}", {"shift": 1}, "shift"),
        ("{flip: true, crop: 0.5}", {"crop": 0.5}, "crop"),
        ("{policy: trivial_augment}", {"policy": "rand_augment"}, "policy"),
        ("{policy: rand_augment}", {"magnitude": 3}, "magnitude"),
    ],
)
def test_what_both_say_is_refused(network: str, recipe: dict[str, Any], name: str) -> None:
    message = (
        rf"^augment\.{name}: set by the recipe, and by networks of the space: augment\(.*\); leave it to one of them$"
    )
    with pytest.raises(UsageError, match=message):
        augment_for(_asking_for(network), Recipe(augment=Augment(**recipe)))


def test_the_augmentation_of_each_network_has_to_suit_the_data() -> None:
    text, rows = InputSpec("text", (9,), tokens=20), InputSpec("table", (9,), categories=(4,))
    space = parse_space("{input: [9], layers: [{augment: {noise: {choice: [0, 0.1]}}}, {linear: {units: 2}}]}")
    check_augmented(space, Recipe(), rows)
    with pytest.raises(UsageError, match=r"^augment\.noise: for images, .* and tables, but the data are texts$"):
        check_augmented(space, Recipe(), text)
    for networks in (space, ()):
        with pytest.raises(UsageError, match=r"^augment\.mixup: for numbers, but the data have categories"):
            check_augmented(networks, Recipe(augment=Augment(mixup=1.0)), rows)
