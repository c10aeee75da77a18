"""The table of the spaces of Archwright."""

import pytest

from nas.document import parse_document
from nas.space.reading import listing
from nas.space.reading.listing import SpaceRow, list_spaces, shown_inputs
from nas.space.reading.purpose import read_purpose
from nas.space.reading.suited import purposes


def test_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = {name: purposes()[name] for name in ("textcnn", "tabular_resnet", "naap440")}
    monkeypatch.setattr(listing, "purposes", lambda: chosen)
    assert list_spaces() == [
        SpaceRow("naap440", "image from 16", 440, "networks of NAAP-440"),
        SpaceRow("tabular_resnet", "table", 324, "residual perceptrons"),
        SpaceRow("textcnn", "text", 768, "convolutions over words"),
    ]


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("{modality: image}", "image"),
        ("{modality: image, size: {min: 16}}", "image from 16"),
        ("{modality: image, size: {max: 15}}", "image up to 15"),
        ("{modality: image, size: {min: 8, max: 15}}", "image 8 to 15"),
        ("{modality: [sound, series], size: {min: 1000}}", "sound, series"),
        ("{}", ""),
    ],
)
def test_inputs(given: str, shown: str) -> None:
    assert shown_inputs(read_purpose(parse_document(f"for: {given}"))) == shown
