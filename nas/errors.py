"""The errors that Archwright raises on purpose, and the exit code that a command ends with for each.

ArchwrightError
├── NoValidTrial        1   a search ended and no trial has a score
├── WorkersFailed       1   worker processes end, one trial after the other, of the same cause
├── UsageError          2   an argument, an option or a file that cannot be used as it is
│   ├── ArgumentError   2   an argument in Python that is missing, unknown or does not fit
│   ├── SpecError       2   problems in a YAML file: all of them, each with file, line and column
│   ├── MetricsError    2   an evaluator reports no metrics, or not those that are searched by
│   ├── ShapeError      2   an op that does not fit the shape it is given
│   └── SizeUnknown     2   a space too large to be counted exactly under its limits
├── StorageError        3   a file or database that cannot be read or written
├── IntegrityError      4   what is on disk belongs to something else
│   └── Damaged         4   a file that is not what was written: `nas repair` sets it aside
└── EvaluationFailed        one trial that went wrong: the search records it and goes on

`NoticeWarning`s end nothing; they reach the user of a run as its events do.
"""

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar


class ArchwrightError(Exception):
    """Root of the tree; `exit_code` is what a command ends with."""

    exit_code: ClassVar[int] = 1


class NoValidTrial(ArchwrightError):
    """Every trial of a search failed, so no network can be selected."""


class WorkersFailed(ArchwrightError):
    """The worker processes of a search end, one trial after the other, of the same cause."""


class UsageError(ArchwrightError):
    """Something was asked for that cannot be done as it was asked."""

    exit_code = 2


class ArgumentError(UsageError, TypeError):
    """An argument in Python is missing, unknown, or not what is expected; Python's own error for it as well."""


class ShapeError(UsageError):
    """An op does not fit the shape it is given (shapes are without the batch: `(C, H, W)`, `(C, L)` or `(F,)`)."""


class MetricsError(UsageError):
    """What an evaluator reports is not what a search can use: no numbers by name, or not the metric of an objective."""


class SizeUnknown(UsageError):
    """The number of architectures under the limits is out of reach; the message carries an estimate and its error."""


class StorageError(ArchwrightError):
    """A file or a database could not be read or written: disk full, read-only, in use."""

    exit_code = 3


class IntegrityError(ArchwrightError):
    """What is on disk is corrupt, or was made for another space, data set or configuration."""

    exit_code = 4


class Damaged(IntegrityError):
    """A file is not what was written: missing, cut off, altered, or something else in its place. It is left as it is.

    For a file of a run or a comparison, a note (`__notes__`) tells the way out.
    """


class FailureKind(StrEnum):
    """Why a trial has no score."""

    NONFINITE = "NONFINITE"
    OOM_HOST = "OOM_HOST"
    OOM_CUDA = "OOM_CUDA"
    TIMEOUT = "TIMEOUT"
    CRASH = "CRASH"
    BUILD_ERROR = "BUILD_ERROR"
    OVER_LIMIT = "OVER_LIMIT"


class EvaluationFailed(ArchwrightError):
    """One architecture could not be evaluated. A search records `kind: message` as the trial's error and goes on."""

    def __init__(self, kind: FailureKind, message: str) -> None:
        super().__init__(kind, message)  # as they came, so that the error can be pickled
        self.kind = kind
        self.message = message

    def __str__(self) -> str:
        return f"{self.kind}: {self.message}"


class NoticeWarning(UserWarning):
    """Something is not done as it was meant to, which the user of a run should read."""


class TeacherWarning(NoticeWarning):
    """A teacher does not teach what it was meant to, or not as well."""


class DeviceWarning(NoticeWarning):
    """A device does not train a network as it was meant to, so it is trained in another way, which the message says."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a file; line and column count from 1. Line 0: the value was given as an object, not as text."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One thing that is wrong in a file: where, what was expected, what came, and the nearest valid name."""

    mark: Mark
    path: str
    message: str
    expected: str = ""
    got: str = ""
    suggestion: str = ""

    def __str__(self) -> str:
        notes = []
        if self.expected or self.got:
            notes.append(
                ", ".join(f"{word} {text}" for word, text in (("expected", self.expected), ("got", self.got)) if text)
            )
        if self.suggestion:
            notes.append(f"did you mean {self.suggestion!r}?")
        place = f"{self.mark}: {self.path}: " if self.path else f"{self.mark}: "
        return place + self.message + (f" ({'; '.join(notes)})" if notes else "")


class SpecError(UsageError):
    """A YAML file with one or more problems, all reported at once, one a line."""

    def __init__(self, problems: Iterable[Diagnostic]) -> None:
        self.problems: Sequence[Diagnostic] = tuple(
            sorted(problems, key=lambda problem: (problem.mark.file, problem.mark.line, problem.mark.column))
        )
        super().__init__(self.problems)

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems))


def nearest(name: str, names: Iterable[str]) -> str:
    """The one of `names` that `name` was probably meant to be, or an empty string."""
    return next(iter(difflib.get_close_matches(name, list(names), n=1)), "")


def few(items: Iterable[object], most: int = 10) -> str:
    """Items in a message, with commas between them; of more than `most`, and of long ones, what is left out is `…`."""
    shown = [text if len(text) <= 40 else text[:40] + "…" for text in map(str, items)]
    return ", ".join(shown if len(shown) <= most else [*shown[: most - 2], "…", shown[-1]])
