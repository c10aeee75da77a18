"""The display of a running search: live in a terminal, plain lines elsewhere, or nothing."""

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from types import TracebackType
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Column
from rich.text import Text

from nas.ops import COSTS
from nas.output import lasting
from nas.tasks.metric import DIGITS
from nas.tasks.metrics import measured_in, metric_of
from nas.trial import Objective, Trial


class Display(AbstractContextManager["Display"]):
    """Tells how a run goes on. This one says nothing, which is what `--quiet` and a library want."""

    def start(self, stage: str, total: int, done: int = 0) -> None:
        """A stage of `total` trainings begins, `done` of which are done."""

    def epoch(self, epoch: int, metrics: Mapping[str, float]) -> None:
        """A network has been trained for `epoch` epochs, with these metrics to be shown."""

    def step(self, text: str, headline: str = "") -> None:
        """A training is over: what came of it, and the best so far."""

    def say(self, text: str) -> None:
        """A line that stays."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Ends the display."""


class Lines(Display):
    """A line for each training, for logs and pipes."""

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream, self._clock = stream, clock

    def start(self, stage: str, total: int, done: int = 0) -> None:
        self._stage, self._total, self._done, self._first = stage, total, done, done
        self._begin = self._clock()

    def step(self, text: str, headline: str = "") -> None:
        self._done += 1
        each = (self._clock() - self._begin) / (self._done - self._first)
        left = f"{_duration(each * (self._total - self._done))} left"
        self.say(" · ".join(filter(None, (f"{self._stage} {self._done}/{self._total}", text, headline, left))))

    def say(self, text: str) -> None:
        print(text, file=self._stream, flush=True)


class Live(Display):
    """A bar with the best score, the network in training and the time left."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._exits = ExitStack()
        self._task: TaskID | None = None
        self._begin, self._first = 0.0, 0

    def start(self, stage: str, total: int, done: int = 0) -> None:
        self._exits.close()
        columns = (
            TextColumn("[bold]{task.description}"),
            BarColumn(bar_width=12),
            MofNCompleteColumn(),
            TextColumn("{task.fields[headline]}", style="green", markup=False),
            # What is left of the line: the only column that is cut off where a terminal is narrow.
            TextColumn("{task.fields[epoch]}", style="dim", markup=False, table_column=Column(ratio=1, no_wrap=True)),
            TimeElapsedColumn(),
            TextColumn("{task.fields[left]}", style="cyan"),
        )
        progress = Progress(*columns, console=self._console, transient=True, expand=True)
        self._progress = self._exits.enter_context(progress)
        self._task = self._progress.add_task(stage, total=total, completed=done, headline="", epoch="", left="")
        self._begin, self._first = time.monotonic(), done

    def epoch(self, epoch: int, metrics: Mapping[str, float]) -> None:
        if self._task is not None:
            shown = [f"{name} {_number(name, value)}" for name, value in metrics.items()]
            self._progress.update(self._task, epoch=" · ".join([f"epoch {epoch}", *shown]))

    def step(self, text: str, headline: str = "") -> None:
        if self._task is None:
            return
        self._progress.advance(self._task)
        task = self._progress.tasks[0]
        done = int(task.completed)
        each = (time.monotonic() - self._begin) / max(1, done - self._first)
        left = f"{_duration(each * (int(task.total or 0) - done))} left"
        self._progress.update(self._task, headline=headline, left=left, epoch=text)

    def say(self, text: str) -> None:
        self._console.print(Text(text), highlight=False)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._exits.close()


def make_display(*, quiet: bool = False, stream: TextIO | None = None) -> Display:
    """The display that suits the stream (standard error if None)."""
    stream = stream or sys.stderr
    if quiet or stream is None:  # a process may be started with its standard error closed
        return Display()
    stream = lasting(stream)
    console = Console(file=stream)
    return Live(console) if stream.isatty() and not console.is_dumb_terminal else Lines(stream)


def trial_text(trial: Trial, objectives: Sequence[Objective]) -> str:
    """A trial in one line: `val_acc 0.9722 · 47,522 parameters · 560,064 MACs · 0.7 s`, or the reason it failed.

    One that was cut off says after how many epochs: `val_acc 0.9722 (3 epochs) · ...`.
    """
    if trial.scores is None:
        return f"failed: {trial.error}"
    epochs = trial.proposal.epochs
    cut = "" if epochs is None else f" ({epochs} epoch{'s' if epochs > 1 else ''})"
    metrics = {name: value for name, value in trial.metrics.items() if not isinstance(value, tuple)}
    sizes = trial.architecture.cost._asdict()
    return f"{metrics_text({**metrics, **sizes}, objectives, note=cut)} · {trial.seconds:.1f} s"


def metrics_text(metrics: Mapping[str, float], objectives: Sequence[Objective], *, note: str = "") -> str:
    """The objectives, or the task's first metric where they are sizes alone, and the size; `note` is put after the
    first."""
    aims = [objective.metric for objective in objectives if objective.metric not in COSTS]
    shown = [f"{name} {_number(name, metrics[name])}" for name in aims or measured_in(metrics)[:1] if name in metrics]
    sizes = [f"{metrics[name]:,.0f} {title}" for name, title in COSTS.items() if name in metrics]
    first, *others = [*shown, *sizes]
    return " · ".join([first + note, *others])


def front_text(front: Sequence[Trial], objectives: Sequence[Objective]) -> str:
    """`best 0.9722`, on the first objective; if it is one of several, how many networks make the front as well."""
    if not front:
        return ""
    best = f"best {_number(objectives[0].metric, objectives[0].value(front[0].score or 0.0))}"
    return best if len(objectives) == 1 else f"{best}, Pareto front of {len(front)}"


def _number(metric: str, value: float) -> str:
    if metric in COSTS or abs(value) >= 1000:
        return f"{value:,.0f}"
    known = metric_of(metric)
    digits = DIGITS if known is None else known.digits
    return f"{value:.{digits}f}" if abs(value) >= 0.001 or value == 0 else f"{value:.4g}"


def _duration(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
