"""Evaluations on the nodes of a Ray cluster, several at once.

Each worker is an actor that contains evaluations as worker processes of this machine do (`ray_slot.py`), and their
outcomes have the same names. A job whose node or actor is lost is evaluated again by another worker, with the same
result; after `LIVES` losses its trial counts as CRASH.
"""

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any

from nas.driver.executors.answers import answer_of
from nas.driver.executors.executor import Finished, Job, Outcome
from nas.driver.executors.ray_connection import Connection
from nas.driver.executors.ray_setup import Setup
from nas.driver.executors.results import Results
from nas.driver.executors.wire import Sent, pickled, raised
from nas.errors import ArchwrightError
from nas.events import EpochEnded, Notice, OnEvent, unread
from nas.interrupt import stop_if_asked

_POLL = 0.1
"""Seconds between two looks at signals."""


class RayWorkers:
    """An executor with workers on a Ray cluster. At the end of its context, all of them are ended.

    The cluster is connected to when the first job is submitted.

    Args:
        sent: the evaluator.
        setup: the cluster, and what is asked of it.
        on_event: called with a `TrialBegan` when a job is begun, with the epochs of its training, and with a `Notice`
            when a worker is lost.

    Raises:
        UsageError: there is no such cluster, it has no room for a worker, or the evaluator cannot be used in one.
        StorageError: the cluster is lost, or no worker can be started there.
    """

    def __init__(self, sent: Sent, setup: Setup, *, on_event: OnEvent = unread) -> None:
        self._sent, self._setup, self._post = sent, setup, on_event
        self._connection: Connection | None = None
        self._jobs: dict[int, Job] = {}  # by number: those that were submitted and are not finished
        self._results = Results(on_event)

    def __enter__(self) -> "RayWorkers":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    @property
    def slots(self) -> int:
        return self._connected().slots

    @property
    def clock(self) -> float:
        return self._results.clock

    def submit(self, job: Job) -> None:
        if self._results.answer(job):
            return
        self._jobs[job.number] = job
        self._connected().send(pickled((job.number, pickled(job))))

    def next(self) -> Sequence[Finished]:
        while not self._results:
            stop_if_asked()
            for message in self._connected().messages(_POLL):
                self._take(message)
        return self._results.take()

    def close(self) -> None:
        """Ends all workers, and the connection to the cluster."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _connected(self) -> Connection:
        if self._connection is None:
            self._connection = Connection(self._sent, self._setup)
        return self._connection

    def _take(self, message: Mapping[str, Any]) -> None:
        if "notice" in message:
            self._post(Notice(message["notice"]))
        elif "began" in message:
            self._results.begin(self._jobs[message["began"]])
        else:
            job = self._jobs.get(message.get("number", -1))
            answer = raised(message) if "raised" in message else answer_of(job, message)
            if isinstance(answer, ArchwrightError):
                raise answer
            if isinstance(answer, EpochEnded):
                self._post(EpochEnded(answer.number, answer.epoch, answer.metrics))  # by the clock of this machine
            elif job is not None and not isinstance(answer, Notice):
                self._finish(job, *answer, death=message["death"])

    def _finish(self, job: Job, outcome: Outcome, seconds: float, death: str = "") -> None:
        self._jobs.pop(job.number, None)
        self._results.finish(job, outcome, seconds, death)
