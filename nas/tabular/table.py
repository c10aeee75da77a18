"""Recorded results of architectures.

A table contains the results of training all architectures of a benchmark: validation accuracy and training time for
each row, run and budget. Test accuracies remain in the table, for reports: no evaluator returns them.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from nas.arguments import checked
from nas.errors import UsageError
from nas.ops import COSTS
from nas.space import Architecture, Space
from nas.tabular.members import Choices, Members

Floats = NDArray[np.float32]

OWN = ("val_acc", "val_acc_curve", "seconds", *COSTS)
"""The metrics of a table, whose names extras cannot have."""


def by_choices(arch: Architecture) -> Hashable:
    """The key of tables whose rows are identified by their decisions."""
    return arch.choices


@checked
@dataclass(frozen=True, eq=False)
class Table:
    """Recorded results of architectures.

    Attributes:
        name: includes data set and schedule, as in `nasbench201-cifar10-200`.
        space: the space of the architectures in the table. (In NAS-Bench-101, isomorphic cells share a row, and a
            space that is restricted to the rows contains one of them.)
        members: the decisions of each row.
        epochs: the recorded budgets, ascending; the last one is the full budget.
        val_acc: (rows, runs, epochs), fractions. A missing run is NaN at all epochs.
        test_acc: (rows, runs, epochs), with any number of runs, or None; for reports only, NaN where not recorded.
        seconds: (rows, runs, epochs), or None: training time up to that epoch in seconds; NaN where not recorded.
        extra: further metrics of each row, such as `latency_ms_pixel2`; NaN where not recorded.
        hidden: the same, for reports only.
        curves: whether the budgets are epochs of the same training; else each is a separate training.
        source: the origin of the results.
        key: the function by which architectures are looked up; it must be cheap.
        keys: the key of each row, if that is not its decisions.

    Raises:
        UsageError: array shapes are inconsistent, values are out of range, or two rows have the same key.
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
        """The architecture of a row. Raises UsageError if it is not a member of the space."""
        return (self.space.whole or self.space).rebuild(dict(self.members.choices(row)))

    def check_members(self) -> None:
        """Checks the architecture of every row, which takes about 0.1 ms each.

        Raises:
            UsageError: a row is not a member of the space, or is not found by its architecture.
        """
        for row in range(len(self)):
            try:
                arch = self.architecture(row)
            except UsageError as error:
                raise UsageError(
                    f"table {self.name}: row {row} is not a member of {self.space.name}: {error}"
                ) from error
            if self.rows.get(self.key(arch)) != row:
                raise UsageError(f"table {self.name}: row {row} is not found by its own architecture, {arch.id}")

    @cached_property
    def runs(self) -> NDArray[np.intp]:
        """(rows,) the number of recorded runs."""
        counts: NDArray[np.intp] = (~np.isnan(self.val_acc[:, :, 0])).sum(axis=1)
        return counts

    @cached_property
    def truths(self) -> NDArray[np.float64]:
        """(rows,) the mean validation accuracy of the recorded runs at the full budget."""
        means: NDArray[np.float64] = np.nanmean(self.val_acc[:, :, -1], axis=1, dtype=np.float64)
        return means

    @cached_property
    def tests(self) -> NDArray[np.float64] | None:
        """(rows,) the mean test accuracy at the full budget, NaN where not recorded; for reports only."""
        if self.test_acc is None:
            return None
        last = self.test_acc[:, :, -1].astype(np.float64)
        counts = (~np.isnan(last)).sum(axis=1)
        means: NDArray[np.float64] = np.where(counts > 0, np.nansum(last, axis=1) / np.maximum(counts, 1), np.nan)
        return means

    def truth(self, arch: Architecture) -> float:
        """The mean validation accuracy of an architecture at the full budget."""
        return float(self.truths[self.row(arch)])

    def test(self, arch: Architecture) -> float | None:
        """The mean test accuracy of an architecture; None if it is not recorded. For reports only."""
        if self.tests is None:
            return None
        value = float(self.tests[self.row(arch)])
        return None if np.isnan(value) else value

    @property
    def best(self) -> int:
        """The first row with the maximal truth."""
        return int(self.truths.argmax())

    @cached_property
    def optimum(self) -> float:
        """The maximal truth."""
        return float(self.truths.max())

    @cached_property
    def has_curves(self) -> bool:
        """Whether every epoch of the training is recorded, so that there is a learning curve."""
        return self.curves and len(self.epochs) > 1 and self.epochs == tuple(range(1, len(self.epochs) + 1))


def _show(choices: Choices) -> str:
    text = ", ".join(f"{name}={value}" for name, value in choices)
    return text if len(text) <= 400 else text[:400] + "…"
