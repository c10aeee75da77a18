"""Pickles read as data: no file can make anything run, or take more than a file of its size may be worth.

A pickle is a program for a small machine, and Python's machine calls whatever the program names and allocates whatever
it says. So this is another one, which knows the instructions that make data and no more: dicts, lists, tuples, sets,
numbers, texts, bytes, booleans and None. Names are refused, but those of OrderedDict, set and of NumPy's scalars and
arrays where the caller admits them; and for these, functions of `pickled.py` are called in place of what was named.

What is made is counted: 9 bytes can ask Python for gigabytes, by the place in its memory under which they file a value.

The instructions: `pickletools` of Python, protocols 2 to 5.
"""

import pickle
import struct
from collections import OrderedDict
from collections.abc import Callable, Collection, Sequence
from typing import Any

from nas.errors import IntegrityError
from nas.tabular.pickled import STAND_INS, Dtype, PlainArray, checked_key

MAX_BYTES = 1 << 28
"""Size of a pickle that is read unless the caller says otherwise."""

FREE_MEMORY = 1 << 26
MEMORY_A_BYTE = 16
"""What a pickle may make is FREE_MEMORY and so many times its own size, in bytes. (Lists of numbers come to 5.)"""

MOST_NUMBER = 128
"""Bytes of an integer."""
MOST_NAME = 200
"""Bytes of the name of a module, or of a name in it."""

PickleError = pickle.UnpicklingError
"""What torch raises for a file that asks for more than it reads."""


def load_pickle(data: bytes, file: str, *, admit: Collection[str] = (), max_bytes: int = MAX_BYTES) -> Any:
    """The content of a pickle that holds containers, numbers and text only.

    Args:
        data: the pickle.
        file: its name, for errors.
        admit: names out of DICTS and NUMPY that may occur.
        max_bytes: the largest size that is read.

    Raises:
        IntegrityError: it names a class or function, is too large, makes too much, is damaged, or no pickle.
    """
    if len(data) > max_bytes:
        raise IntegrityError(f"{file}: a pickle of {len(data):,} bytes, expected at most {max_bytes:,}")
    try:
        return _Machine(data, admit).run()
    except _Refused as error:
        raise IntegrityError(f"{file}: the pickle asks for {error}") from error
    except MemoryError as error:
        raise IntegrityError(f"{file}: the pickle asks for more memory than there is") from error
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, struct.error) as error:
        raise IntegrityError(f"{file}: the pickle is damaged, or not one: {error}") from error


class _Refused(Exception):
    """What is wrong is what the pickle wants, and not how it says so."""


class _Named:
    """What stands for something that a pickle named; nothing but REDUCE and NEWOBJ looks into it."""

    def __init__(self, make: Callable[..., Any]) -> None:
        self.make = make


class _Machine:
    """The machine: a stack, marks in it, and values that were filed for later.

    Attributes:
        data, at: the program, and where it is in it.
        left: bytes that may still be made.
    """

    def __init__(self, data: bytes, admit: Collection[str]) -> None:
        self.data, self.admit, self.at = data, admit, 0
        self.stack: list[Any] = []
        self.marks: list[int] = []
        self.memo: dict[int, Any] = {}
        self.left = FREE_MEMORY + MEMORY_A_BYTE * len(data)

    def run(self) -> Any:
        """The value that the program ends with."""
        data, known = self.data, _INSTRUCTIONS
        try:
            while (code := data[self.at]) != _STOP:
                self.at += 1
                instruction = known[code]
                if instruction is None:
                    raise ValueError(f"byte {self.at - 1} is no instruction that makes data ({code})")
                instruction(self)
        except IndexError as error:
            raise ValueError(f"at byte {self.at} it ends, or takes what is not there") from error
        if len(self.stack) != 1 or isinstance(self.stack[0], _Named | Dtype):
            raise ValueError("it does not end with one value")
        return self.stack[0]

    def take(self, count: int) -> bytes:
        """The next bytes of the program."""
        begin = self.at
        self.at = end = begin + count
        if end > len(self.data):
            raise ValueError(f"it ends in the middle, at byte {len(self.data)}")
        return self.data[begin:end]

    def number(self, width: int) -> int:
        """The next bytes as a number."""
        return int.from_bytes(self.take(width), "little")

    def line(self) -> str:
        """The rest of a line."""
        end = self.data.find(b"\n", self.at, self.at + MOST_NAME + 1)
        if end < 0:
            raise ValueError(f"a name at byte {self.at} does not end")
        begin, self.at = self.at, end + 1
        return self.data[begin:end].decode()

    def pay(self, count: int) -> None:
        """Counts bytes that are made."""
        self.left -= count
        if self.left < 0:
            raise _Refused(f"more memory than a file of {len(self.data):,} bytes may be worth")

    def since_mark(self) -> list[Any]:
        """What came onto the stack after the last mark, taken off."""
        mark = self.marks.pop()
        found = self.stack[mark:]
        del self.stack[mark:]
        return found

    def named(self, module: str, name: str) -> None:
        """Puts what stands for a name onto the stack."""
        wanted = f"{module} {name}"
        if wanted not in self.admit or wanted not in STAND_INS:
            raise _Refused(
                f"{module[:MOST_NAME]}.{name[:MOST_NAME]}, which is refused: only containers, numbers and text are read"
            )
        self.stack.append(_Named(STAND_INS[wanted]))

    def call(self) -> None:
        """Calls a stand-in, which may copy what it is given."""
        arguments, function = self.stack.pop(), self.stack.pop()
        if not isinstance(function, _Named) or type(arguments) is not tuple:
            raise ValueError("it calls what is no name")
        self.pay(256 + sum(100 * len(one) for one in arguments if isinstance(one, list | dict | set | tuple)))
        self.pay(sum(2 * len(one) for one in arguments if isinstance(one, str | bytes)))
        self.stack.append(function.make(*arguments))

    def fill(self, target: Any, items: Sequence[Any]) -> None:
        """Puts pairs into a dict."""
        if type(target) is not dict and type(target) is not OrderedDict:
            raise ValueError("it puts pairs into what is no dict")
        self.pay(100 * len(items))
        for place in range(0, len(items), 2):
            target[checked_key(items[place])] = items[place + 1]

    def extend(self, target: Any, items: Sequence[Any]) -> None:
        """Puts values into a list."""
        if type(target) is not list:
            raise ValueError("it puts values into what is no list")
        self.pay(16 * len(items))
        target += items


# Instructions ---------------------------------------------------------------------------------------------------------

_STOP = ord(".")
_Instruction = Callable[[_Machine], None]
_INSTRUCTIONS: list[_Instruction | None] = [None] * 256


def _instruction(code: bytes) -> Callable[[_Instruction], _Instruction]:
    def add(function: _Instruction) -> _Instruction:
        _INSTRUCTIONS[code[0]] = function
        return function

    return add


def _constant(code: bytes, value: Any) -> None:
    def push(m: _Machine) -> None:
        m.stack.append(value)

    _INSTRUCTIONS[code[0]] = push


def _counted(code: bytes, width: int, make: Callable[[bytes], Any]) -> None:
    """Text or bytes, after as many bytes that say how long they are."""

    def push(m: _Machine) -> None:
        m.stack.append(make(m.take(m.number(width))))

    _INSTRUCTIONS[code[0]] = push


def _integer(code: bytes, width: int, *, signed: bool = False) -> None:
    def push(m: _Machine) -> None:
        m.stack.append(int.from_bytes(m.take(width), "little", signed=signed))

    _INSTRUCTIONS[code[0]] = push


def _long(code: bytes, width: int) -> None:
    def push(m: _Machine) -> None:
        length = m.number(width)
        if length > MOST_NUMBER:
            raise ValueError(f"an integer of {length:,} bytes, expected at most {MOST_NUMBER}")
        m.stack.append(int.from_bytes(m.take(length), "little", signed=True))

    _INSTRUCTIONS[code[0]] = push


def _filed(code: bytes, width: int, *, put: bool) -> None:
    """Files what is on top of the stack under a number, or gets it back."""

    def file(m: _Machine) -> None:
        m.memo[m.number(width)] = m.stack[-1]

    def get(m: _Machine) -> None:
        m.stack.append(m.memo[m.number(width)])

    _INSTRUCTIONS[code[0]] = file if put else get


def _tuple(code: bytes, count: int) -> None:
    def push(m: _Machine) -> None:
        if len(m.stack) < count:
            raise ValueError("there is too little on the stack")
        m.pay(72)
        found = tuple(m.stack[-count:])
        del m.stack[-count:]
        m.stack.append(found)

    _INSTRUCTIONS[code[0]] = push


_BINARY_FLOAT = struct.Struct(">d")

_constant(b"N", None)
_constant(b"\x88", True)
_constant(b"\x89", False)
_constant(b")", ())
_integer(b"K", 1)
_integer(b"M", 2)
_integer(b"J", 4, signed=True)
_long(b"\x8a", 1)
_long(b"\x8b", 4)
_counted(b"U", 1, bytes.decode)
_counted(b"T", 4, bytes.decode)
for _code, _width in ((b"\x8c", 1), (b"X", 4), (b"\x8d", 8)):
    _counted(_code, _width, lambda data: data.decode("utf-8", "surrogatepass"))
for _code, _width in ((b"C", 1), (b"B", 4), (b"\x8e", 8)):
    _counted(_code, _width, bytes)
_filed(b"h", 1, put=False)
_filed(b"j", 4, put=False)
_filed(b"q", 1, put=True)
_filed(b"r", 4, put=True)
_tuple(b"\x85", 1)
_tuple(b"\x86", 2)
_tuple(b"\x87", 3)


@_instruction(b"\x80")
def _protocol(m: _Machine) -> None:
    if not 2 <= (protocol := m.number(1)) <= pickle.HIGHEST_PROTOCOL:
        raise ValueError(f"it is of protocol {protocol}, expected 2 to {pickle.HIGHEST_PROTOCOL}")


@_instruction(b"\x95")
def _frame(m: _Machine) -> None:
    if m.number(8) > len(m.data) - m.at:
        raise ValueError("it ends in the middle of a frame")


@_instruction(b"G")
def _float(m: _Machine) -> None:
    m.stack.append(_BINARY_FLOAT.unpack_from(m.data, m.at)[0])
    m.at += 8


@_instruction(b"(")
def _mark(m: _Machine) -> None:
    m.marks.append(len(m.stack))


@_instruction(b"0")
def _pop(m: _Machine) -> None:
    m.stack.pop()


@_instruction(b"1")
def _pop_mark(m: _Machine) -> None:
    m.since_mark()


@_instruction(b"2")
def _duplicate(m: _Machine) -> None:
    m.stack.append(m.stack[-1])


@_instruction(b"\x94")
def _memoize(m: _Machine) -> None:
    m.memo[len(m.memo)] = m.stack[-1]


@_instruction(b"]")
def _list(m: _Machine) -> None:
    m.pay(72)
    m.stack.append([])


@_instruction(b"a")
def _append(m: _Machine) -> None:
    value = m.stack.pop()
    m.extend(m.stack[-1], (value,))


@_instruction(b"e")
def _appends(m: _Machine) -> None:
    items = m.since_mark()
    m.extend(m.stack[-1], items)


@_instruction(b"t")
def _marked_tuple(m: _Machine) -> None:
    items = tuple(m.since_mark())
    m.pay(72)
    m.stack.append(items)


@_instruction(b"}")
def _dict(m: _Machine) -> None:
    m.pay(80)
    m.stack.append({})


@_instruction(b"s")
def _set_item(m: _Machine) -> None:
    value, key = m.stack.pop(), m.stack.pop()
    m.fill(m.stack[-1], (key, value))


@_instruction(b"u")
def _set_items(m: _Machine) -> None:
    items = m.since_mark()
    if len(items) % 2:
        raise ValueError("a key without a value")
    m.fill(m.stack[-1], items)


@_instruction(b"\x8f")
def _set(m: _Machine) -> None:
    m.pay(232)
    m.stack.append(set())


@_instruction(b"\x90")
def _add_items(m: _Machine) -> None:
    items = m.since_mark()
    if type(m.stack[-1]) is not set:
        raise ValueError("it puts values into what is no set")
    m.pay(100 * len(items))
    m.stack[-1].update(map(checked_key, items))


@_instruction(b"\x91")
def _frozen_set(m: _Machine) -> None:
    items = m.since_mark()
    m.pay(232 + 100 * len(items))
    m.stack.append(frozenset(map(checked_key, items)))


@_instruction(b"c")
def _global(m: _Machine) -> None:
    module = m.line()
    m.named(module, m.line())


@_instruction(b"\x93")
def _stack_global(m: _Machine) -> None:
    name, module = m.stack.pop(), m.stack.pop()
    if type(name) is not str or type(module) is not str:
        raise ValueError("a name that is no text")
    m.named(module, name)


@_instruction(b"R")
@_instruction(b"\x81")
def _call(m: _Machine) -> None:
    m.call()


@_instruction(b"b")
def _build(m: _Machine) -> None:
    state = m.stack.pop()
    if not isinstance(m.stack[-1], Dtype | PlainArray) or type(state) is not tuple:
        raise ValueError("it changes what has no state")
    m.pay(64 + 8 * sum(len(one) for one in state if isinstance(one, bytes)))
    m.stack[-1].set(state)


@_instruction(b"P")
@_instruction(b"Q")
def _outside(_: _Machine) -> None:
    raise _Refused("an object outside of it, which is refused")
