"""The columns of a table, and rows of them."""

import numpy as np

from nas.data.compact import Plain, compact
from nas.data.compact_columns import CompactColumns, smallest


def columns() -> CompactColumns:
    texts = np.array(["x", "y", None, "x", "y", "x"], object)
    return CompactColumns({"n": compact(np.arange(6.0)), "t": compact(texts), "r": compact(np.sqrt(np.arange(6.0)))})


def test_rows_of_rows_are_rows_of_the_columns() -> None:
    table = columns()
    rows, again = np.array([5, 3, 2, 0]), np.array([2, 0])
    found = table.at(rows).at(again)
    for name, array in found.items():
        assert array.tolist() == table[name][rows][again].tolist()
    assert list(found) == ["n", "t", "r"]
    assert len(found.only(["t"])) == 1


def test_joined_rows_of_one_table_are_no_copy() -> None:
    table = columns()
    first, second = table.at(np.array([0, 1])), table.at(np.array([4]))
    for left, right in ((first, second), (table, first), (first, columns())):
        found = left.joined(right)
        for name, array in found.items():
            assert array.tolist() == [*left[name], *right[name]]
    assert first.joined(second).codes("n") is None


def test_codes_of_few_rows_are_those_that_occur() -> None:
    table = columns()
    for rows in (np.array([2]), np.array([1, 4]), np.arange(6)[::-1]):
        codes = table.at(rows).codes("t")
        assert codes is not None
        assert codes.array().tolist() == table["t"][rows].tolist()
        assert len(codes.values) <= max(len(rows), 2) + 1
    one = table.at(np.array([2])).codes("t")
    assert one is not None
    assert one.values.tolist() == [None]


def test_columns_are_replaced() -> None:
    found = columns().at(np.array([1, 2])).replaced({"t": Plain(np.array([1.5, 2.5]))})
    assert found["t"].tolist() == [1.5, 2.5]
    assert found["n"].tolist() == [1, 2]


def test_numbers_of_rows_take_four_bytes_where_they_can() -> None:
    assert smallest(np.arange(3)).dtype == np.int32
    assert smallest(np.array([2**31])).dtype == np.int64
    assert smallest(np.zeros(0, np.int64)).dtype == np.int32
