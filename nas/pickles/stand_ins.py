"""Stand-ins for the names in pickles: containers, and NumPy's scalars and arrays of numbers.

`machine.py` calls the functions of this file instead of what a pickle names.
"""

import re
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

DICTS = ("collections OrderedDict", "builtins set", "__builtin__ set")
"""The names of containers."""

NUMPY = (
    *(f"numpy.{core}.multiarray {name}" for core in ("core", "_core") for name in ("scalar", "_reconstruct")),
    "numpy dtype",
    "numpy ndarray",
    "_codecs encode",
)
"""The names that occur in pickles of NumPy scalars and arrays."""

MOST_KEY = 1 << 61
"""Bound of the absolute value of integers as keys: below it, different integers have different hashes."""

_DTYPE = re.compile(r"[<>=|]?([fiu][248]|[iub]1|f4|f8)")
_KEYS = frozenset((str, bytes, int, float, bool, type(None)))


def checked_key(value: Any) -> Any:
    """The value, if it can be a key: a string, bytes, a number, or a tuple of these, whose hashes are cheap.

    Raises:
        ValueError: the value is something else; nested tuples could exhaust the stack.
    """
    for one in value if type(value) is tuple else (value,):
        if type(one) not in _KEYS or (type(one) is int and abs(one) >= MOST_KEY):
            raise ValueError(
                f"a key of type {type(one).__name__} is refused (text, bytes and numbers are keys, integers below 2^61)"
            )
    return value


class Dtype:
    """A dtype of numbers. As in a pickle, it is created by name, and its byte order is set later."""

    def __init__(self, name: Any = None, *_: Any) -> None:
        if not isinstance(name, str) or not _DTYPE.fullmatch(name):
            shown = repr(name[:20]) if isinstance(name, str) else f"of a {type(name).__name__}"
            raise ValueError(f"the dtype {shown} is not one of plain numbers")
        self.dtype = np.dtype(name)

    def set(self, state: tuple[Any, ...]) -> None:
        """Sets the byte order. The rest of the state matters only for structured dtypes."""
        if state[1] in ("<", ">"):
            self.dtype = self.dtype.newbyteorder(state[1])


class PlainArray:
    """An array in a pickle: `np.asarray` converts it, and iteration yields Python numbers or lists."""

    def __init__(self) -> None:
        self.array: NDArray[Any] = np.zeros(0)

    def set(self, state: tuple[Any, ...]) -> None:
        """Sets version, shape, dtype, order and content."""
        _, shape, dtype, fortran, raw = state
        if isinstance(raw, str):  # bytes of Python 2
            raw = raw.encode()
        if not isinstance(dtype, Dtype) or not isinstance(raw, bytes):
            raise ValueError("an array does not consist of plain numbers")
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
    """Bytes, as protocols before 3 store them."""
    if encoding not in ("latin1", "latin-1") or not isinstance(text, str):
        raise ValueError("bytes are encoded other than as latin1")
    return text.encode("latin-1")


def _ordered(pairs: Sequence[Sequence[Any]] = ()) -> OrderedDict[Any, Any]:
    return OrderedDict((checked_key(key), value) for key, value in pairs)


def _set_of(items: Sequence[Any] = ()) -> set[Any]:
    return set(map(checked_key, items))


def _no_array(*_: Any) -> None:
    raise ValueError("numpy.ndarray may be named but not called")


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
"""The function that is called instead of each name."""
