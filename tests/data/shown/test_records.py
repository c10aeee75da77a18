"""What is shown of samples returns from JSON as what it was: the fields of a record tell it from the others."""

import json
from dataclasses import asdict, is_dataclass
from typing import get_args

import pytest
from pydantic import TypeAdapter

from nas.data.shown.records import Curves, Picture, RowValues, Shown, Words

SHOWN: list[Shown] = [
    Picture("aGk=", 2, 3),
    Words((("good", 1.0), (" day", -0.25)), 4),
    RowValues((("age", "39"),), 5),
    Curves(((0.0, 1.5), (2.0, 3.0)), 1),
]


def test_each_record_has_a_case() -> None:
    assert [type(one) for one in SHOWN] == list(get_args(Shown))


@pytest.mark.parametrize("shown", SHOWN, ids=lambda one: type(one).__name__)
def test_a_record_returns_from_json(shown: Shown) -> None:
    assert is_dataclass(shown)
    adapter: TypeAdapter[Shown] = TypeAdapter(Shown)
    assert adapter.validate_json(json.dumps(asdict(shown))) == shown
