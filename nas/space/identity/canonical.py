"""Ids of networks: equal if and only if the networks compute the same, by these rules.

Two networks are equal if there is a bijection of their weights under which, for all weights and all inputs, one gives
what the other gives, and this follows from the rules:

* Layers that compute the same with the same weights are equal, however they are spelled, and a layer made of others is
  these (`Op.normal`). Layers that do nothing are not there.
* A layer with weights, and one that draws at random, is itself: two of them are two, however equal. Any other is a
  function: made twice of one value it is one value.
* Sums and products, element by element, follow the rules of arithmetic: any order, any nesting, products of sums
  multiplied out. Zeros add nothing, and what is multiplied by them is zero. Rows of channels in a row are one row.
* What is made of zeros is zero if that is so for all weights: a pool of zeros, a convolution of zeros without bias.
  Batch norm of zeros is its shift, and no zero.
* What the output does not depend on is not there: layers, and weights of a convolution that only padding meets.
* Channels in a row may stand in any order where another order is one of weights alone (`channels.py`).
* A cell is one layer: what it makes of its inputs by these rules, less the inputs that are terms of its output as they
  are. So a cell may be an identity, or zero, and what it hands on is added to what others add.

Whatever else is an equation of mathematics (two ReLUs in a row, a scale before a batch norm) is none here.

How it is done: a value has a *code*, bytes that say how it is made. A value that is no sum or product has besides a
*number* in a field of prime order, drawn by hashing its code, and sums and products are those of the numbers; so equal
polynomials have equal numbers, and different ones with a probability of about 2⁻¹²⁸ (Schwartz 1980). Codes do not tell
apart two equal layers that read the same value, though what follows them may do so. Where there are such ties, marks
break them: one of the layers is marked, the one with which the number of the output is least, and so on until all
layers differ (individualisation and refinement, McKay & Piperno 2014). Then codes are the network up to isomorphism:
different networks never have one id, but for collisions of hashes. Of layers that are equal even then all are tried,
unless one is the image of another under an automorphism, until `MOST_STEPS` are done: only networks that need more may
have several ids.
"""

import hashlib
from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from typing import NamedTuple

from nas.ops import Shape
from nas.ops.normal import KEY, digest
from nas.space.identity.channels import Rows, unordered
from nas.space.identity.terms import CELL, CONCAT, OP, PRODUCT, SUM, ZERO, Graph, Inside, Node, graph_of
from nas.space.network.cell import CellLayer
from nas.space.network.layer import Layer

PRIME = 2**128 - 159
LONGEST = 512
"""Bytes of a code, from which on its number stands for it."""
MOST_STEPS = 200_000
"""How many nodes are visited to break ties before the first of what is still equal is taken."""

_WIDTH = 16  # bytes of a number


def network_id(input: Shape, blocks: Sequence[Layer | CellLayer]) -> str:
    """16 hexadecimal digits, of a network given as by `Architecture`."""
    graph = graph_of(input, blocks)
    number = 0
    if graph.output != ZERO:
        number, _ = _Ties(graph, [_code(f"input {input}")], unordered(graph)).broken()
    output = blocks[-1].output if blocks else input
    return digest(f"{input} {output} {number}").hex()


def _cell_key(inside: Inside, free: Rows) -> bytes:
    """The key of what is in a cell but for the inputs that are terms of its output."""
    found = inside.keys.get(free)
    if found is None:
        number, _ = _Ties(inside.graph, _INPUTS[: inside.graph.inputs], dict.fromkeys(free, _ONE)).broken()
        for place, count in inside.terms:
            number -= count * _number(_INPUTS[place])
        found = inside.keys[free] = digest(f"{number % PRIME}")
    return found


class _Broken(NamedTuple):
    """The number of an output, and the keys of the nodes with which no tie is left."""

    number: int
    keys: list[bytes]


class _Ties:
    """Finds the number of a graph's output, and breaks the ties.

    Args:
        graph: its nodes.
        inputs: the codes of its inputs.
        rows: the nodes that put channels in a row whose order makes no difference, and those that are cells with such.
    """

    def __init__(self, graph: Graph, inputs: Sequence[bytes], rows: Mapping[int, Rows]) -> None:
        self._graph = graph
        self._inputs = inputs
        self._rows = rows
        self._left = MOST_STEPS

    def broken(self) -> _Broken:
        """With the least number of all ways to break them."""
        keys = [
            _cell_key(node.what, self._rows.get(place, _NONE)) if node.kind is CELL else node.key
            for place, node in enumerate(self._graph.nodes)
        ]
        return self._least(keys, *self._run(keys), 0)

    def _least(self, keys: list[bytes], number: int, tied: list[int], marks: int, *, first: bool = False) -> _Broken:
        """The least way to break them, this many marks having been made; with `first` the first way there is."""
        if not tied:
            return _Broken(number, keys)
        marked = []
        for place in tied:
            more = list(keys)
            more[place] = self._marked(place, keys[place], marks)
            marked.append((*self._run(more), place, more))
        least = min(number for number, *_ in marked)
        (number, tied, place, more), *others = [one for one in marked if one[0] == least]
        best = known = self._least(more, number, tied, marks + 1, first=first)
        for number, tied, other, more in others if not first else ():
            if self._left < 0:
                break
            exchanged = list(known.keys)
            exchanged[place], exchanged[other] = exchanged[other], exchanged[place]
            if self._run(exchanged)[0] == known.number:  # an automorphism leads from one to the other
                continue
            if self._least(more, number, tied, marks + 1, first=True).number != known.number:
                best = min(best, self._least(more, number, tied, marks + 1))
        return best

    def _run(self, keys: list[bytes]) -> tuple[int, list[int]]:
        """The number of the output, and nodes that are equal: the first ones on the way from the input."""
        graph = self._graph
        self._left -= len(graph.nodes)
        codes, seen = self._codes(keys)
        number = _number(codes[graph.output])
        if len(set(seen)) == len(seen):
            return number, []
        groups: dict[bytes, list[int]] = {}
        places = [place for place, node in enumerate(graph.nodes) if node.weighed]
        for place, code in zip(places, seen, strict=True):
            groups.setdefault(code, []).append(place)
        _, code = min((self._depths[group[0]], code) for code, group in groups.items() if len(group) > 1)
        return number, groups[code]

    def _codes(self, keys: list[bytes]) -> tuple[list[bytes], list[bytes]]:
        """The codes of all values; and of nodes with weights of their own, up to the first layer that has some."""
        codes = list(self._inputs)
        parts: dict[bytes, list[tuple[int, int]]] = {}
        seen: list[bytes] = []
        for place, (node, key) in enumerate(zip(self._graph.nodes, keys, strict=True)):
            kind, sources, _, weighed, _, zeros = node
            if kind is OP:
                (source,) = sources
                code = codes[source] if source != ZERO else _zero(zeros)
                if weighed:
                    head = code + key[:weighed]
                    seen.append(head if len(head) <= LONGEST else _short(head))
                code += key
                if len(code) > LONGEST:
                    code = _short(code)
            elif kind is SUM:
                numbers = [_number(codes[source]) for source in sources]
                if node.what is not None:
                    numbers = [count * number for count, number in zip(node.what, numbers, strict=True)]
                code = (sum(numbers) % PRIME).to_bytes(_WIDTH, "little")
            elif kind is CELL:
                code = b"".join([key, *[_NOTHING if source == ZERO else _fixed(codes[source]) for source in sources]])
                code = _number(code).to_bytes(_WIDTH, "little")
                if weighed:
                    seen.append(code)
            elif kind is PRODUCT:
                product = 1
                for source in sources:
                    product = product * _number(codes[source]) % PRIME
                code = product.to_bytes(_WIDTH, "little")
            elif kind is CONCAT:
                code = _row([codes[one] if one != ZERO else None for one in sources], node, place in self._rows, parts)
            else:
                numbers = [0 if source == ZERO else _number(codes[source]) for source in sources]
                code = _code(f"{key.hex()} {sorted(numbers) if node.what else numbers}")
            codes.append(code)
        return codes, seen

    def _marked(self, place: int, key: bytes, marks: int) -> bytes:
        """A key with a mark at the first layer that has weights of its own."""
        weighed = self._graph.nodes[place].weighed if self._graph.nodes[place].kind is OP else KEY
        begin = weighed - KEY
        return key[:begin] + digest(f"{key[begin:weighed]!r} {marks}") + key[weighed:]

    @cached_property
    def _depths(self) -> list[int]:
        """How many atoms lie on the longest way from an input to the first of each node that has weights of its own."""
        depths = [0] * self._graph.inputs
        found = []
        for node in self._graph.nodes:
            depth = max((depths[source] for source in node.sources if source != ZERO), default=0)
            found.append(depth + (node.weighed // KEY if node.kind is OP else 1))
            depths.append(depth + (len(node.key) // KEY if node.kind is OP else node.kind is CELL))
        return found


def _row(codes: Sequence[bytes | None], node: Node, free: bool, parts: dict[bytes, list[tuple[int, int]]]) -> bytes:
    """The code of a row of channels, rows in it opened and zeros side by side made one.

    `parts` holds for the codes of rows the widths and numbers of what is in them; with `free` the order is none.
    """
    found: list[tuple[int, int]] = []
    for code, shape in zip(codes, node.what, strict=True):
        if code is None:
            found.append((shape[0], 0))
        else:
            found += parts.get(code) or [(shape[0], _number(code))]
    if free:
        found.sort(key=lambda part: (part[1], part[0]))
    joined: list[tuple[int, int]] = []
    for width, number in found:
        if joined and number == 0 == joined[-1][1]:
            width += joined.pop()[0]
        joined.append((width, number))
    code = _code(f"row {joined}")
    parts[code] = joined
    return code


@lru_cache(maxsize=1024)
def _zero(shape: Shape) -> bytes:
    """The code of a zero that a layer reads which makes something else of it."""
    return _code(f"zero {shape}")


def _code(text: str) -> bytes:
    """A code that is a number, drawn by hashing a text."""
    return _number(text.encode().ljust(_WIDTH + 1)).to_bytes(_WIDTH, "little")


def _number(code: bytes) -> int:
    """The number of a value: its code if that is one, or else drawn by hashing the code."""
    if len(code) > _WIDTH:
        code = hashlib.blake2b(code, digest_size=_WIDTH).digest()
    return int.from_bytes(code, "little") % PRIME


def _fixed(code: bytes) -> bytes:
    """The number of a value, as bytes."""
    return code if len(code) == _WIDTH else _number(code).to_bytes(_WIDTH, "little")


def _short(code: bytes) -> bytes:
    """A code of no more than LONGEST bytes: the number of its beginning, and the rest."""
    while len(code) > LONGEST:
        code = _fixed(code[:LONGEST]) + code[LONGEST:]
    return code


_INPUTS = [_code(f"input {number} of a cell") for number in range(2)]
_NOTHING = (0).to_bytes(_WIDTH, "little")
_NONE: Rows = frozenset()
_ONE: Rows = frozenset({0})
