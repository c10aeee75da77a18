"""Progress as events: what happens in a search, in the final trainings or in a comparison, a frozen record each.

What does the work posts events, and what shows the work reads them: a terminal, a notebook, a page, a file. Neither
knows the other; `Events` is the queue between them. A record can be pickled, so that a worker process can send its
events to the process that has the queue.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from nas.trial import Objective, Proposal, Trial

_BEGINNING = time.time() - time.monotonic()


def now() -> float:
    """Unix time in seconds. Within a process it never jumps, whatever happens to the clock of the machine."""
    return _BEGINNING + time.monotonic()


@dataclass(frozen=True)
class Event:
    """Something that happened.

    Attributes:
        at: when, in Unix time.
    """

    at: float = field(default_factory=now, kw_only=True)


OnEvent = Callable[[Event], None]
"""A function that reads events, or passes them on."""


def unread(event: Event) -> None:
    """Ignores an event: the reader where nobody asked for events."""


@dataclass(frozen=True)
class Notice(Event):
    """A line of text for the user."""

    text: str


@dataclass(frozen=True)
class StageBegan(Event):
    """A stage began: the trials of a search, the tuning of a recipe, the trainings of finalists, those of a
    distillation, or the runs of a comparison.

    Attributes:
        stage: what its steps are: `trial`, `tuning`, `final`, `training` or `run`.
        total: how many steps there are; None: the number is not limited.
        done: how many of them were done before.
        objectives: what its trials and finalists are compared by; none in a comparison.
        front: the Pareto front of the trials that were done before.
    """

    stage: str
    total: int | None
    done: int = 0
    objectives: tuple[Objective, ...] = ()
    front: tuple[Trial, ...] = ()


@dataclass(frozen=True)
class TrialBegan(Event):
    """The evaluation of a proposal began, as the trial of this number."""

    number: int
    proposal: Proposal


@dataclass(frozen=True)
class EpochEnded(Event):
    """An epoch of a training ended.

    Attributes:
        number: of the trial that is trained, or whose architecture is trained as a finalist.
        epoch: counts from 1.
        metrics: after this epoch.
    """

    number: int
    epoch: int
    metrics: Mapping[str, float]


@dataclass(frozen=True)
class TrialEnded(Event):
    """A trial was logged, and told to the controller.

    Attributes:
        trial: the trial.
        left: about how many seconds are left of the search; None: it cannot be said. Events that differ in it alone are
            equal.
    """

    trial: Trial
    left: float | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Attempted(Event):
    """A training with proposed hyper-parameters ended, as one of a tuning.

    Attributes:
        place: among those of the tuning, from 0.
        hyperparameters: their values.
        metric: what it is judged by.
        value: its value; None: the training failed.
        error: why; empty: it did not.
    """

    place: int
    hyperparameters: Mapping[str, float]
    metric: str
    value: float | None
    error: str = ""


@dataclass(frozen=True)
class FinalistBegan(Event):
    """The final training of a trial's architecture began."""

    trial: Trial


@dataclass(frozen=True)
class FinalistEnded(Event):
    """The final training of a trial's architecture ended.

    Attributes:
        trial: whose.
        metrics: of the trained network; empty if it failed.
        error: why it failed; None if it did not.
    """

    trial: Trial
    metrics: Mapping[str, float]
    error: str | None = None


@dataclass(frozen=True)
class StudentEnded(Event):
    """A training ended, as one of those that a distillation compares.

    Attributes:
        what: which network was trained, and how.
        metric: what it is compared by.
        value: its value on the validation data.
    """

    what: str
    metric: str
    value: float


@dataclass(frozen=True)
class RunEnded(Event):
    """A run of a comparison was made and written: of this controller on this problem, with this seed."""

    problem: str
    controller: str
    seed: int


class Events:
    """A queue of events: anything may post, from any thread, and each reader gets all events in the order of posting.

    Events are delivered by a thread that posts, one at a time: no reader is called twice at once, and none needs a
    lock. What is posted meanwhile, by another thread or by a reader, is delivered when its turn comes. An error of a
    reader is raised where the event was delivered, so that a reader can end the work.

    Args:
        readers: called with each event, in this order.

    Attributes:
        readers: the same; more may be added.
    """

    def __init__(self, readers: Iterable[OnEvent] = ()) -> None:
        self.readers = list(readers)
        self._queue: deque[Event] = deque()
        self._delivering = threading.Lock()

    def post(self, event: Event) -> None:
        """Adds an event. When this returns, it was delivered, or the thread that delivers others will deliver it."""
        self._queue.append(event)
        # Again if an event was added after the queue was found empty and before the lock was released.
        while self._queue and self._delivering.acquire(blocking=False):
            try:
                while self._queue:
                    first = self._queue.popleft()
                    for reader in self.readers:
                        reader(first)
            finally:
                self._delivering.release()


class Notices:
    """Posts notices, from this process or, where it was sent, from a worker process."""

    def __init__(self, events: Events) -> None:
        self._events = events

    def __call__(self, text: str) -> None:
        self._events.post(Notice(text))


class Epochs:
    """The `on_epoch` of an evaluator that works in this process: posts the epochs of what began last, a trial or the
    final training of one."""

    def __init__(self, events: Events) -> None:
        self._events = events
        self._number = 0
        events.readers.append(self._note)

    def __reduce__(self) -> tuple[type["Epochs"], tuple[Events]]:
        """For a worker process, where the queue is that of the worker."""
        return Epochs, (self._events,)

    def _note(self, event: Event) -> None:
        if isinstance(event, TrialBegan):
            self._number = event.number
        elif isinstance(event, FinalistBegan):
            self._number = event.trial.number

    def __call__(self, epoch: int, metrics: Mapping[str, float]) -> None:
        self._events.post(EpochEnded(self._number, epoch, metrics))
