"""What a space file says of itself."""

import pytest

from nas.document import parse_document
from nas.errors import SpecError
from nas.modality import MODALITIES
from nas.space import parse_space
from nas.space.reading.purpose import Purpose, Range, read_purpose, size_of
from tests.space.given import given


def purpose(text: str) -> Purpose:
    return read_purpose(parse_document(text))


def test_everything() -> None:
    text = "about: a line\nfor: {modality: [sound, series], size: {min: 80}, samples: {min: 5, max: 9}}"
    assert purpose(text) == Purpose(("sound", "series"), Range(80), Range(5, 9), "a line")
    assert purpose("for: {modality: image}") == Purpose(("image",))
    assert purpose("layers: []") == Purpose()


def test_what_it_suits() -> None:
    found = purpose("for: {modality: image, size: {min: 8, max: 15}, samples: {min: 100}}")
    assert found.suits("image", (1, 8, 15), 100)
    assert not found.suits("image", (1, 8, 16), 100)
    assert not found.suits("image", (1, 8, 15), 99)
    assert not found.suits("table", (8,), 100)


def test_sizes() -> None:
    assert [size_of(shape) for shape in ((3, 20, 30), (1, 8000), (64,))] == [30, 8000, 64]


def test_kinds_of_inputs_are_those_of_data() -> None:
    assert [given(modality, (4,)).input.modality for modality in MODALITIES] == list(MODALITIES)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("about: [3]", "about: a value does not fit (expected a line of text, got a list of 1)"),
        ("for: images", "for: not a purpose (expected a mapping such as {modality: image}, got the text 'images')"),
        (
            "for: {modality: photo}",
            "for.modality: no such kind of inputs (expected image, sound, text, table, series, ",
        ),
        (
            "for: {sizes: {min: 3}}",
            "for: no such key: 'sizes' (expected modality, size, samples; did",
        ),
        ("for: {size: 3}", "for.size: not a range (expected a mapping such as {min: 16, max: 64}, got 3)"),
        ("for: {size: {min: 3, max: 2}}", "for.size: the minimum is above the maximum (expected at most 2, got 3)"),
        ("for: {samples: {least: 3}}", "for.samples: no such key: 'least' (expected min, max)"),
    ],
)
def test_problems(text: str, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        parse_space(f"{text}\ninput: [4]\nlayers: [relu]")
    assert message in str(caught.value)
