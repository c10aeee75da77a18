"""The opcodes of pickle protocols 2 to 5 that create plain data, as Python's `pickletools` documents them."""

import struct
from collections.abc import Callable
from typing import Any

from nas.pickles.machine import MOST_NUMBER, Instruction, Machine, Refused
from nas.pickles.stand_ins import Dtype, PlainArray, checked_key

PROTOCOLS = range(2, 6)
"""The protocols that can be read."""

INSTRUCTIONS: list[Instruction | None] = [None] * 256
"""The instruction of each opcode; None for bytes that are no opcode, or one that creates more than plain data."""


def _instruction(code: bytes) -> Callable[[Instruction], Instruction]:
    def add(function: Instruction) -> Instruction:
        INSTRUCTIONS[code[0]] = function
        return function

    return add


def _constant(code: bytes, value: Any) -> None:
    def push(m: Machine) -> None:
        m.stack.append(value)

    INSTRUCTIONS[code[0]] = push


def _counted(code: bytes, width: int, make: Callable[[bytes], Any]) -> None:
    """Text or bytes, whose length is given by the `width` bytes before them."""

    def push(m: Machine) -> None:
        m.stack.append(make(m.take(m.number(width))))

    INSTRUCTIONS[code[0]] = push


def _integer(code: bytes, width: int, *, signed: bool = False) -> None:
    def push(m: Machine) -> None:
        m.stack.append(int.from_bytes(m.take(width), "little", signed=signed))

    INSTRUCTIONS[code[0]] = push


def _long(code: bytes, width: int) -> None:
    def push(m: Machine) -> None:
        length = m.number(width)
        if length > MOST_NUMBER:
            raise ValueError(f"an integer of {length:,} bytes, expected at most {MOST_NUMBER}")
        m.stack.append(int.from_bytes(m.take(length), "little", signed=True))

    INSTRUCTIONS[code[0]] = push


def _filed(code: bytes, width: int, *, put: bool) -> None:
    """Stores the top of the stack in the memo, or pushes a value from there."""

    def file(m: Machine) -> None:
        m.memo[m.number(width)] = m.stack[-1]

    def get(m: Machine) -> None:
        m.stack.append(m.memo[m.number(width)])

    INSTRUCTIONS[code[0]] = file if put else get


def _tuple(code: bytes, count: int) -> None:
    def push(m: Machine) -> None:
        if len(m.stack) < count:
            raise ValueError("the stack has too few values")
        m.pay(72)
        found = tuple(m.stack[-count:])
        del m.stack[-count:]
        m.stack.append(found)

    INSTRUCTIONS[code[0]] = push


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


def _text_or_bytes(data: bytes) -> str | bytes:
    """A string of Python 2, which had one type for both. What is text as UTF-8 can be encoded back into the same
    bytes (`PlainArray.set`)."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data


_counted(b"U", 1, _text_or_bytes)
_counted(b"T", 4, _text_or_bytes)
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
def _protocol(m: Machine) -> None:
    if (protocol := m.number(1)) not in PROTOCOLS:
        raise ValueError(f"the protocol is {protocol}, expected {PROTOCOLS[0]} to {PROTOCOLS[-1]}")


@_instruction(b"\x95")
def _frame(m: Machine) -> None:
    if m.number(8) > len(m.data) - m.at:
        raise ValueError("it is truncated within a frame")


@_instruction(b"G")
def _float(m: Machine) -> None:
    m.stack.append(_BINARY_FLOAT.unpack_from(m.data, m.at)[0])
    m.at += 8


@_instruction(b"(")
def _mark(m: Machine) -> None:
    m.marks.append(len(m.stack))


@_instruction(b"0")
def _pop(m: Machine) -> None:
    m.stack.pop()


@_instruction(b"1")
def _pop_mark(m: Machine) -> None:
    m.since_mark()


@_instruction(b"2")
def _duplicate(m: Machine) -> None:
    m.stack.append(m.stack[-1])


@_instruction(b"\x94")
def _memoize(m: Machine) -> None:
    m.memo[len(m.memo)] = m.stack[-1]


@_instruction(b"]")
def _list(m: Machine) -> None:
    m.pay(72)
    m.stack.append([])


@_instruction(b"a")
def _append(m: Machine) -> None:
    value = m.stack.pop()
    m.extend(m.stack[-1], (value,))


@_instruction(b"e")
def _appends(m: Machine) -> None:
    items = m.since_mark()
    m.extend(m.stack[-1], items)


@_instruction(b"t")
def _marked_tuple(m: Machine) -> None:
    items = tuple(m.since_mark())
    m.pay(72)
    m.stack.append(items)


@_instruction(b"}")
def _dict(m: Machine) -> None:
    m.pay(80)
    m.stack.append({})


@_instruction(b"s")
def _set_item(m: Machine) -> None:
    value, key = m.stack.pop(), m.stack.pop()
    m.fill(m.stack[-1], (key, value))


@_instruction(b"u")
def _set_items(m: Machine) -> None:
    items = m.since_mark()
    if len(items) % 2:
        raise ValueError("a key has no value")
    m.fill(m.stack[-1], items)


@_instruction(b"\x8f")
def _set(m: Machine) -> None:
    m.pay(232)
    m.stack.append(set())


@_instruction(b"\x90")
def _add_items(m: Machine) -> None:
    items = m.since_mark()
    if type(m.stack[-1]) is not set:
        raise ValueError("it adds values to something that is not a set")
    m.pay(100 * len(items))
    m.stack[-1].update(map(checked_key, items))


@_instruction(b"\x91")
def _frozen_set(m: Machine) -> None:
    items = m.since_mark()
    m.pay(232 + 100 * len(items))
    m.stack.append(frozenset(map(checked_key, items)))


@_instruction(b"c")
def _global(m: Machine) -> None:
    module = m.line()
    m.named(module, m.line())


@_instruction(b"\x93")
def _stack_global(m: Machine) -> None:
    name, module = m.stack.pop(), m.stack.pop()
    if type(name) is not str or type(module) is not str:
        raise ValueError("a name is not a string")
    m.named(module, name)


@_instruction(b"R")
@_instruction(b"\x81")
def _call(m: Machine) -> None:
    m.call()


@_instruction(b"b")
def _build(m: Machine) -> None:
    state = m.stack.pop()
    if not isinstance(m.stack[-1], Dtype | PlainArray) or type(state) is not tuple:
        raise ValueError("it sets the state of an object that has none")
    m.pay(64 + 8 * sum(len(one) for one in state if isinstance(one, bytes)))
    m.stack[-1].set(state)


@_instruction(b"P")
@_instruction(b"Q")
def _outside(_: Machine) -> None:
    raise Refused("an object from outside the file, which is refused")
