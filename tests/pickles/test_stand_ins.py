"""What stands in pickles for containers and for NumPy's numbers."""

from collections import OrderedDict

import numpy as np
import pytest

from nas.pickles.stand_ins import MOST_KEY, STAND_INS, Dtype, PlainArray, checked_key


@pytest.mark.parametrize("value", ["a", b"a", 3, 0.5, True, None, (1, "a"), MOST_KEY - 1])
def test_plain_values_are_keys(value: object) -> None:
    assert checked_key(value) == value


@pytest.mark.parametrize("value", [[], {}, (1, (2,)), MOST_KEY, -MOST_KEY, PlainArray()])
def test_what_is_costly_to_hash_is_none(value: object) -> None:
    with pytest.raises(ValueError, match=r"a key of type .* is refused"):
        checked_key(value)


@pytest.mark.parametrize("name", ["f4", "<f8", ">i2", "u1", "b1", "|i1"])
def test_numbers_of_any_type_and_order(name: str) -> None:
    values = np.array([0, 1, 1], dtype=name)
    array = PlainArray()
    array.set((1, (3,), Dtype(name), False, values.tobytes()))
    assert np.array_equal(np.asarray(array), values)
    assert list(array) == values.tolist()
    assert len(array) == 3
    assert STAND_INS["numpy.core.multiarray scalar"](Dtype(name), values[1:2].tobytes()) == 1


def test_byte_order_is_set_afterwards() -> None:
    dtype = Dtype("i4")
    dtype.set((3, ">", None))
    assert dtype.dtype == np.dtype(">i4")


@pytest.mark.parametrize("name", ["O", "U4", "S4", "f16", "V8", "M8", 3, None, "x" * 1000])
def test_other_types_are_refused(name: object) -> None:
    with pytest.raises(ValueError, match="is not one of plain numbers"):
        Dtype(name)


def test_arrays_of_something_else_are_refused() -> None:
    with pytest.raises(ValueError, match="does not consist of plain numbers"):
        PlainArray().set((1, (1,), "f4", False, b"1234"))
    with pytest.raises(ValueError, match="not called"):
        STAND_INS["numpy ndarray"]()


def test_containers() -> None:
    assert STAND_INS["collections OrderedDict"]([["a", 1]]) == OrderedDict(a=1)
    assert STAND_INS["builtins set"]([1, 2]) == {1, 2}
    assert STAND_INS["_codecs encode"]("\xff", "latin1") == b"\xff"
    with pytest.raises(ValueError, match="encoded other than as latin1"):
        STAND_INS["_codecs encode"]("a", "utf-8")
