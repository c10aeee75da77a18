"""One worker on a node of a Ray cluster: an actor that contains evaluations as the driver's own machine does.

The actor evaluates nothing itself. It has a `Workers` of one worker, so that a candidate that ends its process, or
loops for ever, fails its trial as it does without a cluster, and the actor lives on. This file does not import Ray:
an actor is a plain class.
"""

import io
import os
import platform
import socket
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from nas.driver.executors.answers import message_of
from nas.driver.executors.executor import Job
from nas.driver.executors.resources import EvaluationLimits
from nas.driver.executors.wire import Sent, Sources, Unpickled, line, read_pickle, written
from nas.driver.executors.workers import Workers
from nas.errors import ArchwrightError
from nas.events import EpochEnded, Event, Events, Notice
from nas.files import sha256

_EVERY = 0.5
"""Seconds between two messages about the epochs of a training."""

_SAME = ("archwright", "torch", "numpy")
"""The packages that results depend on."""


@dataclass(frozen=True)
class Home:
    """What an evaluation finds on the driver's machine, for those on others.

    Attributes:
        sources: where the user's own code is.
        contents: that of its files, by their paths.
        folder: the working directory.
        paths: where Python looks for modules.
    """

    sources: Sources
    contents: Mapping[Path, bytes]
    folder: str
    paths: Sequence[str]

    @classmethod
    def here(cls, sources: Sources) -> "Home":
        """That of this process, which has the working directory and the module path of the driver.

        A file that is gone is left out: not all code that was ever run is of use to this evaluator.
        """
        files = [*sources.files.values(), *map(Path, [sources.main[_SCRIPT]] if _SCRIPT in sources.main else [])]
        contents = {}
        for path in files:
            with suppress(OSError):
                contents[path] = path.read_bytes()
        return cls(sources, contents, str(Path.cwd()), tuple(sys.path))

    def move_in(self) -> Sources:
        """Makes this process, on any machine, as much like the driver's as its files allow. Returns where the code is.

        A file that this machine has with the same content is used where it is; another one is written to a folder for
        temporary files, where it finds nothing beside it.
        """
        if Path(self.folder).is_dir():
            os.chdir(self.folder)
        sys.path += [path for path in self.paths if path not in sys.path and Path(path).exists()]
        main = {**self.sources.main}
        if _SCRIPT in main:
            main[_SCRIPT] = str(self._place(Path(main[_SCRIPT])))
        return Sources(main, {name: self._place(path) for name, path in self.sources.files.items()})

    def _place(self, path: Path) -> Path:
        content = self.contents.get(path)
        if content is None or (path.is_file() and path.read_bytes() == content):
            return path
        folder = Path(tempfile.mkdtemp(prefix=f"archwright-{sha256(content)[:16]}-"))
        (folder / path.name).write_bytes(content)
        return folder / path.name


_SCRIPT = "init_main_from_path"
"""The key of a script in `Sources.main`."""


def versions() -> Mapping[str, str]:
    """What must be the same on all nodes, for equal results."""
    found = {"python": ".".join(platform.python_version_tuple()[:2])}
    for name in _SAME:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "none"
    return found


class Slot:
    """The actor.

    Args:
        evaluator: the pickle of the evaluator, with its length in front, as an array of bytes in the object store.
        home: what evaluations find on the driver's machine.
        limits: what each evaluation may use.
        threads: of torch.
        gpus: how many GPUs Ray gives to this actor; 0: evaluations see none.
    """

    def __init__(self, evaluator: Any, home: Home, limits: EvaluationLimits, threads: int, gpus: float) -> None:
        self._events, self._waiting = Events(), list[bytes]()
        self._sources = home.move_in()
        if not gpus:
            os.environ["CUDA_VISIBLE_DEVICES"] = ""
        sent = Sent(memoryview(evaluator), self._sources)
        self._workers = Workers(sent, 1, limits=limits, threads=threads, on_event=self._note)

    def start(self) -> bytes:
        """A message that the actor is ready, with its node and the versions there."""
        return line(node=socket.gethostname(), versions=versions())

    def evaluate(self, data: bytes) -> Iterator[bytes]:
        """Messages of an evaluation: an empty one at its beginning, its epochs from time to time, and its outcome.

        Args:
            data: the pickle of the job, with its length in front.
        """
        yield b""
        self._waiting.clear()
        said = time.monotonic()
        try:
            payload = read_pickle(io.BytesIO(data))
            assert payload is not None  # noqa: S101  the driver has sent it
            job: Job = Unpickled(payload, self._events, self._sources).load()
            self._workers.submit(replace(job, answer=None))
            while not (found := self._workers.taken()):
                self._workers.wait()
                if self._waiting and time.monotonic() - said > _EVERY:
                    yield self._told()
                    said = time.monotonic()
        except ArchwrightError as error:
            yield line(**{**written(error), "text": f"{error} (on {socket.gethostname()})"})
            return
        (one,) = found
        yield self._told() + line(**message_of((one.outcome, one.seconds)), death=one.death)

    def stop(self) -> None:
        """Ends what the actor has started."""
        self._workers.close()

    def _note(self, event: Event) -> None:
        if isinstance(event, EpochEnded | Notice):
            self._waiting.append(line(**message_of(event)))

    def _told(self) -> bytes:
        told = b"".join(self._waiting)
        self._waiting.clear()
        return told
