"""The schema of whole space files."""

import pytest

from nas.ops import Cost
from nas.schema import space_schema
from nas.space.reading.load import TOP_KEYS
from tests.schema.space.mistakes import Find


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("layer: []\nlayers: []", ""),
        ("name: tiny", ""),
        ("layers: {conv: 3}", "layers"),
        ("layers: []\ninput: 4", "input"),
        ("layers: []\ninput: [0]", "input.0"),
        ("layers: []\noutputs: ten", "outputs"),
        ("layers: []\nlimits: {param: 3}", "limits"),
        ("layers: []\nlimits: {params: {most: 3}}", "limits.params"),
        ("layers: []\nlimits: {params: 50k}", "limits.params"),
        ("layers: []\ndefine: {relu: gelu}", "define"),
        ("layers: []\ndefine: {a: 3}", "define.a"),
        ("layers: []\ndefine: {a: {parameters: [width], layers: []}}", "define.a.parameters"),
        ("layers: []\ndefine: {a: {layers: [{conv: {widht: 3, width: 3}}]}}", "define.a.layers.0.conv"),
        ("layers: []\ndefine: {a: {share: maybe, layers: []}}", "define.a.share"),
    ],
)
def test_a_mistake_in_the_file(text: str, place: str, space_problems: Find) -> None:
    assert [found for found, _ in space_problems(text)] == [place]


def test_top_keys_are_those_of_the_loader() -> None:
    schema = space_schema()
    assert tuple(schema["properties"]) == TOP_KEYS
    assert all(child["description"] for child in schema["properties"].values())
    assert tuple(schema["properties"]["limits"]["properties"]) == Cost._fields
