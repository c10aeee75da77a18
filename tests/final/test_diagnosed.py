"""What is known of the errors of a network, as plain data."""

import json
from dataclasses import replace

import pytest

from nas.data.shown import Curves, Picture, RowValues, Shown, Words
from nas.errors import IntegrityError
from nas.final.diagnosed import Diagnosed, Hard, Near, Resemblance, diagnosed_of
from nas.knowledge.tree import Rule, Tree

SHOWN: tuple[Shown, ...] = (
    Picture("aGk=", 4, 5),
    Words((("good", 0.5), ("bad", -1.0)), 3),
    RowValues((("age", "39"),), 1),
    Curves(((0.0, 1.5), (2.0, 3.0))),
)


def test_it_is_read_as_it_was_written() -> None:
    hard = tuple(Hard(place, None if place else 2.5, "cat", "dog (90 %)", shown) for place, shown in enumerate(SHOWN))
    near = tuple(Near(f"line {place}", 0.5, "cat", shown) for place, shown in enumerate((*SHOWN, None)))
    known = replace(hard[0], saliency=Picture("aGk=", 4, 5), near=near)
    tree = Tree(2, 0.9, 0.5, 100, 20, (Rule(("age ≤ 3",), "cat", 0.9, 1.0), Rule((), "2", None, 1.0)))
    found = Diagnosed("test", 360, None, (known, *hard[1:]), tree, Resemblance(9, ("a",), ("b", "c"), ((None, 0.5),)))
    assert diagnosed_of(json.loads(json.dumps(found.to_dict()))) == found


def test_records_of_earlier_versions() -> None:
    found = Diagnosed("test", 360, None, (Hard(1, 2.5, "cat", "dog", SHOWN[0]),))
    record = json.loads(json.dumps(found.to_dict()))
    del record["tree"], record["resemblance"], record["hardest"][0]["saliency"], record["hardest"][0]["near"]
    assert diagnosed_of(record) == found


@pytest.mark.parametrize("record", [{}, {"part": "test", "samples": 1, "diagnosis": {"task": "art"}, "hardest": []}])
def test_a_record_of_another_form(record: dict[str, object]) -> None:
    with pytest.raises(IntegrityError, match="the diagnosis of the selected network has another form"):
        diagnosed_of(record)
