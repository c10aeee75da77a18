"""The baselines of a run: measured by a worker once the search has ended, since its own process loads no scikit-learn.

They change nothing of the run. A baseline that cannot be measured is said, and nothing else follows from it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nas.baselines import Baselines, baselines_of, measure_baselines
from nas.data import Dataset
from nas.driver.executors.executor import Executor, Failed, Job
from nas.events import Notice, OnEvent
from nas.files import make_folder, read_bytes, remove, write_bytes
from nas.manifest import Manifest
from nas.runs.folder import BASELINES, HANDED_OVER
from nas.sealed import parse_record, record_bytes
from nas.space import Architecture
from nas.trial import Metrics, Proposal

BASELINE = "baseline"
"""The stage of the job (`Job.stage`)."""


@dataclass(frozen=True)
class Baselining:
    """The evaluator of the stage `BASELINE`. What it finds is more than metrics, so it leaves a file.

    Attributes:
        data: the data set.
        metrics: those that the networks are measured by.
        folder: where the file is left, which is made if it does not exist.
    """

    data: Dataset
    metrics: tuple[str, ...]
    folder: Path

    def __call__(self, arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        """Measures the baselines; the architecture is not used. Raises StorageError."""
        found = measure_baselines(self.data, self.metrics)
        make_folder(self.folder)
        write_bytes(self.folder / BASELINES, record_bytes(found.to_dict()))
        return {}


def measured_baselines(
    manifest: Manifest, data: Dataset, metrics: Sequence[str], arch: Architecture, executor: Executor, on_event: OnEvent
) -> Baselines | None:
    """The baselines of a run: those that were kept, or else an executor measures them.

    Args:
        manifest: the files of the run.
        data: the data set.
        metrics: those that the networks are measured by.
        arch: any network; a job has one.
        executor: does the job of the stage `BASELINE`, with a `Baselining` that leaves its file in `HANDED_OVER`.
        on_event: called with a notice of what they reach.

    Returns:
        The baselines; None if they cannot be measured, which a notice says.

    Raises:
        StorageError: a file cannot be read or written.
        Damaged: a file is corrupt.
    """
    settings = {"data": data.fingerprint, "metrics": list(metrics)}
    if (known := _kept(manifest, settings)) is not None:
        return known
    executor.submit(Job(-1, Proposal(arch), 0, stage=BASELINE, noted=False))
    (one,) = executor.next()
    if isinstance(one.outcome, Failed):
        on_event(Notice(f"the baselines cannot be measured: {one.outcome.error()}"))
        return None
    file = manifest.folder / HANDED_OVER / BASELINES
    found = baselines_of(parse_record(read_bytes(file), file))
    manifest.write_record(BASELINES, {"settings": settings, "baselines": found.to_dict()})
    remove(file)
    on_event(Notice(_said(found, data)))
    return found


def kept_baselines(manifest: Manifest, data: str) -> Baselines | None:
    """The baselines of a data set with this fingerprint; None if none were measured. Raises Damaged or StorageError."""
    record = manifest.read_record(BASELINES) if BASELINES in manifest else {}
    return baselines_of(record["baselines"]) if record and record["settings"]["data"] == data else None


def _said(found: Baselines, data: Dataset) -> str:
    metric = data.task.objective.metric
    failed = f"; the reference line cannot be measured: {found.failure}" if found.failure else ""
    return f"baselines: {found.beside(metric)}{failed}"


def _kept(manifest: Manifest, settings: Mapping[str, Any]) -> Baselines | None:
    record = manifest.read_record(BASELINES) if BASELINES in manifest else {}
    return baselines_of(record["baselines"]) if record and record["settings"] == settings else None
