"""The evaluator that looks results up in a table."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from nas.arguments import checked
from nas.errors import UsageError
from nas.ops import COSTS
from nas.space import Architecture, Space
from nas.tabular.table import Table
from nas.trial import Metrics

_MASK = (1 << 64) - 1


def mix(number: int) -> int:
    """A 64-bit hash of any integer (SplitMix64; Steele, Lea & Flood 2014)."""
    z = (number * 0x9E3779B97F4A7C15 + 0x9E3779B97F4A7C15) & _MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
    return z ^ (z >> 31)


@checked
@dataclass(frozen=True, eq=False)
class Tabular:
    """An evaluator that looks results up in a table.

    It returns one recorded run, as noisy as a real training. Seed and row determine the run, with equal probabilities;
    the same seed selects the same run at every budget. Metrics are `val_acc`, `seconds`, `params` and `macs` (computed
    by the space), the extras of the row, and `val_acc_curve` if every epoch is recorded. Metrics that are not recorded
    for a row are omitted. Test accuracies are never returned.

    Attributes:
        table: the table.
    """

    table: Table

    @cached_property
    def _places(self) -> Mapping[int | None, int]:
        epochs = self.table.epochs
        return {None: len(epochs) - 1, **{epoch: place for place, epoch in enumerate(epochs)}}

    @cached_property
    def _recorded(self) -> list[list[int]] | None:
        """The recorded runs of each row; None if all runs are recorded."""
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
        """Parameters and MACs, cached if a row stands for a single architecture."""
        found = self._costs.get(row)
        if found is None:
            found = (float(arch.params), float(arch.macs))
            if self.table.keys is None:
                self._costs[row] = found
        return found

    def run(self, row: int, *, seed: int) -> int:
        """The index of the recorded run of a row that a seed selects."""
        if self._recorded is None:
            return mix(seed ^ mix(row)) % int(self.table.val_acc.shape[1])
        recorded = self._recorded[row]
        return recorded[mix(seed ^ mix(row)) % len(recorded)]

    @property
    def space(self) -> Space:
        """The space of the table."""
        return self.table.space

    @property
    def full_epochs(self) -> int:
        """The full budget."""
        return self.table.epochs[-1]

    @property
    def metrics(self) -> tuple[str, ...]:
        """The reported metrics that can be objectives."""
        seconds = () if self.table.seconds is None else ("seconds",)
        return ("val_acc", *seconds, *COSTS, *self.table.extra)

    def __call__(self, arch: Architecture, *, epochs: int | None = None, seed: int) -> Metrics:
        """The recorded metrics of an architecture.

        Args:
            arch: an architecture of the table.
            epochs: one of the recorded budgets; None: the full budget.
            seed: selects the recorded run.

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
