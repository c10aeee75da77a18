"""The networks of a run as teachers, by name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from nas.data import Dataset
from nas.distillation.teacher import Teacher
from nas.errors import UsageError, few
from nas.final.ensemble import ensemble_of
from nas.final.finalist import weights_of
from nas.handover.handed import Handed
from nas.manifest import Manifest
from nas.model import Network
from nas.pages.run import FinalRow, RunSummary
from nas.runs.finalists import load_network
from nas.runs.folder import FINALISTS
from nas.space import Architecture

ENSEMBLE, LARGEST, SELF = "ensemble", "largest", "self"

TEACHERS: Mapping[str, str] = {
    ENSEMBLE: "all networks that the run trained in full, as one",
    LARGEST: "the one of them with the most parameters",
    SELF: "the student itself, trained alone (Furlanello et al. 2018)",
}
"""The teachers of a run, by name, each in a phrase."""


@dataclass(frozen=True)
class RunNetworks:
    """The networks that a run trained in full.

    Attributes:
        handed: the run.
        summary: what is known of it.
        data: its data set.
    """

    handed: Handed
    summary: RunSummary
    data: Dataset

    @cached_property
    def rows(self) -> Sequence[FinalRow]:
        """The finalists. Raises UsageError if the run is not finished."""
        if not self.summary.finalists:
            raise UsageError(f"{self.handed.folder} is not finished; `nas search` with --resume finishes it")
        return self.summary.finalists

    def network(self, row: FinalRow) -> Network:
        """The network of a finalist, on the CPU and in evaluation mode. Raises Damaged or StorageError."""
        name = f"{FINALISTS}/{weights_of(row.architecture)}"
        return load_network(Manifest(self.handed.folder), self.data, row.architecture, name)

    def student(self, wanted: int | str | None, what: str = "student") -> tuple[Architecture, int]:
        """The architecture of a network of the search, and the number of its trial.

        Args:
            wanted: the number of a trial, or the beginning of the id of its network; None: the selected network.
            what: what it is for, for errors.

        Raises:
            UsageError: there is no such trial, several begin so, or the run is not finished.
        """
        if wanted is None:
            (chosen,) = (row for row in self.rows if row.chosen)
            return chosen.architecture, chosen.trial
        number = int(wanted) if str(wanted).isdigit() and len(str(wanted)) < 9 else None
        found = {
            trial.architecture.id: (trial.architecture, trial.number)
            for trial in reversed(self.summary.trials)
            if trial.number == number or trial.architecture.id.startswith(str(wanted))
        }
        if number is not None:
            found = {id_: one for id_, one in found.items() if one[1] == number} or found
        if len(found) != 1:
            says = f"several networks begin so: {few(found)}" if found else "the run has no such network"
            raise UsageError(f"{what} {wanted!r}: {says}; expected the number of a trial or an id")
        return next(iter(found.values()))

    def teacher(self, name: str, student: Architecture) -> Teacher:
        """A teacher by name, other than `SELF`.

        Args:
            name: `ENSEMBLE` or `LARGEST`.
            student: what it teaches.

        Raises:
            UsageError: the run has no network that would differ from the student.
        """
        if name == ENSEMBLE:
            if len(self.rows) < 2:
                raise UsageError("an ensemble takes two networks that were trained in full, and the run has one")
            return Teacher(ensemble_of([self.network(row) for row in self.rows], self.data.task))
        largest = max(self.rows, key=lambda row: row.architecture.params)
        if largest.architecture.id == student.id:
            raise UsageError(
                f"the largest network that was trained in full is the student itself, {student.id}; name another "
                f"student, or the teacher {ENSEMBLE}"
            )
        return Teacher(self.network(largest))


def same_labels(teacher: Path | None, data: Dataset) -> bool:
    """Whether it is known that a teacher was trained on the same samples: it is of a run on the same data and was not
    trained on those of the validation part as well."""
    from nas.runs.config import CONFIG, load_config
    from nas.runs.folder import LAYOUT

    if teacher is None or not LAYOUT.is_that_of(teacher):
        return False
    config = load_config(teacher / CONFIG)
    return bool(config.recorded.get("data", {}).get("sha256") == data.fingerprint) and not config.final.join
