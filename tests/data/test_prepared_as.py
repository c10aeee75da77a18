"""Data sets prepared as those of a network were."""

from collections.abc import Mapping

import numpy as np
import pytest

from nas.data import Tokenizing, from_arrays, from_images, from_table, from_texts
from nas.data.prepared_as import prepared_as
from nas.errors import UsageError
from tests.prediction.exported import Exported

LABELS = np.resize([0, 1], 20)
RNG = np.random.default_rng(0)


def _images(side: int) -> list[np.ndarray]:
    return list(RNG.integers(0, 256, (20, side, side)).astype(np.uint8))


def test_each_kind_is_prepared_as_it_was(exported: Mapping[str, Exported]) -> None:
    for one in exported.values():
        assert prepared_as(one.data, one.data.intake.preparation) is one.data


def test_samples_of_the_kind_are_prepared_anew() -> None:
    images = from_images(_images(6), LABELS)
    larger = from_images(_images(9), LABELS, test=(_images(9), LABELS))
    found = prepared_as(larger, images.intake.preparation)
    assert {part.inputs.shape[1:] for part in found.parts.values()} == {(1, 6, 6)}
    assert list(found.parts) == ["train", "val", "test"]
    assert found.intake.preparation == images.preparation
    assert np.array_equal(found.train.targets, larger.train.targets)
    words = Tokenizing(min_count=1)
    texts = from_texts(["good film", "bad film"] * 10, LABELS, tokenizing=words)
    others = from_texts(["film that is good", "unheard of"] * 10, LABELS, tokenizing=words)
    found = prepared_as(others, texts.intake.preparation)
    assert found.input == texts.input
    assert found.intake.preparation == texts.preparation
    numbers = {name: RNG.normal(size=20) for name in "abc"}
    rows = from_table({"b": numbers["b"], "a": numbers["a"], "y": LABELS}, target="y")
    more = from_table({**numbers, "y": LABELS}, target="y")
    found = prepared_as(more, rows.intake.preparation)
    assert found.shape == (2,)
    column = more.raws["train"].column("a")  # type: ignore[union-attr]  # it is a table
    assert np.array_equal(found.train.inputs[:, 1], column.astype(np.float32))


def test_arrays_are_taken_as_they_are() -> None:
    few, many = (from_arrays(np.stack(_images(6))[:, None], LABELS, name=name) for name in ("few", "many"))
    assert np.array_equal(prepared_as(many, few.intake.preparation).train.inputs, many.train.inputs)
    files = from_images(_images(6), LABELS)
    assert prepared_as(files, few.intake.preparation) is files
    assert prepared_as(few, files.intake.preparation) is few
    three, four = (from_arrays(RNG.normal(size=(20, width)), LABELS) for width in (3, 4))
    with pytest.raises(UsageError, match=r"arrays cannot be prepared for the network: .* \(3,\), got \(4,\)"):
        prepared_as(four, three.intake.preparation)


def test_what_the_network_does_not_take() -> None:
    images = from_images(_images(6), LABELS, name="photos")
    texts = from_texts(["good", "bad"] * 10, LABELS, name="reviews")
    with pytest.raises(UsageError, match=r"^reviews: the network takes images, got texts$"):
        prepared_as(texts, images.intake.preparation)
    larger = from_arrays(RNG.normal(size=(20, 1, 9, 9)), LABELS, name="maps")
    with pytest.raises(UsageError, match=r"maps: the network takes samples of shape \(1, 6, 6\), got \(1, 9, 9\)"):
        prepared_as(larger, images.intake.preparation)
    floats = from_arrays(RNG.normal(size=(20, 1, 6, 6)), LABELS, name="maps")
    with pytest.raises(UsageError, match="inputs of type uint8, got float32"):
        prepared_as(floats, images.intake.preparation)
    rows = from_table({"a": RNG.normal(size=20), "y": LABELS}, target="y", name="rows")
    other = from_table({"b": RNG.normal(size=20), "y": LABELS}, target="y", name="rows")
    with pytest.raises(UsageError, match=r"rows cannot be prepared for the network: .*'a'"):
        prepared_as(other, rows.intake.preparation)
    numbers = from_arrays(RNG.normal(size=(20, 1)), LABELS)
    coded = from_table({"a": RNG.choice([*"uv"], 20), "y": LABELS}, target="y", name="rows")
    with pytest.raises(UsageError, match=r"rows: the network takes codes of categories \(\), got \(3,\)"):
        prepared_as(coded, numbers.intake.preparation)
