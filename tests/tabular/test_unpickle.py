"""The restricted unpickler: what it reads, and that nothing else can be had from it."""

import collections
import datetime
import io
import os
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nas.errors import IntegrityError
from nas.tabular.pickled import DICTS, NUMPY
from nas.tabular.unpickle import load_pickle

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


class _Evil:
    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, ("touch hacked",)


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (_Evil(), f"{os.system.__module__}.system"),
        (collections.OrderedDict(a=1), "collections.OrderedDict"),
        (collections.Counter("a"), "collections.Counter"),
        (np.float64(1), "numpy._core.multiarray.scalar"),
        (np.zeros(3), "numpy._core.multiarray._reconstruct"),
        (datetime.date(2020, 1, 1), "datetime.date"),
        (Path(), "pathlib."),
        (print, "builtins.print"),
        (1j, "builtins.complex"),
    ],
)
def test_names_are_refused(value: Any, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for protocol in (2, 4):
        with pytest.raises(IntegrityError) as caught:
            load_pickle(pickle.dumps([value], protocol=protocol), "some/file.pkl")
        assert str(caught.value).startswith("some/file.pkl: the pickle asks for ")
        if protocol == 4:
            assert name in str(caught.value)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "program",
    [
        b"cos\nsystem\n(S'touch hacked'\ntR.",  # GLOBAL and REDUCE
        b"(S'touch hacked'\nios\nsystem\n.",  # INST
        b"(cos\nsystem\nS'touch hacked'\no.",  # OBJ
        b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x02ls\x85R.",  # STACK_GLOBAL
        b"cbuiltins\neval\n(S'1'\ntR.",
        b"c__builtin__\nset\nq\x00.",
        b"ccollections\nOrderedDict.fromkeys\n.",
        b"\x80\x02cnumpy\nload\n.",
        b"Pid\n.",  # PERSID
        b"\x80\x02\x82\x01.",  # EXT1
    ],
)
def test_hostile_programs(program: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(IntegrityError, match=r"x\.pkl: the pickle"):
        load_pickle(program, "x.pkl", admit=("numpy dtype",))
    assert not list(tmp_path.iterdir())


def test_admitted_names_are_stand_ins() -> None:
    admit = (*DICTS, *NUMPY)
    for protocol in (2, 3, 4, 5):
        value = {
            "od": collections.OrderedDict([("b", 1), ("a", 2)]),
            "set": {1, 2},
            "numbers": [np.float32(0.5), np.int64(7), np.bool_(True), np.float64(2.5)],
            "array": np.arange(6.0).reshape(2, 3),
            "fortran": np.asfortranarray(np.arange(6, dtype=np.int16).reshape(2, 3)),
            "big": np.arange(3, dtype=">f4"),
        }
        if protocol == 5:  # arrays are pickled by another function there
            del value["array"], value["fortran"], value["big"]
        found = load_pickle(pickle.dumps(value, protocol=protocol), "x", admit=admit)
        assert found["od"] == value["od"]
        assert found["set"] == {1, 2}
        assert found["numbers"] == [0.5, 7, True, 2.5]
        assert [type(number) for number in found["numbers"]] == [float, int, bool, float]
        for name in value.keys() & {"array", "fortran", "big"}:
            assert np.array_equal(np.asarray(found[name]), np.asarray(value[name]))
            assert len(found[name]) == len(np.asarray(value[name]))
            assert list(found[name]) == np.asarray(value[name]).tolist()


def test_arrays_of_objects_are_refused() -> None:
    with pytest.raises(IntegrityError, match="damaged, or not one: the dtype 'O8' is none of plain numbers"):
        load_pickle(pickle.dumps(np.array([{}, None]), protocol=2), "x", admit=(*DICTS, *NUMPY))


def test_a_name_that_is_admitted_and_not_known_is_refused() -> None:
    with pytest.raises(IntegrityError, match=r"asks for .*system"):
        load_pickle(pickle.dumps(_Evil()), "x", admit=(f"{os.system.__module__} system",))


def test_damaged_and_too_large() -> None:
    data = pickle.dumps({"a": list(range(1000))})
    for cut in (0, 1, 10, len(data) // 2, len(data) - 1):
        with pytest.raises(IntegrityError, match=r"x\.pkl: the pickle is damaged, or not one"):
            load_pickle(data[:cut], "x.pkl")
    with pytest.raises(IntegrityError, match=r"a pickle of .* bytes, expected at most 100"):
        load_pickle(data, "x.pkl", max_bytes=100)
    with pytest.raises(IntegrityError):
        load_pickle(b"no pickle at all", "x.pkl")


def test_what_a_pickle_makes_is_counted() -> None:
    """Each would take gigabytes, endless time, or the depth of the stack."""
    million = b"X\x40\x42\x0f\x00" + b"x" * 1_000_000
    nested = b"N" + b"\x85" * 100_000  # ((((None,),),),)
    for program, said in (
        (b"]r\xff\xff\xff\x07.", ""),  # filed under number 134,217,727, which costs nothing here
        (b"\x96" + b"\xff" * 6 + b"\0\0.", "no instruction that makes data"),
        (b"\x8f" * 1_500_000 + b".", "more memory than a file of 1,500,003 bytes may be worth"),
        (b"(" + b"]" * 2_000_000 + b"l.", "more memory"),
        (b"}" + nested + b"Ns.", "a tuple cannot be a key here"),
        (b"\x8f(" + nested + b"\x90.", "a tuple cannot be a key here"),
        (b"}\x8a\x09" + bytes(8) + b"\x01Ns.", "a int cannot be a key here"),
        (b"\x8b\xff\xff\xff\x7f.", "an integer of 2,147,483,647 bytes"),
        (b"c_codecs\nencode\nq\x00" + million + b"q\x01" + b"h\x00h\x01\x85R" * 60 + b".", "more memory"),
    ):
        data = b"\x80\x04" + program
        if not said:
            assert load_pickle(data, "x.pkl") == []
            continue
        with pytest.raises(IntegrityError, match=said) as caught:
            load_pickle(data, "x.pkl", admit=(*DICTS, *NUMPY))
        assert len(str(caught.value)) < 300
    assert len(load_pickle(b"\x80\x04" + nested + b".", "x.pkl")) == 1, "depth alone does no harm"


def test_pickles_of_text_are_refused() -> None:
    with pytest.raises(IntegrityError, match="byte 1 is no instruction that makes data"):
        load_pickle(pickle.dumps([1, "a"], protocol=0), "x.pkl")


def test_stand_ins_are_not_made_to_do_more() -> None:
    buffer = io.BytesIO()
    pickler = pickle.Pickler(buffer, protocol=2)
    pickler.dump(np.float64(1.5))
    with pytest.raises(IntegrityError, match="none of plain numbers"):
        load_pickle(buffer.getvalue().replace(b"f8", b"V8"), "x", admit=NUMPY)
