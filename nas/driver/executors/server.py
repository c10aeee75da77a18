"""The server of workers: a process that has the evaluator, its data set and torch, and forks a worker when asked.

A worker starts within milliseconds, and all workers share the memory of the data set, as long as nobody writes to it.
The server itself evaluates nothing, so no candidate can harm it, and it has a single thread and has not touched CUDA,
so it can be forked. It ends, and ends all workers with their process groups, when the driver closes its connection or
dies.
"""

import gc
import os
import selectors
import signal
import socket
import sys
import traceback
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from nas.containment import survivable
from nas.driver.executors.devices import Sharing, use_device
from nas.driver.executors.resources import GIB, EvaluationLimits
from nas.driver.executors.wire import Lines, Sources, Unpickled, line, read_pickle, written
from nas.driver.executors.worker import prepare, work
from nas.errors import ArchwrightError, EvaluationFailed, UsageError
from nas.evaluate.evaluator import Evaluator, known_to
from nas.events import Events


def serve(descriptor: int) -> None:
    """Runs the server on a connection to the driver. The first two pickles are the setup and the evaluator."""
    # A driver that is gone, while this process imports torch for instance, is nobody's error.
    with socket.socket(fileno=descriptor) as control, suppress(ConnectionError):
        # Unbuffered: what follows the pickles carries descriptors.
        with control.makefile("rb", buffering=0) as stream:
            setup, data = (read_pickle(stream), read_pickle(stream))
        if setup is None or data is None:
            return
        events = Events()
        sources, limits, count, per_device = Unpickled(setup, events, Sources()).load()
        try:
            with survivable():
                evaluator = Unpickled(data, events, sources).load()
                _warm(evaluator)
            _check_memory(limits)
        except EvaluationFailed as error:
            control.sendall(line(unusable=error.message))
            return
        except ArchwrightError as error:
            control.sendall(line(**written(error)))
            return
        sharing = Sharing.of(evaluator, count, per_device)
        gc.collect()
        gc.freeze()  # so that collections in workers do not copy what they share
        control.sendall(line(ready=True, workers=sharing.workers))
        _Server(control, evaluator, events, sources, limits, sharing).run()


def _warm(evaluator: Evaluator) -> None:
    """Imports what each worker would import otherwise."""
    warm = known_to(evaluator, "warm")
    if warm is not None:
        warm()


def _check_memory(limits: EvaluationLimits) -> None:
    """Raises UsageError if a worker exceeds its limit on memory before its first job."""
    if limits.memory_gib is None or sys.platform != "linux":
        return
    status = Path("/proc/self/status").read_text().splitlines()
    used = next(int(text.split()[1]) * 1024 for text in status if text.startswith("VmData"))
    if used >= limits.memory_gib * GIB:
        raise UsageError(
            f"limits.memory_gib is {limits.memory_gib:g}, and a worker uses {used / GIB:.2g} GiB before its first trial"
        )


class _Server:
    """The loop of the server."""

    def __init__(
        self,
        control: socket.socket,
        evaluator: Evaluator,
        events: Events,
        sources: Sources,
        limits: EvaluationLimits,
        sharing: Sharing,
    ) -> None:
        self._control, self._evaluator, self._events = control, evaluator, events
        self._sources, self._limits, self._sharing = sources, limits, sharing
        self._workers: dict[int, int] = {}  # process ids by the driver's numbers
        self._devices: dict[int, int] = {}  # of workers, by the same numbers
        self._still: int | None = None  # the only worker that may run

    def run(self) -> None:
        """Answers the driver until the connection ends."""
        woken, wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC) if hasattr(os, "pipe2") else os.pipe()
        os.set_blocking(wake, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        lines = Lines()
        with selectors.DefaultSelector() as selector:
            selector.register(self._control, selectors.EVENT_READ)
            selector.register(woken, selectors.EVENT_READ)
            while True:
                ready = {key.fd for key, _ in selector.select()}
                if woken in ready:
                    os.read(woken, 4096)
                    self._reap()
                if self._control.fileno() in ready:
                    try:
                        piece, descriptors, _, _ = socket.recv_fds(self._control, 4096, 2)
                    except ConnectionError:
                        piece = b""
                    if not piece:
                        break
                    for message in lines.add(piece):
                        self._obey(message, descriptors)
        for pid in self._workers.values():
            _kill_group(pid)
            os.waitpid(pid, 0)

    def _obey(self, message: Mapping[str, Any], descriptors: list[int]) -> None:
        if "fork" in message:
            self._fork(message["fork"], *descriptors)
        elif "still" in message:
            self._keep_still(message["still"])
        elif message["kill"] in self._workers:
            _kill_group(self._workers[message["kill"]])

    def _fork(self, number: int, connection: int, faults: int) -> None:
        if self._sharing.devices:
            self._devices[number] = self._sharing.device(self._devices.values())
        try:
            pid = os.fork()
        except OSError as error:
            self._say(unforked=number, text=error.strerror or str(error))
            pid = -1
        if pid == 0:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            leave, status = os._exit, 1
            try:
                self._control.close()
                prepare(self._limits, faults)
                if number in self._devices:
                    use_device(self._devices[number], self._sharing)
                with socket.socket(fileno=connection) as own:
                    work(own, self._evaluator, self._events, self._sources)
                status = 0
            except ConnectionError:
                status = 0  # the driver has gone
            except BaseException:
                traceback.print_exc()
                raise
            finally:
                with suppress(OSError, ValueError):
                    sys.stdout.flush()
                leave(status)
        os.close(connection)
        os.close(faults)
        if pid > 0:
            self._workers[number] = pid
            if self._still is not None:
                _signal_group(pid, signal.SIGSTOP)
            self._say(forked=number, pid=pid)

    def _keep_still(self, number: int | None) -> None:
        """Stops all workers but one, with what they have started; None: all go on."""
        self._still = number if number in self._workers else None
        for one, pid in self._workers.items():
            _signal_group(pid, signal.SIGCONT if self._still in (None, one) else signal.SIGSTOP)
        if self._still is not None:
            self._say(still=number)

    def _reap(self) -> None:
        """Tells the driver which workers have ended, and ends what they had started."""
        for number, pid in list(self._workers.items()):
            # The group is ended while the worker is a zombie: until then, its number belongs to nobody else.
            if os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
                _kill_group(pid)
                _, status = os.waitpid(pid, 0)
                del self._workers[number]
                self._devices.pop(number, None)
                if number == self._still:
                    self._keep_still(None)
                self._say(ended=number, status=os.waitstatus_to_exitcode(status))

    def _say(self, **message: Any) -> None:
        with suppress(ConnectionError):  # the driver has gone, which the loop will notice
            self._control.sendall(line(**message))


def _kill_group(pid: int) -> None:
    """Ends a worker and its process group."""
    _signal_group(pid, signal.SIGKILL)


def _signal_group(pid: int, signum: signal.Signals) -> None:
    """Sends a signal to a worker and its process group, which does not exist yet when the worker has just begun."""
    with suppress(ProcessLookupError):
        os.kill(pid, signum)
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signum)
