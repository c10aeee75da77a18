"""The virtual machine that reads pickles: its stack and memo, its memory limit, and the names that it refuses.

Memory is accounted for: in Python's own machine, 9 bytes can allocate gigabytes, by the memo index that they store to.
"""

from collections import OrderedDict
from collections.abc import Callable, Collection, Sequence
from typing import Any

from nas.pickles.stand_ins import STAND_INS, Dtype, checked_key

FREE_MEMORY = 1 << 26
MEMORY_A_BYTE = 16
"""A pickle of n bytes may allocate FREE_MEMORY + MEMORY_A_BYTE · n bytes. (Lists of numbers need 5 n.)"""

MOST_NUMBER = 128
"""Maximal size of an integer, in bytes."""
MOST_NAME = 200
"""Maximal length of the name of a module, or of a name in it, in bytes."""

STOP = ord(".")
"""The opcode that ends a program."""

Instruction = Callable[["Machine"], None]
"""What an opcode does to the machine."""


class Refused(Exception):
    """A well-formed pickle asks for something that is not allowed."""


class Named:
    """The stand-in of a name in a pickle. Only REDUCE and NEWOBJ use it."""

    def __init__(self, make: Callable[..., Any]) -> None:
        self.make = make


class Machine:
    """A stack machine, with marks in its stack and a memo of values.

    Attributes:
        data: the program.
        admit: the names that the program may use, out of those with a stand-in.
        at: index of the next byte.
        stack: the values.
        marks: heights of the stack.
        memo: values by number.
        left: bytes that may still be allocated.
    """

    def __init__(self, data: bytes, admit: Collection[str]) -> None:
        self.data, self.admit, self.at = data, admit, 0
        self.stack: list[Any] = []
        self.marks: list[int] = []
        self.memo: dict[int, Any] = {}
        self.left = FREE_MEMORY + MEMORY_A_BYTE * len(data)

    def run(self, instructions: Sequence[Instruction | None]) -> Any:
        """Runs the program, and returns its only value; `instructions` are indexed by opcode."""
        data = self.data
        try:
            while (code := data[self.at]) != STOP:
                self.at += 1
                instruction = instructions[code]
                if instruction is None:
                    raise ValueError(f"byte {self.at - 1} is not an opcode for plain data ({code})")
                instruction(self)
        except IndexError as error:
            raise ValueError(f"the program ends early, or the stack is empty, at byte {self.at}") from error
        if len(self.stack) != 1 or isinstance(self.stack[0], Named | Dtype):
            raise ValueError("the program does not end with exactly one value")
        return self.stack[0]

    def take(self, count: int) -> bytes:
        """The next bytes of the program."""
        begin = self.at
        self.at = end = begin + count
        if end > len(self.data):
            raise ValueError(f"the program is truncated at byte {len(self.data)}")
        return self.data[begin:end]

    def number(self, width: int) -> int:
        """The next `width` bytes as an unsigned integer."""
        return int.from_bytes(self.take(width), "little")

    def line(self) -> str:
        """The rest of a line."""
        end = self.data.find(b"\n", self.at, self.at + MOST_NAME + 1)
        if end < 0:
            raise ValueError(f"the name at byte {self.at} does not end within {MOST_NAME} bytes")
        begin, self.at = self.at, end + 1
        return self.data[begin:end].decode()

    def pay(self, count: int) -> None:
        """Accounts for allocated bytes. Raises Refused beyond the limit."""
        self.left -= count
        if self.left < 0:
            raise Refused(f"more memory than a file of {len(self.data):,} bytes may use")

    def since_mark(self) -> list[Any]:
        """Pops the values above the last mark."""
        mark = self.marks.pop()
        found = self.stack[mark:]
        del self.stack[mark:]
        return found

    def named(self, module: str, name: str) -> None:
        """Pushes the stand-in of a name."""
        wanted = f"{module} {name}"
        if wanted not in self.admit or wanted not in STAND_INS:
            raise Refused(
                f"{module[:MOST_NAME]}.{name[:MOST_NAME]}, which is refused: only containers, numbers and text are read"
            )
        self.stack.append(Named(STAND_INS[wanted]))

    def call(self) -> None:
        """Calls a stand-in, which may copy its arguments."""
        arguments, function = self.stack.pop(), self.stack.pop()
        if not isinstance(function, Named) or type(arguments) is not tuple:
            raise ValueError("it calls something that is not a name")
        self.pay(256 + sum(100 * len(one) for one in arguments if isinstance(one, list | dict | set | tuple)))
        self.pay(sum(2 * len(one) for one in arguments if isinstance(one, str | bytes)))
        self.stack.append(function.make(*arguments))

    def fill(self, target: Any, items: Sequence[Any]) -> None:
        """Adds keys and values, which alternate in `items`, to a dict."""
        if type(target) is not dict and type(target) is not OrderedDict:
            raise ValueError("it adds items to something that is not a dict")
        self.pay(100 * len(items))
        for place in range(0, len(items), 2):
            target[checked_key(items[place])] = items[place + 1]

    def extend(self, target: Any, items: Sequence[Any]) -> None:
        """Appends values to a list."""
        if type(target) is not list:
            raise ValueError("it appends values to something that is not a list")
        self.pay(16 * len(items))
        target += items
