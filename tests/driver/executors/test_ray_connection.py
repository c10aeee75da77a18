"""The driver's side of the bridge to a cluster, with another process in the place of the bridge."""

from pathlib import Path

import pytest

from nas.driver.executors import ray_connection
from nas.driver.executors.ray_connection import Connection
from nas.driver.executors.ray_setup import Setup
from nas.driver.executors.resources import Resources
from nas.driver.executors.wire import Sent, Sources
from nas.errors import StorageError, UsageError
from tests.driver.executors.faulty import Faulty

SETUP = Setup("head:6379", 1, 0, Resources(2, 2), Sources())
TOLD = """
import os
os.write(descriptor, b'{"slots": 2}\\n')
data = b""
while not data.endswith(b"job"):
    data += os.read(descriptor, 1 << 20)
os.write(descriptor, b'{"notice": "slow"}\\n')
raise SystemExit("the head is gone")
"""


@pytest.fixture
def bridge(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> "Bridge":
    return Bridge(monkeypatch, Sent.of(Faulty(tmp_path)))


class Bridge:
    """Connects to a process that runs some code."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, sent: Sent) -> None:
        self._monkeypatch, self._sent = monkeypatch, sent

    def __call__(self, code: str, *, connecting: float = 60) -> Connection:
        self._monkeypatch.setattr(ray_connection, "_START", code)
        self._monkeypatch.setattr(ray_connection, "_CONNECTING", connecting)
        return Connection(self._sent, SETUP)


def test_messages_until_the_process_has_ended(bridge: Bridge) -> None:
    connection = bridge(TOLD)
    try:
        assert connection.slots == 2
        connection.send(b"job")
        assert list(connection.messages(5)) == [{"notice": "slow"}]
        with pytest.raises(StorageError, match="the connection to the Ray cluster is lost: the head is gone"):
            list(connection.messages(5))
    finally:
        connection.close()


def test_an_error_of_the_bridge_is_raised_here(bridge: Bridge) -> None:
    error = "from nas.driver.executors.wire import line, written; from nas.errors import UsageError; "
    with pytest.raises(UsageError, match="no room"):
        bridge(error + "import os; os.write(descriptor, line(**written(UsageError('no room'))))")


def test_a_cluster_that_does_not_answer(bridge: Bridge) -> None:
    with pytest.raises(UsageError, match=r"no Ray cluster answers at head:6379 within 0\.3 s"):
        bridge("import time; time.sleep(60)", connecting=0.3)
