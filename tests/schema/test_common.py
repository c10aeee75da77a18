"""Words and mappings."""

from nas.schema.common import either, mapping


def test_words_or_a_mapping() -> None:
    found = either({"a": "first"}, mapping({}))
    assert found["type"] == ["string", "object"]
    assert found["anyOf"] == [{"type": "string", "enum": ["a"], "enumDescriptions": ["first"]}, {"type": "object"}]
    assert {"type": "string", "pattern": "^x"} in either({}, mapping({}), pattern="^x")["anyOf"]
