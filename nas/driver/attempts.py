"""Evaluations in which the process dies, for a search that starts from the beginning when it is resumed.

No trial of such a search is logged before its end, so notes are kept by network. A network that caused a fatal signal,
or in whose evaluation too many processes ended (`nas.driver.deaths`), is not evaluated again: its evaluations fail,
also when the search is resumed again.
"""

import contextlib
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from nas.driver.deaths import Begun, FaultLog, fault_log
from nas.driver.executors.executor import Job
from nas.errors import EvaluationFailed, FailureKind, StorageError
from nas.files import read_bytes, write_text
from nas.sealed import sealed, unsealed


class Attempts:
    """The notes of one search, in a file.

    Args:
        path: the file; a damaged one counts as empty, since notes are only hints.
        log: the report of fatal signals of this process, with what the process before it died of.
    """

    def __init__(self, path: Path, log: FaultLog) -> None:
        self._path, self._log = path, log
        self._notes, begun = _read(path)
        if log.earlier and begun in self._notes:
            self._notes[begun] = replace(self._notes[begun], fault=log.earlier)
            self._save("")
        log.clear()

    @classmethod
    @contextlib.contextmanager
    def opened(cls, path: Path) -> Iterator["Attempts"]:
        """The notes at `path`, with a report of fatal signals beside it. Raises StorageError."""
        with fault_log(path.with_suffix(".fault")) as log:
            yield cls(path, log)

    @contextlib.contextmanager
    def around(self, job: Job) -> Iterator[None]:
        """The context of an evaluation in which the process may die.

        Raises:
            EvaluationFailed: CRASH, processes died in the evaluation of this network.
            StorageError: the note cannot be written.
        """
        if job.answer is not None:  # nothing is evaluated
            yield
            return
        network = job.proposal.architecture.id
        before = self._notes.get(network, Begun(0, network))
        note = before if before.reason else before.again(0, network)
        self._notes[network] = note
        if note.reason is not None:
            self._save("")
            raise EvaluationFailed(FailureKind.CRASH, note.reason)
        self._log.clear()  # of what died of a child of this process, such as a worker that loads data
        self._save(network)
        try:
            yield
        except BaseException:
            self._notes[network] = before
            with contextlib.suppress(StorageError):
                self._save("")
            raise
        del self._notes[network]
        self._save("")

    def _save(self, begun: str) -> None:
        notes = [note.stored() for note in self._notes.values() if note.times]
        write_text(self._path, json.dumps(sealed({"begun": begun, "notes": notes})))


def _read(path: Path) -> tuple[dict[str, Begun], str]:
    """The notes by network, and the network whose evaluation was begun and had not ended."""
    try:
        record = unsealed(json.loads(read_bytes(path)))
        notes = [Begun.of(note) for note in record["notes"]]
        return {note.architecture: note for note in notes}, str(record["begun"])
    except (StorageError, ValueError, KeyError, TypeError):
        return {}, ""
