"""Plain values of nodes, and what is told of others."""

from typing import Any

import pytest

from nas.document import MAX_INTEGER, Node, from_object
from nas.space.reading.nodes import NodeReader, without


def _mapping(**given: Any) -> dict[str, Node]:
    value = from_object(given).value
    assert isinstance(value, dict)
    return value


def _told(reader: NodeReader) -> list[str]:
    return [f"{one.path}: {one.message} ({one.expected}; {one.got}; {one.suggestion})" for one in reader.problems]


@pytest.mark.parametrize(("given", "amount"), [(0, 0), (7, 7), (1e6, 1_000_000), (MAX_INTEGER, MAX_INTEGER)])
def test_amounts(given: float, amount: int) -> None:
    reader = NodeReader()
    assert reader.amount(_mapping(a=given)["a"], "a") == amount
    assert not reader.problems


@pytest.mark.parametrize("given", [-1, 1.5, True, "3", None, 1e30])
def test_what_is_no_amount(given: Any) -> None:
    reader = NodeReader()
    assert reader.amount(_mapping(a=given)["a"], "a") == 0
    assert len(reader.problems) == 1


def test_flags_and_typed_values() -> None:
    reader = NodeReader()
    value = _mapping(share=True, project="yes")
    assert reader.flag(value, "share", "x")
    assert not reader.flag(value, "merge", "x")
    assert not reader.problems
    assert not reader.flag(value, "project", "x")
    assert _told(reader) == ["x.project: a value does not fit (true or false; the text 'yes'; )"]


def test_unknown_keys_and_keys_that_belong_elsewhere() -> None:
    reader = NodeReader()
    node = from_object({"units": 1, "unit": 2, "name": "a"})
    reader.unknown_keys(node, ("units", "bias"), "x", {"name": "beside it"})
    assert _told(reader) == [
        "x: no such key: 'unit' (units, bias; ; units)",
        "x: 'name' does not belong here (beside it; ; )",
    ]


def test_a_mapping_without_some_keys() -> None:
    node = from_object({"a": 1, "b": 2})
    assert without(node, "b", "c").plain() == {"a": 1}
    word = Node("a", node.mark)
    assert without(word, "a") is word
