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

from nas.errors import IntegrityError
from nas.pickles.stand_ins import DICTS, NUMPY
from nas.pickles.unpickle import load_pickle


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
    with pytest.raises(
        IntegrityError, match="damaged, or this is not a pickle: the dtype 'O8' is not one of plain numbers"
    ):
        load_pickle(pickle.dumps(np.array([{}, None]), protocol=2), "x", admit=(*DICTS, *NUMPY))


def test_a_name_that_is_admitted_and_not_known_is_refused() -> None:
    with pytest.raises(IntegrityError, match=r"asks for .*system"):
        load_pickle(pickle.dumps(_Evil()), "x", admit=(f"{os.system.__module__} system",))


def test_damaged_and_too_large() -> None:
    data = pickle.dumps({"a": list(range(1000))})
    for cut in (0, 1, 10, len(data) // 2, len(data) - 1):
        with pytest.raises(IntegrityError, match=r"x\.pkl: the pickle is damaged, or this is not a pickle"):
            load_pickle(data[:cut], "x.pkl")
    with pytest.raises(IntegrityError, match=r"a pickle of .* bytes, expected at most 100"):
        load_pickle(data, "x.pkl", max_bytes=100)
    with pytest.raises(IntegrityError):
        load_pickle(b"no pickle at all", "x.pkl")


def test_stand_ins_are_not_made_to_do_more() -> None:
    buffer = io.BytesIO()
    pickler = pickle.Pickler(buffer, protocol=2)
    pickler.dump(np.float64(1.5))
    with pytest.raises(IntegrityError, match="not one of plain numbers"):
        load_pickle(buffer.getvalue().replace(b"f8", b"V8"), "x", admit=NUMPY)


@pytest.mark.parametrize("content", [b"\x00\x01\x02\x03", b"\xff\xfe\x80\x00", "aé~".encode()])
def test_arrays_that_python_2_wrote(content: bytes) -> None:
    program = (
        b"\x80\x02cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R"
        b"(K\x01K\x02K\x02\x86cnumpy\ndtype\nU\x02u1K\x00K\x01\x87R"
        b"(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89U\x04" + content + b"tb."
    )
    found = np.asarray(load_pickle(program, "x", admit=NUMPY))
    assert (found.shape, found.dtype.str, found.tobytes()) == ((2, 2), "|u1", content)
