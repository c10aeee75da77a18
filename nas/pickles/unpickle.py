"""Pickles read as data: a file can neither run code, nor use more memory than its size justifies.

A pickle is a program for a stack machine. Python's machine calls any function that the program names, and allocates as
much as it asks for. The machine of `machine.py` has only the opcodes that create plain data
(`instructions.py`): dicts, lists, tuples, sets, numbers, strings, bytes, booleans and None. Names are refused,
except for those of OrderedDict, set, and NumPy's scalars and arrays, if the caller admits them. For these, the machine
calls functions of `stand_ins.py` instead of what was named.
"""

import pickle
import struct
from collections.abc import Collection
from typing import Any

from nas.errors import IntegrityError
from nas.pickles.instructions import INSTRUCTIONS
from nas.pickles.machine import Machine, Refused

MAX_BYTES = 1 << 28
"""Default maximal size of a pickle, in bytes."""

PickleError = pickle.UnpicklingError
"""What torch raises for a file that contains more than weights."""


def load_pickle(data: bytes, file: str, *, admit: Collection[str] = (), max_bytes: int = MAX_BYTES) -> Any:
    """The content of a pickle that holds only containers, numbers and text.

    Args:
        data: the pickle.
        file: name of its file, for errors.
        admit: the names that may occur, out of DICTS and NUMPY.
        max_bytes: the maximal size that is read.

    Raises:
        IntegrityError: it names another class or function, is too large, allocates too much, is damaged, or is not a
            pickle.
    """
    if len(data) > max_bytes:
        raise IntegrityError(f"{file}: a pickle of {len(data):,} bytes, expected at most {max_bytes:,}")
    try:
        return Machine(data, admit).run(INSTRUCTIONS)
    except Refused as error:
        raise IntegrityError(f"{file}: the pickle asks for {error}") from error
    except MemoryError as error:
        raise IntegrityError(f"{file}: the pickle asks for more memory than is available") from error
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, struct.error) as error:
        raise IntegrityError(f"{file}: the pickle is damaged, or this is not a pickle: {error}") from error
