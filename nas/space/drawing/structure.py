"""Networks as trees: chains, parallel branches, and runs of equal parts."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from nas.ops import Merge, Op
from nas.space.architecture import Architecture
from nas.space.network.cell import CellLayer
from nas.space.network.layer import Layer


@dataclass(frozen=True)
class Step:
    """A block with the norms, activations and dropouts right after it; blocks are numbered from 1, in order."""

    blocks: tuple[int, ...]


@dataclass(frozen=True)
class Fork:
    """Branches that read the same value, and their merge; empty branches, which pass the value on, come last."""

    branches: tuple["Chain", ...]
    merge: int


@dataclass(frozen=True)
class Tangle:
    """Blocks that read one value and each other, but not as parallel branches; the last one is their output."""

    blocks: tuple[int, ...]


@dataclass(frozen=True)
class Run:
    """Equal chains in sequence."""

    copies: tuple["Chain", ...]


Part: TypeAlias = Step | Fork | Tangle | Run
Chain: TypeAlias = tuple[Part, ...]


def structure(arch: Architecture, *, exact: bool = True) -> Chain:
    """The network as parts, each of which reads the previous one.

    Of the two inputs of a cell, only the second one counts here. Copies of a cell that share their decisions are equal
    if their output shapes are; with `exact`, their input shapes must be equal as well, and so their costs are.
    """
    chain = _chain(arch, 0, range(1, len(arch.blocks) + 1))
    return _folded(arch, chain, lambda part: _key(arch, part, exact=exact))


def blocks_of(part: Part) -> Iterator[int]:
    """The numbers of all its blocks, in order."""
    match part:
        case Step() | Tangle():
            yield from part.blocks
        case Fork():
            for branch in part.branches:
                yield from (block for inner in branch for block in blocks_of(inner))
            yield part.merge
        case Run():
            for copy in part.copies:
                yield from (block for inner in copy for block in blocks_of(inner))


def last_of(part: Part) -> int:
    """The block that gives the output of a part."""
    *_, last = blocks_of(part)
    return last


def quiet(op: Op | Merge) -> bool:
    """Whether an op is drawn in the box of the layer before it: a norm, an activation or a dropout."""
    return isinstance(op, Op) and op.family == "plain"


def _reads(arch: Architecture, number: int) -> tuple[int, ...]:
    block = arch.blocks[number - 1]
    return block.inputs[-1:] if isinstance(block, CellLayer) else block.inputs


def _chain(arch: Architecture, entry: int, members: Sequence[int]) -> Chain:
    """The blocks `members`, which read `entry` and each other; the last one is their output."""
    place = {entry: 0, **{number: at for at, number in enumerate(members, 1)}}
    earliest = [len(members)] * (len(members) + 1)  # the earliest value that blocks from this index on read
    for at in range(len(members) - 1, -1, -1):
        read = (place[value] for value in _reads(arch, members[at]))
        earliest[at] = min(earliest[at + 1], *read)
    parts: list[Part] = []
    begin = 0
    for at in range(1, len(members) + 1):
        if earliest[at] >= at:  # nothing later reads an earlier value: a joint of the chain
            parts.append(_part(arch, entry, members[begin : at - 1], members[at - 1]))
            entry, begin = members[at - 1], at
    return tuple(_grouped(arch, parts))


def _part(arch: Architecture, entry: int, inner: Sequence[int], last: int) -> Part:
    """The part from one joint of a chain to the next one, `last`."""
    block = arch.blocks[last - 1]
    reads = _reads(arch, last)
    if not inner and len(reads) == 1:
        return Step((last,))
    groups: dict[int, list[int]] = {}  # the connected components without the two joints
    for number in inner:
        touched = {id(groups[value]): groups[value] for value in _reads(arch, number) if value in groups}
        group = sorted([number, *(other for found in touched.values() for other in found)])
        groups |= dict.fromkeys(group, group)
    ends = sorted({found[-1] for found in groups.values()})
    if isinstance(block, Layer) and isinstance(block.op, Merge) and ends == sorted(set(reads) - {entry}):
        joined = [value for value in reads if value != entry]
        if len(joined) == len(set(joined)):
            ordered = sorted((groups.get(value, []) for value in reads), key=lambda group: group or [last])
            return Fork(tuple(_chain(arch, entry, group) for group in ordered), last)
    return Tangle((*inner, last))


def _grouped(arch: Architecture, parts: Sequence[Part]) -> Iterator[Part]:
    """The parts, with norms and activations added to the step before them, unless that is a cell."""
    open_: tuple[int, ...] = ()
    for part in parts:
        if isinstance(part, Step) and open_ and _is_quiet(arch, part):
            open_ += part.blocks
            continue
        if open_:
            yield Step(open_)
            open_ = ()
        if isinstance(part, Step) and isinstance(arch.blocks[part.blocks[0] - 1], Layer):
            open_ = part.blocks
        else:
            yield part
    if open_:
        yield Step(open_)


def _is_quiet(arch: Architecture, part: Part) -> bool:
    block = arch.blocks[part.blocks[0] - 1] if isinstance(part, Step) else None
    return isinstance(block, Layer) and quiet(block.op)


def _folded(arch: Architecture, chain: Chain, key: Callable[[Part], Hashable]) -> Chain:
    """The chain with equal neighbours joined into runs, the shortest period first: `AABAAB` becomes 2 × (2 × A, B)."""
    parts = [
        Fork(tuple(_folded(arch, branch, key) for branch in part.branches), part.merge)
        if isinstance(part, Fork)
        else part
        for part in chain
    ]
    keys = [key(part) for part in parts]
    names = [_name(arch, part) for part in parts]
    quiets = [_is_quiet(arch, part) for part in parts]
    period = 1
    while period <= len(parts) // 2:
        done: list[Part] = []
        at = 0
        while at < len(parts):
            equal = _equal(keys, at, period)
            begin = _beginning(names, quiets, at, equal, period) if equal >= period else at
            count = (equal - begin + at) // period + 1
            if count > 1:
                done += parts[at:begin]
                at, end = begin, begin + count * period
                done.append(Run(tuple(tuple(parts[one : one + period]) for one in range(at, end, period))))
                at = end
            else:
                done.append(parts[at])
                at += 1
        if len(done) < len(parts):
            parts, keys = done, [key(part) for part in done]
            names = [_name(arch, part) for part in parts]
            quiets = [_is_quiet(arch, part) for part in parts]
        period += 1
    return tuple(parts)


def _equal(keys: Sequence[Hashable], at: int, period: int) -> int:
    """The number of parts from `at` on that equal the part one period later."""
    end = at
    while end + period < len(keys) and keys[end] == keys[end + period]:
        end += 1
    return end - at


def _beginning(names: Sequence[Hashable], quiets: Sequence[bool], first: int, equal: int, period: int) -> int:
    """The beginning of a run that may begin at `first` or later, as in `aBaBa`: not with a norm or an activation.

    Otherwise aligned with the preceding parts, as far as these have the same ops: in `Ab AB AB Cd`, the B of one pair
    and the A of the next do not form a pair.
    """
    origin = first
    while origin > 0 and names[origin - 1] == names[origin - 1 + period]:
        origin -= 1
    # At most `equal % period` later, the number of copies is the same.
    later = period - 1 if first - origin >= period else equal % period
    places = range(first, first + later + 1)
    return min(places, key=lambda at: (quiets[at], (at - origin) % period))


def _name(arch: Architecture, part: Part) -> Hashable:
    """The op of a part, without its arguments."""
    match part:
        case Run():
            return tuple(_name(arch, inner) for inner in part.copies[0])
        case Fork():
            return arch.blocks[part.merge - 1].op.name, len(part.branches)
        case Step() | Tangle():
            return arch.blocks[part.blocks[0] - 1].op.name, len(part.blocks) if isinstance(part, Tangle) else 0


def _key(arch: Architecture, part: Part, *, exact: bool) -> Hashable:
    """A key that is equal for parts that are equal except for their position."""
    match part:
        case Step() | Tangle():
            first = part.blocks[0]
            return tuple(_block_key(arch, number, first, exact=exact) for number in part.blocks)
        case Fork():
            branches = tuple(tuple(_key(arch, inner, exact=exact) for inner in branch) for branch in part.branches)
            return branches, _block_key(arch, part.merge, part.merge, exact=exact)
        case Run():
            return len(part.copies), tuple(_key(arch, inner, exact=exact) for inner in part.copies[0])


def _block_key(arch: Architecture, number: int, first: int, *, exact: bool) -> Hashable:
    block = arch.blocks[number - 1]
    if isinstance(block, CellLayer):
        return block.op.name, block.output, block.op if exact else None
    shapes = [arch.input if value == 0 else arch.blocks[value - 1].output for value in block.inputs]
    # The inputs of a block matter only in a tangle; a merge reads the ends of its branches.
    reads = (
        ()
        if isinstance(block.op, Merge) and number == first
        else tuple(max(first - 1, v) - first for v in block.inputs)
    )
    return block.op.text, block.output, tuple(shapes), reads
