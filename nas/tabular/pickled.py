"""What stands for the names in pickles: containers, and NumPy's scalars and arrays of plain numbers.

Functions of this file are called in place of what a pickle names (`unpickle.py`).
"""

import re
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

DICTS = ("collections OrderedDict", "builtins set", "__builtin__ set")
"""Containers that pickles name."""

NUMPY = (
    *(f"numpy.{core}.multiarray {name}" for core in ("core", "_core") for name in ("scalar", "_reconstruct")),
    "numpy dtype",
    "numpy ndarray",
    "_codecs encode",
)
"""What pickles of NumPy's numbers and arrays name."""

MOST_KEY = 1 << 61
"""Integers as keys are smaller than this, so that their hashes differ."""

_DTYPE = re.compile(r"[<>=|]?([fiu][248]|[iub]1|f4|f8)")
_KEYS = frozenset((str, bytes, int, float, bool, type(None)))


def checked_key(value: Any) -> Any:
    """A value as a key: text, bytes, a number, or a tuple of these, so that a hash takes no depth and no time."""
    for one in value if type(value) is tuple else (value,):
        if type(one) not in _KEYS or (type(one) is int and abs(one) >= MOST_KEY):
            raise ValueError(f"a {type(one).__name__} cannot be a key here")
    return value


class Dtype:
    """A dtype of numbers, made as pickles make it: by name, then with its byte order."""

    def __init__(self, name: Any = None, *_: Any) -> None:
        if not isinstance(name, str) or not _DTYPE.fullmatch(name):
            shown = repr(name[:20]) if isinstance(name, str) else f"of a {type(name).__name__}"
            raise ValueError(f"the dtype {shown} is none of plain numbers")
        self.dtype = np.dtype(name)

    def set(self, state: tuple[Any, ...]) -> None:
        """The state of a dtype: version and byte order, and what only others have."""
        if state[1] in ("<", ">"):
            self.dtype = self.dtype.newbyteorder(state[1])


class PlainArray:
    """An array in a pickle: `np.asarray` gives it, and it iterates over plain numbers or rows."""

    def __init__(self) -> None:
        self.array: NDArray[Any] = np.zeros(0)

    def set(self, state: tuple[Any, ...]) -> None:
        """The state of an array: version, shape, dtype, order and bytes."""
        _, shape, dtype, fortran, raw = state
        if not isinstance(dtype, Dtype) or not isinstance(raw, bytes):
            raise ValueError("an array that is not one of plain numbers")
        self.array = np.frombuffer(raw, dtype=dtype.dtype).reshape(shape, order="F" if fortran else "C")

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return np.array(self.array, dtype=dtype)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.array.tolist())

    def __len__(self) -> int:
        return len(self.array)


def _scalar(dtype: Dtype, raw: bytes) -> Any:
    return np.frombuffer(raw, dtype=dtype.dtype, count=1)[0].item()


def _array(*_: Any) -> PlainArray:
    return PlainArray()


def _encode(text: str, encoding: str = "latin1") -> bytes:
    """How protocols before 3 hold bytes."""
    if encoding not in ("latin1", "latin-1") or not isinstance(text, str):
        raise ValueError("bytes in another encoding than latin1")
    return text.encode("latin-1")


def _ordered(pairs: Sequence[Sequence[Any]] = ()) -> OrderedDict[Any, Any]:
    return OrderedDict((checked_key(key), value) for key, value in pairs)


def _set_of(items: Sequence[Any] = ()) -> set[Any]:
    return set(map(checked_key, items))


def _no_array(*_: Any) -> None:
    raise ValueError("numpy.ndarray is named and never called")


STAND_INS: Mapping[str, Callable[..., Any]] = {
    "collections OrderedDict": _ordered,
    "builtins set": _set_of,
    "__builtin__ set": _set_of,
    **{name: _scalar for name in NUMPY if name.endswith(" scalar")},
    **{name: _array for name in NUMPY if name.endswith(" _reconstruct")},
    "numpy dtype": Dtype,
    "numpy ndarray": _no_array,
    "_codecs encode": _encode,
}
"""Name to what is called in its place."""
