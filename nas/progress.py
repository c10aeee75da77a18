"""Shows progress: reads events and says them, live in a terminal, in plain lines elsewhere, or not at all."""

import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack
from types import TracebackType
from typing import Protocol, TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Column
from rich.text import Text

from nas.event_texts import epoch_text, front_text, metrics_text, trial_text
from nas.events import (
    Attempted,
    EpochEnded,
    Event,
    FinalistEnded,
    Notice,
    RunEnded,
    StageBegan,
    StudentEnded,
    TrialEnded,
)
from nas.objectives import pareto_front
from nas.output import lasting
from nas.trial import Trial


class View(Protocol):
    """Where progress is shown."""

    def start(self, stage: str, total: int | None, done: int) -> None:
        """A stage of `total` steps begins, `done` of which are done; None: their number is not limited."""

    def epoch(self, text: str) -> None:
        """What came of an epoch."""

    def step(self, done: int, text: str, headline: str, left: str) -> None:
        """A step is over, and with it `done` of the stage: what came of it, the best so far, and the time left; empty:
        it is not known."""

    def say(self, text: str) -> None:
        """A line that stays."""

    def close(self) -> None:
        """Nothing more is shown."""


class Lines:
    """A line for each step, for logs and pipes."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def start(self, stage: str, total: int | None, done: int) -> None:
        self._stage, self._total = stage, total

    def epoch(self, text: str) -> None:
        pass

    def step(self, done: int, text: str, headline: str, left: str) -> None:
        count = f"{done}" if self._total is None else f"{done}/{self._total}"
        self.say(" · ".join(filter(None, (f"{self._stage} {count}", text, headline, _left(left)))))

    def say(self, text: str) -> None:
        print(text, file=self._stream, flush=True)

    def close(self) -> None:
        pass


class Live:
    """A bar with the best score, the network in training and the time left."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._exits = ExitStack()

    def start(self, stage: str, total: int | None, done: int) -> None:
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

    def epoch(self, text: str) -> None:
        self._progress.update(self._task, epoch=text)

    def step(self, done: int, text: str, headline: str, left: str) -> None:
        self._progress.update(self._task, completed=done, headline=headline, left=_left(left), epoch=text)

    def say(self, text: str) -> None:
        self._console.print(Text(text), highlight=False)

    def refresh(self) -> None:
        """Draws the bar at once, and not with the next of its regular updates."""
        self._progress.refresh()

    def close(self) -> None:
        self._exits.close()


class Display(AbstractContextManager["Display"]):
    """Reads the events of a run or a comparison, and shows them; at the end of the context it gives the terminal back.

    Args:
        view: where; None: nothing is shown, as `--quiet` wants it.
    """

    def __init__(self, view: View | None = None) -> None:
        self.view = view
        self._stage: StageBegan | None = None
        self._done = 0
        self._front: Sequence[Trial] = ()

    def __call__(self, event: Event) -> None:
        view, stage = self.view, self._stage
        if view is None:
            return
        match event:
            case Notice():
                view.say(event.text)
            case StageBegan():
                self._stage, self._done, self._front = event, event.done, event.front
                view.start(event.stage, event.total, event.done)
            case _ if stage is not None:
                self._within(view, stage, event)

    def _within(self, view: View, stage: StageBegan, event: Event) -> None:
        objectives = stage.objectives
        match event:
            case EpochEnded():
                view.epoch(epoch_text(event, objectives))
            case TrialEnded():
                # What was dominated stays so; the front of the whole study would take long.
                self._front = pareto_front([*self._front, event.trial])
                text, best = trial_text(event.trial, objectives), front_text(self._front, objectives)
                self._step(view, stage, event, text, best, left=event.left)
            case Attempted():
                came = (
                    f"failed: {event.error}"
                    if event.value is None
                    else metrics_text({event.metric: event.value}, objectives)
                )
                tried = ", ".join(f"{name} {value:.3g}" for name, value in event.hyperparameters.items())
                self._step(view, stage, event, f"{tried} · {came}")
            case FinalistEnded():
                came = f"failed: {event.error}" if event.error else metrics_text(event.metrics, objectives)
                self._step(view, stage, event, f"{event.trial.architecture.id} · {came}")
            case StudentEnded():
                came = metrics_text({event.metric: event.value}, objectives)
                self._step(view, stage, event, f"{event.what} · {came}")
            case RunEnded():
                self._step(view, stage, event, f"{event.problem} · {event.controller} · seed {event.seed}")

    def _step(
        self,
        view: View,
        stage: StageBegan,
        event: Event,
        text: str,
        headline: str = "",
        left: float | None = None,
    ) -> None:
        self._done += 1
        if left is None and stage.total is not None:
            left = (event.at - stage.at) / (self._done - stage.done) * (stage.total - self._done)
        view.step(self._done, text, headline, "" if left is None else _duration(left))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.view is not None:
            self.view.close()


def make_display(*, quiet: bool = False, stream: TextIO | None = None) -> Display:
    """The display that suits the stream (standard error if None)."""
    stream = stream or sys.stderr
    if quiet or stream is None:  # a process may be started with its standard error closed
        return Display()
    stream = lasting(stream)
    console = Console(file=stream)
    return Display(Live(console) if stream.isatty() and not console.is_dumb_terminal else Lines(stream))


def _left(duration: str) -> str:
    return f"{duration} left" if duration else ""


def _duration(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
