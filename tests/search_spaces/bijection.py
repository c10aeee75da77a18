"""Whether two networks compute the same under a bijection of their layers: by running them, and by nothing else.

Two layers are matched if they do the same, and read equal values; where several may be, all are tried. Then the weights
are carried over, and the real networks have to give the same.

No equations of mathematics are looked for but those of sums, products and zeros: functions without weights are replaced
by others (`freed`), of which no other equations hold.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from nas.model.build import Network
from nas.ops import Add, Concat, Merge, Multiply, Shape
from nas.ops.conv_modules import TwoPhases
from nas.ops.spectrogram_modules import SpectrogramMasks
from tests.search_spaces.drawn import Drawn, equal, live_places, read_by

MOST_TRIED = 10_000
"""How many states of a search are seen before it is given up."""


def compute_the_same(a: Drawn, b: Drawn) -> bool:
    """Whether there is a bijection. If so, the real networks are held to it: their outputs and live parameters."""
    found = bijection(a, b)
    if found is None or not carry(a, b, found):
        return False
    assert equal(a.network(a.input), b.network(b.input))
    assert live_shapes(a.network, a.input) == live_shapes(b.network, b.input)
    return True


class Bijection(NamedTuple):
    """Of the live steps of one network onto those of another, and the order of its rows of channels there.

    Attributes:
        steps: step to step.
        rows: of steps that put channels in a row: which part of it stands in each place there.
    """

    steps: Mapping[int, int]
    rows: Mapping[int, tuple[int, ...]]


class _Search:
    """Finds a bijection of `b` onto `a`; values of `b` are told by their numbers in `a`, in the order of rows there."""

    def __init__(self, a: Drawn, b: Drawn) -> None:
        self.a, self.b = a, b
        self._given: dict[tuple[object, ...], int] = {}
        self._failed: set[tuple[object, ...]] = set()
        self._candidates: dict[tuple[int, int], list[int]] = {}
        for place in a.live:
            self._candidates.setdefault((a.kind(place), a.numbers[a.steps[place].reads[0]]), []).append(place)
        self._rows: dict[tuple[int, ...], list[int]] = {}
        for place, (act, reads) in enumerate(a.steps):
            if isinstance(act, Concat):
                self._rows.setdefault(tuple(sorted(a.numbers[read] for read in reads)), []).append(place)
        self._live = set(b.live)
        self._last = [0] * (len(b.steps) + 1)
        for place, (_, reads) in enumerate(b.steps):
            for read in reads:
                self._last[read] = place

    def found(self, values: Sequence[int], steps: Mapping[int, int]) -> Bijection | None:
        """With these values so far, and these steps matched."""
        values, steps = list(values), dict(steps)
        for place in range(len(values) - 1, len(self.b.steps)):
            reads = [values[read] for read in self.b.steps[place].reads]
            if place not in self._live:
                values.append(self._gives(place, reads))
                continue
            used = set(steps.values())
            alike = self._candidates.get((self.b.kind(place), reads[0]), ())
            free = [one for one in alike if one not in used]
            if len(free) == 1:
                steps[place] = free[0]
                values.append(self.a.numbers[free[0] + 1])
                continue
            left = tuple(number for value, number in enumerate(values) if self._last[value] >= place)
            state = place, left, frozenset(used)
            if state in self._failed:
                return None
            for one in free:
                found = self.found([*values, self.a.numbers[one + 1]], {**steps, place: one})
                if found is not None:
                    return found
            self._failed.add(state)
            assert len(self._failed) < MOST_TRIED
            return None
        if values[-1] != self.a.numbers[-1]:
            return None
        return Bijection(steps, dict(self._orders(values)))

    def _gives(self, place: int, reads: list[int]) -> int:
        act, kind = self.b.steps[place].act, self.b.kinds[place]
        if isinstance(act, Concat) and (row := self._row(reads)) is not None:
            return self.a.numbers[row + 1]
        key = (act.text if isinstance(act, Merge) else place if kind is None or kind.own else kind, *reads)
        if key not in self._given:
            with torch.no_grad():
                given = self.b.gives(place, [self.a.values.tensors[read] for read in reads])
            self._given[key] = self.a.values.number(given)
        return self._given[key]

    def _row(self, reads: list[int]) -> int | None:
        """A row of the other network that has the same parts, in the same order if there is one."""
        rows = self._rows.get(tuple(sorted(reads)), [])
        return min(rows, key=lambda row: self._parts(row) != reads, default=None)

    def _parts(self, row: int) -> list[int]:
        return [self.a.numbers[read] for read in self.a.steps[row].reads]

    def _orders(self, values: Sequence[int]) -> Iterator[tuple[int, tuple[int, ...]]]:
        for place, (act, reads) in enumerate(self.b.steps):
            parts = [values[read] for read in reads]
            if isinstance(act, Concat) and (row := self._row(parts)) is not None:
                there: list[int | None] = [*self._parts(row)]
                order = []
                for part in parts:
                    order.append(there.index(part))
                    there[order[-1]] = None
                yield place, tuple(order)


def bijection(a: Drawn, b: Drawn) -> Bijection | None:
    """One under which `b` computes what `a` does; None: there is none."""
    if Counter(map(a.kind, a.live)) != Counter(map(b.kind, b.live)):
        return None
    return _Search(a, b).found([a.numbers[0]], {})


def carry(a: Drawn, b: Drawn, found: Bijection) -> bool:
    """Gives the layers of `b` the weights of those of `a`. False if a row of channels has no other order there."""
    orders = _orders(b, found)
    if orders is None:
        return False
    for place, source in found.steps.items():
        act, other = b.steps[place].act, a.steps[source].act
        assert isinstance(act, nn.Module)
        assert isinstance(other, nn.Module)
        inward, outward = orders[b.steps[place].reads[0]], orders[place + 1]
        carried = {name: tensor.clone() for name, tensor in other.state_dict().items()}
        for name, tensor in carried.items():
            if outward is not None and not isinstance(act, TwoPhases) and tensor.dim():
                tensor = tensor[outward]
            if inward is not None and tensor.dim() > 1 and tensor.shape[1] == len(inward):
                tensor = tensor[:, inward]
            carried[name] = tensor
        if [*map(Tensor.size, act.parameters())] == [*map(Tensor.size, other.parameters())]:
            act.load_state_dict(carried)
        else:  # weights that nothing depends on are not counted
            shape = tuple(b.values.tensors[b.numbers[b.steps[place].reads[0]]].shape[1:])
            live, there = (live_places(one, read_by(one, shape)) for one in (act, other))
            with torch.no_grad():
                for weight, places, tensor, others in zip(act.parameters(), live, carried.values(), there, strict=True):
                    weight[places] = tensor[others]
    return True


def _orders(b: Drawn, found: Bijection) -> list[Tensor | None] | None:
    """Of each value of `b` the channels that stand in its places in the other network; None if they are in its order.

    Values whose channels are tied have one order. That of the input, of the output and of what reads places is none
    but that of the other network. None if so there is no order.
    """
    groups = list(range(len(b.steps) + 1))

    def group(value: int) -> int:
        while groups[value] != value:
            value = groups[value]
        return value

    fixed = [0, len(b.steps)]
    for value, ((act, reads), kind) in enumerate(zip(b.steps, b.kinds, strict=True), 1):
        channels = b.values.tensors[b.numbers[reads[0]]].shape[1]
        if isinstance(act, Concat):
            fixed += reads
        elif isinstance(act, Add | Multiply) or (kind is not None and (kind.nothing or kind.alike)) or _each(act):
            for read in reads:
                groups[group(read)] = group(value)
        elif isinstance(act, TwoPhases):
            fixed.append(value)
        elif not isinstance(act, nn.Linear | nn.Conv1d | nn.Conv2d) or act.weight.shape[1] != channels:
            fixed += [value, *reads]
    orders: dict[int, Tensor] = {}
    for place, row in found.rows.items():
        widths = [0] * len(row)
        for read, part in zip(b.steps[place].reads, row, strict=True):
            widths[part] = b.values.tensors[b.numbers[read]].shape[1]
        begins = [sum(widths[:part]) for part in row]
        order = torch.cat([torch.arange(begin, begin + widths[part]) for begin, part in zip(begins, row, strict=True)])
        if not torch.equal(orders.setdefault(group(place + 1), order), order):
            return None
    orders = {of: order for of, order in orders.items() if not torch.equal(order, torch.arange(len(order)))}
    if any(group(value) in orders for value in fixed):
        return None
    return [orders.get(group(value)) for value in range(len(b.steps) + 1)]


def _each(act: nn.Module | Merge) -> bool:
    """Whether it is a layer with weights, or a random one, that treats each channel alike, with weights of its own."""
    if isinstance(act, nn.Conv1d | nn.Conv2d):
        return act.groups == act.in_channels == act.out_channels
    return isinstance(act, nn.BatchNorm1d | nn.BatchNorm2d | nn.Dropout | SpectrogramMasks)


def live_shapes(network: Network, x: Tensor) -> Counter[Shape]:
    """Of each parameter how many places along each axis the output depends on; none of those on which it does not."""
    found: Counter[Shape] = Counter()
    for live in live_places(network, x):
        if live.any():
            found[tuple(len(set(places.tolist())) for places in live.nonzero(as_tuple=True))] += 1
    return found
