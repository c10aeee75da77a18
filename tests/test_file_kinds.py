"""A file is recognised by its keys, and each kind has a schema or says that it has none."""

import pytest

from nas.document import from_object
from nas.errors import UsageError
from nas.file_kinds import KINDS, kind_of, schema_of


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ({"layers": []}, "space"),
        ({"space": "a"}, "run"),
        ({"layer": [], "input": [3]}, "space"),
        ({"spaces": "a", "data": "digits"}, "run"),
        ({"name": "a"}, "space"),
        (["relu"], "space"),
    ],
)
def test_the_kind_of_a_file(value: object, kind: str) -> None:
    assert kind_of(from_object(value)) == kind


@pytest.mark.parametrize("kind", KINDS)
def test_the_schema_of_a_kind(kind: str) -> None:
    if KINDS[kind].schema is not None:
        assert schema_of(kind)["$schema"].startswith("https://json-schema.org/")
        return
    with pytest.raises(UsageError, match=f"there is no schema of {kind!r}, but of space, run, comparison"):
        schema_of(kind)


def test_a_misspelt_kind() -> None:
    with pytest.raises(UsageError, match="did you mean 'comparison'"):
        schema_of("comparsion")
