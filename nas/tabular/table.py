"""Published results of architectures, and the evaluator that looks them up.

A table holds what was recorded when every architecture of a benchmark was trained: for each row, run and budget the
validation accuracy and the training seconds. `Tabular` answers with one recorded run, which is the noise that a real
search would see. Test accuracies stay in the table, for reports: no evaluator gives them.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from nas.arguments import checked
from nas.errors import UsageError
from nas.space import Architecture, Space, Value
from nas.trial import Metrics

Choices = tuple[tuple[str, Value], ...]
"""Decisions as in `Architecture.choices`."""

Floats = NDArray[np.float32]

OWN = ("val_acc", "val_acc_curve", "seconds", "params", "macs")
"""Metrics whose names extras may not have."""

NOT_REACHED = -1


@dataclass(frozen=True, eq=False)
class Members:
    """The architectures of a table: what each row decides, as codes.

    Attributes:
        names: of the decisions, in an order that agrees with the walk to every row.
        options: for each name the values that its codes stand for.
        codes: (rows, names), int16; NOT_REACHED where a row does not come to a decision.
    """

    names: tuple[str, ...]
    options: tuple[tuple[Value, ...], ...]
    codes: NDArray[np.int16]

    def __post_init__(self) -> None:
        if self.codes.ndim != 2 or self.codes.shape[1] != len(self.names) or len(self.names) != len(self.options):
            raise UsageError(f"codes of shape {self.codes.shape} do not fit {len(self.names)} decisions")
        counts = np.array([len(options) for options in self.options])
        wrong = np.argwhere((self.codes < NOT_REACHED) | (self.codes >= counts))
        if len(wrong):
            row, column = map(int, wrong[0])
            code, name = int(self.codes[row, column]), self.names[column]
            raise UsageError(f"row {row}: {name} has code {code}, expected {NOT_REACHED} to {counts[column] - 1}")

    def __len__(self) -> int:
        return len(self.codes)

    def __iter__(self) -> Iterator[Choices]:
        return iter(self.all_choices())

    def __contains__(self, choices: object) -> bool:
        return choices in self.all_choices()

    @cached_property
    def _pairs(self) -> list[list[tuple[str, Value]]]:
        return [[(name, value) for value in options] for name, options in zip(self.names, self.options, strict=True)]

    def choices(self, row: int) -> Choices:
        """The decisions of a row."""
        codes = self.codes[row].tolist()
        return tuple(pairs[code] for pairs, code in zip(self._pairs, codes, strict=True) if code >= 0)

    def all_choices(self) -> list[Choices]:
        """The decisions of every row."""
        pairs = self._pairs
        complete = self.codes.size == 0 or bool(self.codes.min() >= 0)
        if complete:
            columns = [list(map(pairs[k].__getitem__, self.codes[:, k].tolist())) for k in range(len(pairs))]
            return list(zip(*columns, strict=True)) if columns else [()] * len(self)
        return [self.choices(row) for row in range(len(self))]

    def take(self, rows: Sequence[int] | NDArray[np.intp]) -> "Members":
        """Some of the rows, in this order."""
        return Members(self.names, self.options, self.codes[np.asarray(rows, dtype=np.intp)])


def members_of(rows: Sequence[Choices]) -> Members:
    """The members with these decisions, each row in the order of its walk.

    Raises:
        UsageError: two rows meet the same decisions in different orders.
    """
    order: TopologicalSorter[str] = TopologicalSorter()
    options: dict[str, dict[Value, int]] = {}
    for choices in rows:
        previous: list[str] = []
        for name, value in choices:
            order.add(name, *previous)
            previous = [name]
            found = options.setdefault(name, {})
            found.setdefault(value, len(found))
    try:
        names = tuple(order.static_order())
    except CycleError as error:
        raise UsageError(f"the order of decisions differs between rows: {error.args[1]}") from error
    place = {name: k for k, name in enumerate(names)}
    codes = np.full((len(rows), len(names)), NOT_REACHED, dtype=np.int16)
    for row, choices in enumerate(rows):
        for name, value in choices:
            codes[row, place[name]] = options[name][value]
    return Members(names, tuple(tuple(options[name]) for name in names), codes)


def by_choices(arch: Architecture) -> Hashable:
    """The key of a table whose rows are told apart by their decisions."""
    return arch.choices


@checked
@dataclass(frozen=True, eq=False)
class Table:
    """Recorded results of architectures.

    Attributes:
        name: says data set and schedule too, as in `nasbench201-cifar10-200`.
        space: its members are what the table knows. (Of NAS-Bench-101 isomorphic cells are one row; a space that is
            kept to the rows has one of them.)
        members: what each row decides.
        epochs: the recorded budgets, ascending; the last one is the full one.
        val_acc: (rows, runs, epochs), fractions. A run that is not recorded is NaN at all epochs.
        test_acc: (rows, any number of runs, epochs), or None; for reports only, and NaN where nothing is recorded.
        seconds: (rows, runs, epochs), or None: training seconds up to that epoch; NaN where not recorded.
        extra: further metrics of a row, such as `latency_ms_pixel2`; NaN where not recorded.
        hidden: the same, for reports only.
        curves: whether the budgets are moments of one training; else each is a training of its own.
        source: where the numbers are from.
        key: what architectures are looked up by; cheap.
        keys: the key of each row, where it is not its decisions.

    Raises:
        UsageError: arrays that do not fit together, values out of range, or two rows with one key.
    """

    name: str
    space: Space
    members: Members
    epochs: tuple[int, ...]
    val_acc: Floats
    test_acc: Floats | None = None
    seconds: Floats | None = None
    extra: Mapping[str, Floats] = field(default_factory=dict)
    hidden: Mapping[str, Floats] = field(default_factory=dict)
    curves: bool = True
    source: str = ""
    key: Callable[[Architecture], Hashable] = by_choices
    keys: Sequence[Hashable] | None = None

    def __post_init__(self) -> None:
        rows, epochs = len(self), self.epochs
        if not rows:
            raise UsageError(f"table {self.name}: there are no rows")
        if not epochs or epochs[0] < 1 or any(a >= b for a, b in pairwise(epochs)):
            raise UsageError(f"table {self.name}: epochs must be positive and ascend, got {epochs}")
        for name, array in (("val_acc", self.val_acc), ("test_acc", self.test_acc), ("seconds", self.seconds)):
            if array is not None and (array.ndim != 3 or (len(array), array.shape[2]) != (rows, len(epochs))):
                expected = f"({rows}, runs, {len(epochs)})"
                raise UsageError(f"table {self.name}: {name} has shape {array.shape}, expected {expected}")
        if self.seconds is not None and self.seconds.shape != self.val_acc.shape:
            raise UsageError(
                f"table {self.name}: seconds has shape {self.seconds.shape}, expected that of val_acc, "
                f"{self.val_acc.shape}"
            )
        for name, values in {**self.extra, **self.hidden}.items():
            if values.shape != (rows,):
                raise UsageError(f"table {self.name}: {name} has shape {values.shape}, expected ({rows},)")
        for name in self.extra:
            if name in OWN or name.startswith("test_") or name.endswith("_curve"):
                raise UsageError(f"table {self.name}: {name!r} cannot be an extra metric")
        self._check_values()
        self._check_keys()

    def _check_values(self) -> None:
        recorded = ~np.isnan(self.val_acc)
        partly = np.argwhere(recorded.any(axis=2) & ~recorded.all(axis=2))
        if len(partly):
            row, run = map(int, partly[0])
            raise UsageError(
                f"table {self.name}: row {row}, run {run}: val_acc is NaN at some epochs and not at others"
            )
        none = np.flatnonzero(~recorded.any(axis=(1, 2)))
        if len(none):
            raise UsageError(f"table {self.name}: row {int(none[0])}: val_acc is NaN in every run")
        for name, array, most in (
            ("val_acc", self.val_acc, 1.0),
            ("test_acc", self.test_acc, 1.0),
            ("seconds", self.seconds, np.finfo(np.float32).max),
        ):
            if array is None:
                continue
            wrong = np.argwhere((array < 0) | (array > most))
            if len(wrong):
                row, run, place = map(int, wrong[0])
                expected = "a fraction in [0, 1]" if most == 1 else "0 or more"
                value = float(array[row, run, place])
                raise UsageError(f"table {self.name}: row {row}, run {run}: {name} is {value:g}, expected {expected}")

    def _check_keys(self) -> None:
        if self.keys is not None and len(self.keys) != len(self):
            raise UsageError(f"table {self.name}: {len(self.keys)} keys for {len(self)} rows")
        if len(self.rows) == len(self):
            return
        seen: dict[Hashable, int] = {}
        for row, key in enumerate(self._all_keys):
            first = seen.setdefault(key, row)
            if first != row:
                shown = _show(self.members.choices(row))
                raise UsageError(f"table {self.name}: rows {first} and {row} are the same architecture: {shown}")

    def __len__(self) -> int:
        return len(self.members)

    @cached_property
    def _all_keys(self) -> Sequence[Hashable]:
        return self.members.all_choices() if self.keys is None else self.keys

    @cached_property
    def rows(self) -> Mapping[Hashable, int]:
        """Key to row."""
        return dict(zip(self._all_keys, range(len(self)), strict=True))

    def row(self, arch: Architecture) -> int:
        """The row of an architecture. Raises UsageError if the table has none."""
        row = self.rows.get(self.key(arch))
        if row is None:
            share = f"{len(self):,} architectures"
            raise UsageError(f"table {self.name} ({share}) lacks {arch.id}: {_show(arch.choices)}")
        return row

    def __contains__(self, arch: Architecture) -> bool:
        return self.key(arch) in self.rows

    def architecture(self, row: int) -> Architecture:
        """The architecture of a row. Raises UsageError if it is no member of the space."""
        return (self.space.whole or self.space).rebuild(dict(self.members.choices(row)))

    def check_members(self) -> None:
        """Builds the architecture of every row, which takes some 0.1 ms each. Raises UsageError at the first misfit."""
        for row in range(len(self)):
            try:
                arch = self.architecture(row)
            except UsageError as error:
                raise UsageError(f"table {self.name}: row {row} is no member of {self.space.name}: {error}") from error
            if self.rows.get(self.key(arch)) != row:
                raise UsageError(f"table {self.name}: row {row} is not found by its own architecture, {arch.id}")

    @cached_property
    def runs(self) -> NDArray[np.intp]:
        """(rows,) how many runs are recorded of each row."""
        counts: NDArray[np.intp] = (~np.isnan(self.val_acc[:, :, 0])).sum(axis=1)
        return counts

    @cached_property
    def truths(self) -> NDArray[np.float64]:
        """(rows,) mean validation accuracy of the recorded runs at the full budget."""
        means: NDArray[np.float64] = np.nanmean(self.val_acc[:, :, -1], axis=1, dtype=np.float64)
        return means

    @cached_property
    def tests(self) -> NDArray[np.float64] | None:
        """(rows,) mean test accuracy at the full budget, NaN where none is recorded; for reports only."""
        if self.test_acc is None:
            return None
        last = self.test_acc[:, :, -1].astype(np.float64)
        counts = (~np.isnan(last)).sum(axis=1)
        means: NDArray[np.float64] = np.where(counts > 0, np.nansum(last, axis=1) / np.maximum(counts, 1), np.nan)
        return means

    def truth(self, arch: Architecture) -> float:
        """The mean of the recorded runs of an architecture at the full budget."""
        return float(self.truths[self.row(arch)])

    def test(self, arch: Architecture) -> float | None:
        """The mean test accuracy of an architecture; None where none is recorded. For reports only."""
        if self.tests is None:
            return None
        value = float(self.tests[self.row(arch)])
        return None if np.isnan(value) else value

    @property
    def best(self) -> int:
        """The row of the largest truth, of ties the first."""
        return int(self.truths.argmax())

    @cached_property
    def optimum(self) -> float:
        """The largest truth."""
        return float(self.truths.max())

    @cached_property
    def has_curves(self) -> bool:
        """Whether every epoch of a training is recorded, so that there is a curve of one number an epoch."""
        return self.curves and len(self.epochs) > 1 and self.epochs == tuple(range(1, len(self.epochs) + 1))


_MASK = (1 << 64) - 1


def mix(number: int) -> int:
    """64 bits that look random, from any integer (SplitMix64; Steele, Lea & Flood 2014)."""
    z = (number * 0x9E3779B97F4A7C15 + 0x9E3779B97F4A7C15) & _MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
    return z ^ (z >> 31)


@checked
@dataclass(frozen=True, eq=False)
class Tabular:
    """Looks architectures up in a table: an evaluator that trains nothing.

    It answers with one recorded run, chosen by the seed and the row, each equally likely; a seed gives the same run at
    every budget of a curve. Metrics are `val_acc`, `seconds` (where recorded), `params` and `macs` (ours, by the
    arithmetic of the space), the extras of the row, and `val_acc_curve` where every epoch is recorded. A metric that is
    not recorded for a row is left out. Test accuracies are not among them.
    """

    table: Table

    @cached_property
    def _places(self) -> Mapping[int | None, int]:
        epochs = self.table.epochs
        return {None: len(epochs) - 1, **{epoch: place for place, epoch in enumerate(epochs)}}

    @cached_property
    def _recorded(self) -> list[list[int]] | None:
        """For each row its recorded runs; None: every run of every row."""
        recorded = ~np.isnan(self.table.val_acc[:, :, 0])
        return None if recorded.all() else [np.flatnonzero(row).tolist() for row in recorded]

    @cached_property
    def _extra(self) -> tuple[tuple[str, ...], NDArray[np.float32]]:
        names = tuple(self.table.extra)
        columns = [np.asarray(self.table.extra[name], dtype=np.float32) for name in names]
        return names, np.stack(columns, axis=1) if columns else np.zeros((len(self.table), 0), dtype=np.float32)

    @cached_property
    def _costs(self) -> dict[int, tuple[float, float]]:
        return {}

    def _cost(self, arch: Architecture, row: int) -> tuple[float, float]:
        """Parameters and MACs, remembered where all architectures of a row are one."""
        found = self._costs.get(row)
        if found is None:
            found = (float(arch.params), float(arch.macs))
            if self.table.keys is None:
                self._costs[row] = found
        return found

    def run(self, row: int, *, seed: int) -> int:
        """Which of the recorded runs of a row a seed shows."""
        if self._recorded is None:
            return mix(seed ^ mix(row)) % int(self.table.val_acc.shape[1])
        recorded = self._recorded[row]
        return recorded[mix(seed ^ mix(row)) % len(recorded)]

    @property
    def space(self) -> Space:
        """What the table knows."""
        return self.table.space

    @property
    def full_epochs(self) -> int:
        """The full budget."""
        return self.table.epochs[-1]

    @property
    def metrics(self) -> tuple[str, ...]:
        """What it reports that can be an objective."""
        seconds = () if self.table.seconds is None else ("seconds",)
        return ("val_acc", *seconds, "params", "macs", *self.table.extra)

    def __call__(self, arch: Architecture, *, epochs: int | None = None, seed: int) -> Metrics:
        """The recorded metrics of an architecture.

        Args:
            arch: a member of the table.
            epochs: one of the recorded budgets; None: the full one.
            seed: which of the recorded runs.

        Raises:
            UsageError: the table lacks the architecture, or the budget.
        """
        table = self.table
        row = table.row(arch)
        place = self._places.get(epochs)
        if place is None:
            known = ", ".join(map(str, table.epochs))
            raise UsageError(f"table {table.name} has no results at {epochs} epochs; recorded are {known}")
        run = self.run(row, seed=seed)
        metrics: dict[str, float | tuple[float, ...]] = {"val_acc": table.val_acc.item(row, run, place)}
        if table.seconds is not None:
            seconds = table.seconds.item(row, run, place)
            if seconds == seconds:
                metrics["seconds"] = seconds
        metrics["params"], metrics["macs"] = self._cost(arch, row)
        names, values = self._extra
        if names:
            metrics.update(
                (name, value) for name, value in zip(names, values[row].tolist(), strict=True) if value == value
            )
        if table.has_curves:
            metrics["val_acc_curve"] = tuple(table.val_acc[row, run, : place + 1].tolist())
        return metrics


def _show(choices: Choices) -> str:
    text = ", ".join(f"{name}={value}" for name, value in choices)
    return text if len(text) <= 400 else text[:400] + "…"
