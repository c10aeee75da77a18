"""The opcodes that create plain data, and no others."""

import pickle
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nas.errors import IntegrityError
from nas.pickles.instructions import PROTOCOLS
from nas.pickles.unpickle import load_pickle

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner, inner),
    max_leaves=20,
)


@given(PLAIN, st.integers(3, pickle.HIGHEST_PROTOCOL))
@settings(max_examples=50)
def test_plain_data(value: Any, protocol: int) -> None:
    assert load_pickle(pickle.dumps(value, protocol=protocol), "x") == value


def test_plain_data_need_no_names() -> None:
    for value in ({"a": [1, 2.5, None, True]}, (1, "é", b"x"), {1, 2}, frozenset({3}), 2**200):
        assert load_pickle(pickle.dumps(value, protocol=4), "x") == value


def test_protocols_of_text_are_refused() -> None:
    with pytest.raises(IntegrityError, match="byte 1 is not an opcode for plain data"):
        load_pickle(pickle.dumps([1, "a"], protocol=0), "x.pkl")


def test_each_protocol_of_python_is_read() -> None:
    assert PROTOCOLS[-1] == pickle.HIGHEST_PROTOCOL
    with pytest.raises(IntegrityError, match="the protocol is 6, expected 2 to 5"):
        load_pickle(b"\x80\x06N.", "x.pkl")


def test_strings_of_python_2_are_text_or_else_bytes() -> None:
    assert load_pickle(b"\x80\x02](U\x01aU\x01\xffT\x02\x00\x00\x00\xc3\xa9e.", "x") == ["a", b"\xff", "é"]
