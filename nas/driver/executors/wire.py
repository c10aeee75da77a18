"""What the driver and its workers send to each other.

The driver sends pickles: the evaluator once, to the server of workers, and each job to a worker. Workers answer in
lines of JSON, which are only data: whatever a candidate writes, nothing of it is executed in the driver.
"""

import io
import json
import multiprocessing.spawn
import pickle
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from nas.errors import ArchwrightError, IntegrityError, StorageError, UsageError
from nas.events import Events
from nas.settings.code import files_run, run_file

LENGTH = 8
"""Bytes in front of a pickle that hold its length."""

_EVENTS = "events"

UNPICKLABLE = (pickle.PicklingError, AttributeError, TypeError, ValueError, RecursionError)
"""What is raised for a value that cannot be pickled."""


@dataclass(frozen=True)
class Sources:
    """Where code is that cannot be imported by its name.

    Attributes:
        main: the script that was started, in the form of `multiprocessing.spawn`; empty for an interactive session.
        files: the files of the user's own code, by the names of their modules.
    """

    main: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, Path] = field(default_factory=dict)

    @classmethod
    def here(cls) -> "Sources":
        """Those of this process."""
        main = sys.modules["__main__"]
        name, file = getattr(main.__spec__, "name", None), getattr(main, "__file__", None)
        if name is not None:
            return cls({"init_main_from_name": name}, files_run())
        return cls({"init_main_from_path": str(Path(file).absolute())} if file else {}, files_run())


class Unpickled(pickle.Unpickler):
    """Reads a pickle of the driver. Its queue of events becomes that of this process.

    Args:
        data: the pickle.
        events: the queue of this process.
        sources: where code is that cannot be imported by its name.
    """

    importing_main = False
    """Whether this process runs the script of the driver, in order to find its classes."""

    def __init__(self, data: bytes, events: Events, sources: Sources) -> None:
        super().__init__(io.BytesIO(data))
        self._events, self._sources = events, sources

    def persistent_load(self, name: str) -> Events:
        return self._events

    def find_class(self, module: str, name: str) -> Any:
        if module == "__main__" and self._sources.main and not hasattr(sys.modules[module], name):
            Unpickled.importing_main = True
            try:
                multiprocessing.spawn.prepare(dict(self._sources.main))
            finally:
                Unpickled.importing_main = False
        if module not in sys.modules and module in self._sources.files:
            run_file(self._sources.files[module])
        return super().find_class(module, name)


class _Pickler(pickle.Pickler):
    def persistent_id(self, value: object) -> str | None:
        return _EVENTS if isinstance(value, Events) else None


def pickled(value: object) -> bytes:
    """A pickle with its length. Raises one of `UNPICKLABLE`."""
    stream = io.BytesIO()
    _Pickler(stream, protocol=5).dump(value)
    data = stream.getvalue()
    return len(data).to_bytes(LENGTH, "little") + data


@dataclass(frozen=True)
class Sent:
    """An evaluator as it is sent to other processes.

    Attributes:
        pickle: it, with its length in front.
        sources: where its code is.
    """

    pickle: bytes | memoryview
    sources: Sources

    @classmethod
    def of(cls, evaluator: object) -> "Sent":
        """An evaluator of this process. Raises UsageError if it cannot be pickled."""
        try:
            return cls(pickled(evaluator), Sources.here())
        except UNPICKLABLE as error:
            raise UsageError(refusal(f"{type(error).__name__}: {error}")) from error


def refusal(why: str) -> str:
    """Why an evaluator cannot be used in another process, and what to do."""
    return (
        f"the evaluator cannot be sent to worker processes: {why}. Define it at the top level of a module, without "
        "lambdas and open files, or evaluate in the process of the search: workers: in_process (workers='in_process')"
    )


class Readable(Protocol):
    """A stream of bytes."""

    def read(self, count: int, /) -> bytes | None: ...


def read_pickle(stream: Readable) -> bytes | None:
    """The next pickle of a stream, and nothing that follows it, if the stream is not buffered; None at its end."""
    head = _read(stream, LENGTH)
    return None if head is None else _read(stream, int.from_bytes(head, "little"))


def _read(stream: Readable, count: int) -> bytes | None:
    """So many bytes; None if there are fewer."""
    data = bytearray()
    while len(data) < count:
        piece = stream.read(min(count - len(data), 1 << 24))
        if not piece:
            return None
        data += piece
    return bytes(data)


def line(**message: Any) -> bytes:
    """A message as a line of JSON. Numbers come back bit for bit, also those that are not finite."""
    return json.dumps(message, default=float).encode() + b"\n"


class Lines:
    """Messages from a stream that arrives in pieces."""

    def __init__(self) -> None:
        self._rest = b""

    def add(self, piece: bytes) -> Iterator[dict[str, Any]]:
        """The messages that are complete now. Raises ValueError for a line that is not a mapping in JSON."""
        *whole, self._rest = (self._rest + piece).split(b"\n")
        for one in whole:
            message = json.loads(one)
            if not isinstance(message, dict):
                raise ValueError(f"expected a mapping, got {message!r}")
            yield message


_KINDS: tuple[type[ArchwrightError], ...] = (StorageError, IntegrityError, UsageError, ArchwrightError)


def written(error: ArchwrightError) -> Mapping[str, str]:
    """An error that ends the search, as plain data."""
    return {"raised": next(kind.__name__ for kind in _KINDS if isinstance(error, kind)), "text": str(error)}


def raised(message: Mapping[str, str]) -> ArchwrightError:
    """The error that `written` wrote."""
    kinds = {kind.__name__: kind for kind in _KINDS}
    return kinds.get(message["raised"], ArchwrightError)(message["text"])
