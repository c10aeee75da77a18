"""What every preparation keeps to: it is plain data, and fitted to other samples it has the same inputs."""

from dataclasses import FrozenInstanceError, fields
from typing import Any

import numpy as np
import pytest

from nas.data import Dataset, from_arrays
from nas.data.preparation import PREPARATIONS, Preparation
from nas.data.preparation.arrays import Arrays
from nas.data.preparation.raw_images import RawImages
from nas.data.preparation.raw_sounds import RawSounds
from nas.data.preparation.stored import preparation_from_json, preparation_to_json
from nas.data.raw import RawInputs, joined
from nas.data.sources.image_lists import from_images
from nas.data.sources.sounds import from_sounds
from nas.data.sources.table_in_memory import from_table
from nas.data.sources.texts_in_memory import from_texts

RNG = np.random.default_rng(0)
COUNT = 40
LABELS = np.arange(COUNT) % 2
IMAGES = list(RNG.integers(0, 256, (COUNT, 5, 4), dtype=np.uint8))
CLIPS = [RNG.normal(size=RNG.integers(50, 80)) for _ in range(COUNT)]
TEXTS = np.array([" ".join(RNG.choice(["a", "b", "c", "d"], RNG.integers(1, 6))) for _ in range(COUNT)], object)
TABLE = {"x": RNG.normal(size=COUNT), "colour": RNG.choice(["red", "blue", "green"], COUNT), "y": LABELS}


def of_images() -> tuple[Dataset, RawInputs]:
    return from_images(IMAGES, LABELS), RawImages.of(IMAGES)


def of_sounds() -> tuple[Dataset, RawInputs]:
    return from_sounds(CLIPS, LABELS, rate=1000), RawSounds.of_samples(CLIPS, 1000)


def of_texts() -> tuple[Dataset, RawInputs]:
    return from_texts(TEXTS, LABELS), TEXTS


def of_table() -> tuple[Dataset, RawInputs]:
    data = from_table(TABLE, target="y", test_share=None)
    return data, joined(data.raws["train"], data.raws["val"])


def of_arrays() -> tuple[Dataset, RawInputs]:
    data = from_arrays(RNG.normal(size=(COUNT, 3)), LABELS)
    return data, data.train.inputs


MADE = {"images": of_images, "sounds": of_sounds, "texts": of_texts, "tables": of_table, "arrays": of_arrays}


def test_each_has_a_case() -> None:
    assert set(MADE) == set(PREPARATIONS)


@pytest.mark.parametrize("name", MADE)
def test_what_every_preparation_keeps_to(name: str) -> None:
    data, raw = MADE[name]()
    made: Any = data.intake.preparation
    preparation: Preparation = made
    assert isinstance(preparation, Preparation)
    assert isinstance(preparation, PREPARATIONS[name])
    with pytest.raises(FrozenInstanceError):
        setattr(preparation, fields(made)[0].name, None)

    prepared = preparation(raw)
    assert prepared.shape[1:] == preparation.input.shape == data.shape
    assert prepared.dtype == data.train.inputs.dtype == preparation.dtype
    out = np.full_like(prepared, 77)
    assert preparation(raw, out) is out
    assert np.array_equal(out, prepared)
    back: Any = preparation_from_json(preparation_to_json(preparation), PREPARATIONS)
    assert back == preparation
    assert np.array_equal(back(raw), prepared)

    few = preparation.refitted(raw[np.arange(5)])
    assert few.input == preparation.input
    if not preparation.fits:
        assert np.array_equal(few(raw), prepared)
    assert preparation.note == "" or preparation.note[0].isupper()


def test_arrays_that_are_given_as_such_have_no_preparation_of_their_own() -> None:
    data, _ = of_arrays()
    assert data.preparation is None
    assert isinstance(data.intake.preparation, Arrays)
