"""The server of workers, as the driver sees it: a process that is started, asked for workers, and told to end."""

import contextlib
import os
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from typing import IO, Any, NamedTuple

from nas.driver.executors.child import start
from nas.driver.executors.resources import EvaluationLimits
from nas.driver.executors.wire import Lines, Sent, Unpickled, line, pickled, raised, refusal
from nas.errors import StorageError, UsageError
from nas.evaluate.evaluator import Evaluator

_START = "from nas.driver.executors.server import serve; serve(descriptor)"
_PATIENCE = 10.0
"""Seconds in which the server ends on its own."""


class Fork(NamedTuple):
    """A worker that was asked for.

    Attributes:
        connection: to the worker.
        faults: a file in which Python reports the fatal signal that the worker dies of.
    """

    connection: socket.socket
    faults: IO[bytes]

    def close(self) -> None:
        self.connection.close()
        self.faults.close()


class Forks:
    """A running server of workers.

    Args:
        evaluator: what workers evaluate with.
        limits: what each worker may use.
        threads: of torch, in each worker.
        count: the number of workers that are asked for.
        per_device: the most workers of a CUDA device; None: any number.

    Raises:
        UsageError: the evaluator cannot be pickled, or this process is itself a worker that runs the script.
        StorageError: no process can be started.
    """

    def __init__(
        self,
        evaluator: Evaluator | Sent,
        limits: EvaluationLimits,
        threads: int,
        *,
        count: int,
        per_device: int | None = None,
    ) -> None:
        if Unpickled.importing_main:
            raise UsageError(
                "worker processes import the script that starts a search, and this one starts a search when it is "
                'imported: put its calls under `if __name__ == "__main__":`'
            )
        sent = evaluator if isinstance(evaluator, Sent) else Sent.of(evaluator)
        self._numbers = 0
        self._lines = Lines()
        self._ready = False
        self._most = 1
        self._process, self._control = start(_START, environment=_environment(threads))
        with contextlib.suppress(ConnectionError):  # it has ended already, which reading will show
            self._control.sendall(pickled((sent.sources, limits, count, per_device)))
            self._control.sendall(sent.pickle)

    def fileno(self) -> int:
        """For selectors."""
        return self._control.fileno()

    @property
    def pid(self) -> int:
        """The process id of the server."""
        return self._process.pid

    def fork(self) -> tuple[int, Fork]:
        """Asks for a worker; returns its number. Raises StorageError if too many files are open."""
        self._numbers += 1
        request = line(fork=self._numbers)
        with contextlib.ExitStack() as opened:
            try:
                ours, theirs = map(opened.enter_context, socket.socketpair())
                faults = opened.enter_context(tempfile.TemporaryFile())
                with contextlib.suppress(ConnectionError):  # the server has ended, which reading will show
                    socket.send_fds(self._control, [request], [theirs.fileno(), faults.fileno()])
            except OSError as error:
                raise StorageError(f"no worker process can be started: {error.strerror or error}") from error
            opened.pop_all()
        theirs.close()
        return self._numbers, Fork(ours, faults)

    def kill(self, number: int) -> None:
        """Ends a worker and what it has started."""
        with contextlib.suppress(ConnectionError):
            self._control.sendall(line(kill=number))

    def still(self, number: int | None) -> None:
        """Stops all workers but one, which the server then says; None: all go on."""
        with contextlib.suppress(ConnectionError):
            self._control.sendall(line(still=number))

    def read(self) -> Iterator[Mapping[str, Any]] | None:
        """What the server says, when there is something to read; None: it has ended.

        Raises:
            UsageError: the evaluator cannot be used in a worker, or a limit is too low for any.
            StorageError: a worker could not be started.
        """
        try:
            piece = self._control.recv(1 << 16)
        except ConnectionError:
            piece = b""
        return self._read(piece) if piece else None

    def _read(self, piece: bytes) -> Iterator[Mapping[str, Any]]:
        for message in self._lines.add(piece):
            if "unusable" in message:
                raise UsageError(refusal(message["unusable"]))
            if "raised" in message:
                raise raised(message)
            if "unforked" in message:
                raise StorageError(f"no worker process can be started: {message['text']}")
            if "ready" in message:
                self._ready, self._most = True, int(message["workers"])
            else:
                yield message

    @property
    def ready(self) -> bool:
        """Whether the server has started."""
        return self._ready

    @property
    def most(self) -> int:
        """The most workers at once, which depends on the devices; 1 until the server has started."""
        return self._most

    def close(self) -> int:
        """Ends the server, its workers, and what they have started. Returns the exit code."""
        self._control.close()
        if not self._ready:  # it has no workers
            self._process.kill()
        try:
            return self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()


def end_group(pid: int) -> None:
    """Ends the process group of a worker whose server is no more."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _environment(threads: int) -> dict[str, str]:
    """The environment of workers. Threads that wait must not use a core that another worker needs."""
    names = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
    return {**os.environ, **dict.fromkeys(names, str(threads)), "OMP_WAIT_POLICY": "PASSIVE"}
