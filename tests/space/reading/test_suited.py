"""Which spaces of Archwright suit some data."""

import numpy as np
import pytest

from nas.errors import UsageError
from nas.modality import Modality
from nas.ops import Shape
from nas.space import load_space
from nas.space.reading.purpose import Purpose
from nas.space.reading.suited import DEFAULTS, listed, misfit, pick_space, purposes, show_inputs
from tests.space.given import Given, given

LITERATURE = (
    *("darts", "fbnet", "metaqnn_cifar10", "metaqnn_mnist", "metaqnn_svhn"),
    *("naap440", "nasbench101", "nasbench201", "nasbench_macro"),
)
"""Spaces of publications, which are explored at their own sizes elsewhere; not all have networks for any size."""

SHAPES = ((1, 8, 8), (3, 8, 12), (1, 28, 28), (3, 32, 32), (1, 20, 48), (3, 70, 97))
CASES: dict[str, Given] = {
    **{f"images of {'×'.join(map(str, shape))}": given("image", shape) for shape in SHAPES},
    "a second of sound": given("sound", (1, 8000), rate=8000),
    "series": given("series", (6, 1200)),
    "a series of two": given("series", (1, 2)),
    "short texts": given("text", (12,), tokens=300),
    "texts": given("text", (128,), tokens=5000),
    "numbers": given("table", (14,)),
    "one number": given("table", (1,)),
    "columns": given("table", (6,), categories=(3, 9)),
}


def test_every_space_says_what_it_is_for() -> None:
    assert all(purpose.modality and purpose.about for purpose in purposes().values())
    assert set(DEFAULTS) <= set(purposes())
    assert all(len(purpose.about) <= 60 for purpose in purposes().values())


@pytest.mark.parametrize("name", CASES)
def test_spaces_that_are_meant_for_data_suit_them(name: str) -> None:
    data, many = CASES[name], 10**6
    meant = [one for one, purpose in purposes().items() if purpose.suits(data.input.modality, data.input.shape, many)]
    for one in {*meant} - {*LITERATURE}:
        space = load_space(one, data=data)
        assert space.sample(np.random.default_rng(0)).output == (2,), one
    assert pick_space(data, many)[0] in meant


@pytest.mark.parametrize(
    ("modality", "shape", "samples", "name", "why"),
    [
        ("image", (1, 8, 8), 1000, "digits_cnn", "the data are images of 1×8×8"),
        ("image", (3, 32, 32), 50_000, "image_cnn", "the data are images of 3×32×32"),
        ("image", (3, 64, 48), 4999, "image_cnn", "the data are images of 3×64×48"),
        ("image", (3, 64, 48), 5000, "mobilenet_like", "images of 3×64×48 and there are 5,000 training samples"),
        ("series", (3, 20), 100, "series_cnn", "the data are series of numbers of 3×20"),
        ("sound", (1, 8000), 100, "sound_cnn", "the data are sounds of 8,000 values"),
        ("text", (64,), 100, "textcnn", "the data are texts of 64 tokens"),
        ("table", (14,), 10_000, "tabular_resnet", "a table of 14 columns and there are 10,000 training samples"),
        ("table", (14,), 9999, "tabular_mlp", "the data are a table of 14 columns"),
    ],
)
def test_the_space_that_auto_takes(modality: Modality, shape: Shape, samples: int, name: str, why: str) -> None:
    found, reason = pick_space(given(modality, shape), samples)
    assert found == name
    assert reason.endswith(why)


def test_no_space_is_meant_for_the_data() -> None:
    expected = "no space is chosen automatically for sounds of 200 values; name one: spaces for sounds: audio_cnn"
    with pytest.raises(UsageError) as caught:
        pick_space(given("sound", (1, 200)), 100)
    assert str(caught.value).startswith(expected)


def test_a_space_for_other_data() -> None:
    table = given("table", (14,))
    assert misfit("image_cnn", purposes()["image_cnn"], table) == (
        f"image_cnn is for images, and the data are a table of 14 columns; {listed(['table'])}"
    )
    assert listed(["table"]).startswith("spaces for tables: tabular_embeddings, tabular_mlp")
    assert misfit("mine", Purpose(), table) == ""
    assert misfit("tabular_mlp", purposes()["tabular_mlp"], table) == ""
    rows = Given(table.input, ("table", "text"))
    assert misfit("textcnn", purposes()["textcnn"], rows) == ""
    with pytest.raises(UsageError, match=r"^textcnn is for texts, and the data are a table of 14 columns; spaces for "):
        load_space("textcnn", data=table)


def test_inputs_in_words() -> None:
    assert show_inputs("table", (1,)) == "a table of 1 column"
    assert show_inputs("series", (3, 100)) == "series of numbers of 3×100"
