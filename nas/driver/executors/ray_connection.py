"""The process that is connected to a Ray cluster (`ray_bridge.py`), as the driver sees it."""

import os
import subprocess
import tempfile
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from nas.driver.executors.child import start
from nas.driver.executors.ray_setup import Setup
from nas.driver.executors.wire import Lines, Sent, pickled, raised
from nas.errors import StorageError, UsageError
from nas.interrupt import stop_if_asked

_START = "from nas.driver.executors.ray_bridge import serve; serve(descriptor)"

_POLL = 0.1
"""Seconds between two looks at signals."""

_CONNECTING = 60.0
"""Seconds in which the process connects to the cluster."""

_PATIENCE = 10.0
"""Seconds in which the process ends on its own."""


class Connection:
    """The process that is connected to the cluster, as the driver sees it.

    Attributes:
        slots: the number of workers.

    Raises:
        UsageError: there is no such cluster, or it has no room for a worker.
        StorageError: no process can be started, or it has ended.
    """

    def __init__(self, sent: Sent, setup: Setup) -> None:
        self._lines = Lines()
        self._unread: deque[Mapping[str, Any]] = deque()
        # What Ray reports is of use where it ends the process, and would be in the way of the search's own output.
        self._output = tempfile.TemporaryFile()  # noqa: SIM115  closed with the connection
        # Nothing of the search is reported to Ray's makers.
        environment = {**os.environ, "RAY_USAGE_STATS_ENABLED": "0"}
        self._process, self._control = start(_START, environment=environment, output=self._output)
        try:
            self.send(pickled(setup))
            self.send(sent.pickle)
            self.slots = self._wait(setup)
        except BaseException:
            self.close()
            raise

    def _wait(self, setup: Setup) -> int:
        until = time.monotonic() + _CONNECTING
        while time.monotonic() < until:
            stop_if_asked()
            for message in self.messages(_POLL):
                if "raised" in message:
                    raise raised(message)
                return int(message["slots"])
        raise UsageError(f"no Ray cluster answers at {setup.address} within {_CONNECTING:g} s")

    def send(self, data: bytes | memoryview) -> None:
        """Sends a pickle."""
        with suppress(ConnectionError):  # it has ended, which reading will show
            self._control.sendall(data)

    def messages(self, seconds: float) -> Iterator[Mapping[str, Any]]:
        """What the bridge says, waiting for so many seconds at most. Raises StorageError if it has ended."""
        if not self._unread:
            self._unread.extend(self._heard(seconds))
        while self._unread:
            yield self._unread.popleft()

    def _heard(self, seconds: float) -> Iterable[Mapping[str, Any]]:
        self._control.settimeout(seconds)
        try:
            piece = self._control.recv(1 << 16)
        except TimeoutError:
            return ()
        except ConnectionError:
            piece = b""
        finally:
            self._control.settimeout(None)
        if not piece:
            raise StorageError(f"the connection to the Ray cluster is lost{self._last_words()}")
        return self._lines.add(piece)

    def _last_words(self) -> str:
        """The last line that the process reported."""
        self._process.wait(_PATIENCE)
        self._output.seek(0)
        said = self._output.read().decode(errors="replace").strip().splitlines()
        return f": {said[-1].strip()[:300]}" if said else ""

    def close(self) -> None:
        """Ends the process, and all that it has on the cluster."""
        self._control.close()
        if not hasattr(self, "slots"):  # it has nothing there, and may be waiting for the cluster
            self._process.kill()
        try:
            self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._output.close()
