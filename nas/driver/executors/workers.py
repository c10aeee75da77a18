"""Evaluations in worker processes, several at once.

The driver trains nothing, and nothing that a candidate does can end it. A candidate that ends its worker fails its
trial, with the signal or the exit code as the cause:

* A fatal signal (a segmentation fault, an abort) or an exit is CRASH.
* No progress for `EvaluationLimits.seconds` is TIMEOUT, and the worker is ended with all processes that it has started.
* A worker that the kernel ends when memory runs out is OOM_HOST.

A worker that times something (`nas.stillness`) runs alone: the others are stopped meanwhile (`stillness.py`).

A worker that is killed from outside, as by `kill -9`, says nothing about its candidate. Its job is evaluated again,
with the same result, as if nothing had happened; after `LIVES` workers it counts as CRASH.
"""

import contextlib
import selectors
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import TracebackType

from nas.driver.deaths import LIVES
from nas.driver.executors.answers import Answer, answer_of
from nas.driver.executors.causes import cause_of, ended_for_memory, reported_by
from nas.driver.executors.executor import Failed, Finished, Job, Outcome
from nas.driver.executors.forks import Fork, Forks, end_group
from nas.driver.executors.resources import EvaluationLimits
from nas.driver.executors.results import Results
from nas.driver.executors.stillness import Stillness
from nas.driver.executors.wire import Lines, Sent, pickled
from nas.errors import ArchwrightError, FailureKind, MetricsError, StorageError
from nas.evaluate.evaluator import Evaluator
from nas.events import EpochEnded, Notice, OnEvent, unread
from nas.interrupt import stop_if_asked

_POLL = 0.1
"""Seconds between two looks at signals and limits."""


@dataclass
class _Worker:
    """A worker process.

    Attributes:
        number: by which the server knows it.
        fork: its connection and its report of fatal signals.
        pid: its process id; None: it has not started.
        job: what it evaluates; None: it is idle.
        since: when it last showed progress.
        out_of_memory: how many processes the kernel had ended for memory when the job began.
        late: whether it was ended because it showed no progress.
        lines: its answers.
    """

    number: int
    fork: Fork
    pid: int | None = None
    job: Job | None = None
    since: float = 0.0
    out_of_memory: int = 0
    late: bool = False
    lines: Lines = field(default_factory=Lines)


class Workers:
    """An executor with worker processes. At the end of its context, they and what candidates have started are ended.

    Args:
        evaluator: gives the metrics of an architecture; it must be possible to pickle it, or it is pickled already.
        count: the number of workers.
        limits: what each evaluation may use.
        threads: of torch, in each worker.
        per_device: the most workers of a CUDA device, which may be fewer workers than `count`; None: any number.
        on_event: called with a `TrialBegan` when a trial is begun, with the epochs of its training, and with notices.

    Raises:
        UsageError: the evaluator cannot be pickled, or cannot be used in a worker (when a job is waited for).
        StorageError: no process can be started.
    """

    def __init__(
        self,
        evaluator: Evaluator | Sent,
        count: int,
        *,
        limits: EvaluationLimits | None = None,
        threads: int = 1,
        per_device: int | None = None,
        on_event: OnEvent = unread,
    ) -> None:
        self.evaluator, self.limits, self.threads = evaluator, limits or EvaluationLimits(), threads
        self._count, self._per_device, self._post = count, per_device, on_event
        self._selector = selectors.DefaultSelector()
        self._forks: Forks | None = None
        self._workers: dict[int, _Worker] = {}
        self._waiting: deque[Job] = deque()
        self._results = Results(on_event)
        self._killed: dict[int, int] = {}  # by trial, how many of its workers were killed from outside
        self._stillness = Stillness(self._still)
        self._servers_lost = 0

    def __enter__(self) -> "Workers":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    @property
    def slots(self) -> int:
        return self._count

    @property
    def clock(self) -> float:
        return self._results.clock

    @property
    def processes(self) -> Sequence[int]:
        """The process ids of the server and of the workers that run now."""
        server = [] if self._forks is None else [self._forks.pid]
        return [*server, *(worker.pid for worker in self._workers.values() if worker.pid is not None)]

    def submit(self, job: Job) -> None:
        if self._results.answer(job):
            return
        self._waiting.append(job)
        self._assign()

    def next(self) -> Sequence[Finished]:
        while not self._results:
            self.wait()
        return self.taken()

    def wait(self) -> None:
        """Waits until something happens, for a moment at most."""
        stop_if_asked()
        self._assign()
        for key, _ in self._selector.select(_POLL):
            if key.data is None:
                self._hear_server()
            elif key.data.number in self._workers:  # still: the server may have just told its end
                self._hear(key.data)
        self._end_late()

    def taken(self) -> Sequence[Finished]:
        """All jobs that are finished now, ordered by when, and by their numbers."""
        return self._results.take()

    def close(self) -> None:
        """Ends all workers, and all that they have started."""
        for worker in list(self._workers.values()):
            self._drop(worker)
        if self._forks is not None:
            self._selector.unregister(self._forks)
            self._forks.close()
            self._forks = None
        self._selector.close()

    def _assign(self) -> None:
        """Gives the jobs that wait to idle workers, and to new ones."""
        while self._waiting:
            if self._forks is None:
                self._forks = Forks(
                    self.evaluator, self.limits, self.threads, count=self._count, per_device=self._per_device
                )
                self._selector.register(self._forks, selectors.EVENT_READ)
            worker = next((one for one in self._workers.values() if one.job is None and not one.late), None)
            if worker is None:
                if len(self._workers) >= self._forks.most:
                    return
                number, fork = self._forks.fork()
                worker = self._workers[number] = _Worker(number, fork)
                self._selector.register(fork.connection, selectors.EVENT_READ, worker)
            job = worker.job = self._waiting.popleft()
            worker.since, worker.out_of_memory = time.monotonic(), ended_for_memory()
            self._results.begin(job)
            with contextlib.suppress(ConnectionError):  # it has just died, which the server will say
                worker.fork.connection.sendall(pickled(job))

    def _hear(self, worker: _Worker) -> bool:
        """Reads what a worker answers; False: there is nothing more now. What became of it, the server will say."""
        try:
            piece = worker.fork.connection.recv(1 << 16)
        except BlockingIOError:
            return False
        except ConnectionError:
            piece = b""
        if not piece:
            with contextlib.suppress(KeyError):
                self._selector.unregister(worker.fork.connection)
            return False
        try:
            answers = [
                bool(message["still"]) if "still" in message else answer_of(worker.job, message)
                for message in worker.lines.add(piece)
            ]
        except (ValueError, KeyError, TypeError, AttributeError, MetricsError) as error:
            self._spoiled(worker, error)
            return False
        worker.since = time.monotonic()
        for answer in answers:
            self._take(worker, answer)
        return True

    def _take(self, worker: _Worker, answer: Answer | bool) -> None:
        """Takes an answer; a bool says whether the worker needs stillness from now on."""
        if isinstance(answer, EpochEnded | Notice):
            self._post(answer)
            return
        if isinstance(answer, bool):
            if answer:
                self._stillness.ask(worker.number, time.monotonic())
            else:
                self._end_stillness(worker)
            return
        job, worker.job = worker.job, None
        if isinstance(answer, ArchwrightError):
            raise answer
        if job is not None:
            self._finish(job, *answer)

    def _still(self, number: int | None) -> None:
        if self._forks is not None:
            self._forks.still(number)

    def _end_stillness(self, worker: _Worker) -> None:
        """The others go on, as if no time had passed."""
        now = time.monotonic()
        lasted = self._stillness.end(worker.number, now)
        for other in self._workers.values():
            if lasted and other is not worker:
                other.since = max(other.since, min(other.since + lasted, now))

    def _spoiled(self, worker: _Worker, error: Exception) -> None:
        """A candidate has written into the connection: its trial fails, and the worker is of no use any more."""
        job, worker.job = worker.job, None
        if self._forks is not None:
            self._forks.kill(worker.number)
        self._drop(worker)
        if job is not None:
            self._finish(job, Failed(FailureKind.CRASH, f"its answer cannot be read: {error}"), 0.0, death="answer")

    def _hear_server(self) -> None:
        assert self._forks is not None  # noqa: S101  it is registered
        messages = self._forks.read()
        if messages is None:
            self._lose_server()
            return
        for message in messages:
            worker = self._workers.get(message.get("forked", message.get("ended", message.get("still"))))
            if worker is None:
                continue
            if "still" in message:
                with contextlib.suppress(ConnectionError):
                    worker.fork.connection.sendall(pickled(True))
            elif "forked" in message:
                worker.pid, worker.since = int(message["pid"]), time.monotonic()
            else:
                self._bury(worker, int(message["status"]))

    def _bury(self, worker: _Worker, status: int) -> None:
        """A worker has ended. Its last answers count, and its job is evaluated again or fails."""
        worker.fork.connection.setblocking(False)
        while self._hear(worker):
            pass
        if worker.number not in self._workers:  # spoiled
            return
        report = reported_by(worker.fork)
        self._drop(worker)
        if (job := worker.job) is None:
            return
        failed: Failed | None
        if worker.late:
            death, text = "TIMEOUT", f"no progress for {self.limits.seconds:g} s (limits.seconds)"
            failed = Failed(FailureKind.TIMEOUT, text)
        else:
            death, failed = cause_of(status, report, out_of_memory=ended_for_memory() > worker.out_of_memory)
        if failed is None:
            self._killed[job.number] = self._killed.get(job.number, 0) + 1
            if self._killed[job.number] < LIVES:
                self._waiting.appendleft(job)
                return
            failed = Failed(FailureKind.CRASH, f"{LIVES} workers were killed in it ({death})")
        self._finish(job, failed, time.monotonic() - worker.since, death=death)

    def _lose_server(self) -> None:
        """The server has ended: its workers have ended with it, and their jobs are evaluated by those of a new one."""
        assert self._forks is not None  # noqa: S101
        forks, self._forks = self._forks, None
        self._selector.unregister(forks)
        ready, code = forks.ready, forks.close()
        self._servers_lost += 1
        if not ready or self._servers_lost == LIVES:
            raise StorageError(f"worker processes cannot be started: their server ended with exit code {code}")
        for worker in sorted(self._workers.values(), key=lambda one: one.job.number if one.job else -1, reverse=True):
            if worker.pid is not None:
                end_group(worker.pid)
            self._drop(worker)
            if worker.job is not None:
                self._waiting.appendleft(worker.job)

    def _end_late(self) -> None:
        """Ends workers that show no progress, except while others are timed."""
        now = time.monotonic()
        owner = self._stillness.owner
        if owner in self._workers and self._stillness.expired(now):
            self._end_stillness(self._workers[owner])
        for worker in self._workers.values():
            if self._stillness.owner not in (None, worker.number):
                continue
            if worker.job is not None and worker.pid is not None and now - worker.since > self.limits.seconds:
                if not worker.late and self._forks is not None:
                    self._forks.kill(worker.number)
                worker.late = True

    def _drop(self, worker: _Worker) -> None:
        """Forgets a worker."""
        self._workers.pop(worker.number, None)
        self._end_stillness(worker)
        with contextlib.suppress(KeyError, ValueError):
            self._selector.unregister(worker.fork.connection)
        worker.fork.close()

    def _finish(self, job: Job, outcome: Outcome, seconds: float, death: str = "") -> None:
        self._killed.pop(job.number, None)
        self._results.finish(job, outcome, seconds, death)
