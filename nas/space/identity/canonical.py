"""Ids of networks: equal if and only if the networks compute the same, by these rules.

Two networks are equal if, under some bijection of their weights, they have the same output for all weights and all
inputs, and this follows from the rules:

* Layers that compute the same with the same weights are equal, whatever their arguments; a composed layer equals the
  layers that it consists of (`Op.normal`). Layers that do nothing are removed.
* Layers with weights and random layers are distinct: two of them that read the same value give two values. All other
  layers are functions: two equal layers that read the same value give one value.
* Elementwise sums and products follow the rules of arithmetic: commutativity, associativity, distributivity. Zeros are
  removed from sums, and a product with zero is zero. Nested concatenations are flattened.
* A function of zeros is zero if it is zero for all weights: a pool of zeros, a convolution of zeros without bias. Batch
  norm of zeros is its shift, and not zero.
* Whatever the output does not depend on is removed: layers, and weights of a convolution that only see padding.
* Concatenated channels may be permuted if this amounts to a permutation of weights (`channels.py`).
* A cell is one layer: what it computes from its inputs by these rules, without the inputs that are themselves terms of
  its output. Thus a cell may be the identity, or zero, and the inputs that it passes on are terms of an outer sum.

No other mathematical identities are used (two ReLUs in sequence, a scale before a batch norm).

The algorithm: each value has a *code*, bytes that describe how it is computed. A value that is not a sum or a product
also has a *number* in a field of prime order, the hash of its code; sums and products are computed in this field. So
equal polynomials have equal numbers, and different polynomials have equal numbers with a probability of about 2⁻¹²⁸
(Schwartz 1980). Two equal layers that read the same value have equal codes, although later layers may distinguish them.
Such ties are broken by marks: one of the layers is marked, the one that gives the least number of the output, and so on
until all layers differ (individualisation and refinement, McKay & Piperno 2014). The codes then describe the network up
to isomorphism, so different networks have different ids, except for hash collisions. If layers are still tied, all of
them are tried, except images of each other under an automorphism, up to `MOST_STEPS`. Only networks that need more
steps may have several ids.
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
"""The maximum length of a code in bytes; longer codes are shortened to numbers."""
MOST_STEPS = 200_000
"""Nodes that are visited to break ties; after that, the first of the tied layers is taken."""

_WIDTH = 16  # of a number, in bytes


def network_id(input: Shape, blocks: Sequence[Layer | CellLayer]) -> str:
    """The id, 16 hexadecimal digits, of a network with this input shape and these blocks."""
    graph = graph_of(input, blocks)
    number = 0
    if graph.output != ZERO:
        number, _ = _Ties(graph, [_code(f"input {input}")], unordered(graph)).broken()
    output = blocks[-1].output if blocks else input
    return digest(f"{input} {output} {number}").hex()


def _cell_key(inside: Inside, free: Rows) -> bytes:
    """The key of the content of a cell, without the inputs that are terms of its output."""
    found = inside.keys.get(free)
    if found is None:
        number, _ = _Ties(inside.graph, _INPUTS[: inside.graph.inputs], dict.fromkeys(free, _ONE)).broken()
        for place, count in inside.terms:
            number -= count * _number(_INPUTS[place])
        found = inside.keys[free] = digest(f"{number % PRIME}")
    return found


class _Broken(NamedTuple):
    """The number of an output, and the keys of the nodes for which no ties are left."""

    number: int
    keys: list[bytes]


class _Ties:
    """Computes the number of the output of a graph, and breaks ties.

    Args:
        graph: its nodes.
        inputs: the codes of its inputs.
        rows: the concatenations whose order does not matter, and the cells that contain such.
    """

    def __init__(self, graph: Graph, inputs: Sequence[bytes], rows: Mapping[int, Rows]) -> None:
        self._graph = graph
        self._inputs = inputs
        self._rows = rows
        self._left = MOST_STEPS

    def broken(self) -> _Broken:
        """The result with the least number over all ways to break the ties."""
        keys = [
            _cell_key(node.what, self._rows.get(place, _NONE)) if node.kind is CELL else node.key
            for place, node in enumerate(self._graph.nodes)
        ]
        return self._least(keys, *self._run(keys), 0)

    def _least(self, keys: list[bytes], number: int, tied: list[int], marks: int, *, first: bool = False) -> _Broken:
        """The result with the least number after `marks` marks; with `first`, only the first way is followed."""
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
            if self._run(exchanged)[0] == known.number:  # an automorphism maps one to the other
                continue
            if self._least(more, number, tied, marks + 1, first=True).number != known.number:
                best = min(best, self._least(more, number, tied, marks + 1))
        return best

    def _run(self, keys: list[bytes]) -> tuple[int, list[int]]:
        """The number of the output, and the tied nodes that are closest to the input."""
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
        """The codes of all values; and those of nodes with their own weights, up to their first layer with weights."""
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
        """A key with a mark at the first layer with its own weights."""
        weighed = self._graph.nodes[place].weighed if self._graph.nodes[place].kind is OP else KEY
        begin = weighed - KEY
        return key[:begin] + digest(f"{key[begin:weighed]!r} {marks}") + key[weighed:]

    @cached_property
    def _depths(self) -> list[int]:
        """For each node, the number of atoms on the longest path from an input to its first atom with weights."""
        depths = [0] * self._graph.inputs
        found = []
        for node in self._graph.nodes:
            depth = max((depths[source] for source in node.sources if source != ZERO), default=0)
            found.append(depth + (node.weighed // KEY if node.kind is OP else 1))
            depths.append(depth + (len(node.key) // KEY if node.kind is OP else node.kind is CELL))
        return found


def _row(codes: Sequence[bytes | None], node: Node, free: bool, parts: dict[bytes, list[tuple[int, int]]]) -> bytes:
    """The code of a concatenation; nested concatenations are flattened, and adjacent zeros are joined.

    `parts` holds the widths and numbers of the parts of concatenations by their codes. If `free`, order is ignored.
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
    """The code of zeros that are read by a layer that maps them to something else."""
    return _code(f"zero {shape}")


def _code(text: str) -> bytes:
    """The hash of a text, as a code that is a number."""
    return _number(text.encode().ljust(_WIDTH + 1)).to_bytes(_WIDTH, "little")


def _number(code: bytes) -> int:
    """The number of a value: its code if that is a number, else the hash of the code."""
    if len(code) > _WIDTH:
        code = hashlib.blake2b(code, digest_size=_WIDTH).digest()
    return int.from_bytes(code, "little") % PRIME


def _fixed(code: bytes) -> bytes:
    """The number of a value, as bytes."""
    return code if len(code) == _WIDTH else _number(code).to_bytes(_WIDTH, "little")


def _short(code: bytes) -> bytes:
    """A code of at most LONGEST bytes: the number of its beginning, then the rest."""
    while len(code) > LONGEST:
        code = _fixed(code[:LONGEST]) + code[LONGEST:]
    return code


_INPUTS = [_code(f"input {number} of a cell") for number in range(2)]
_NOTHING = (0).to_bytes(_WIDTH, "little")
_NONE: Rows = frozenset()
_ONE: Rows = frozenset({0})
