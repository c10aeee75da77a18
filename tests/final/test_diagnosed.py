"""What is known of the errors of a network, as plain data."""

import json

import pytest

from nas.data.shown import Curves, Picture, RowValues, Shown, Words
from nas.errors import IntegrityError
from nas.final.diagnosed import Diagnosed, Hard, diagnosed_of

SHOWN: tuple[Shown, ...] = (
    Picture("aGk=", 4, 5),
    Words((("good", 0.5), ("bad", -1.0)), 3),
    RowValues((("age", "39"),), 1),
    Curves(((0.0, 1.5), (2.0, 3.0))),
)


def test_it_is_read_as_it_was_written() -> None:
    hard = tuple(Hard(place, None if place else 2.5, "cat", "dog (90 %)", shown) for place, shown in enumerate(SHOWN))
    found = Diagnosed("test", 360, None, hard)
    assert diagnosed_of(json.loads(json.dumps(found.to_dict()))) == found


@pytest.mark.parametrize("record", [{}, {"part": "test", "samples": 1, "diagnosis": {"task": "art"}, "hardest": []}])
def test_a_record_of_another_form(record: dict[str, object]) -> None:
    with pytest.raises(IntegrityError, match="the diagnosis of the selected network has another form"):
        diagnosed_of(record)
