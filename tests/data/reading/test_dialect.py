"""How tables are written as text."""

from typing import Any

import pytest

from nas.data.reading.dialect import Dialect
from nas.errors import UsageError


@pytest.mark.parametrize(
    "wrong", [{"delimiter": " "}, {"decimal": ";"}, {"quotes": "yes"}, {"missing": "NA"}, {"encoding": 8}]
)
def test_what_is_no_dialect_is_refused_by_name(wrong: dict[str, Any]) -> None:
    (name,) = wrong
    with pytest.raises(UsageError, match=f"^Dialect: {name}: expected "):
        Dialect(**wrong)


def test_what_commonly_stands_for_a_missing_value_does() -> None:
    assert {"", "?", "NA", "NaN", "null"} <= set(Dialect().missing)
