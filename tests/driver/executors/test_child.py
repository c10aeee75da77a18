"""A process with a connection to this one."""

import os
import sys
import tempfile

import pytest

from nas.driver.executors.child import start
from nas.errors import StorageError

CODE = (
    "import os, socket; print('out', flush=True); socket.socket(fileno=descriptor).sendall(str(os.getsid(0)).encode())"
)


def test_a_process_has_a_connection_and_a_session_of_its_own() -> None:
    with tempfile.TemporaryFile() as output:
        process, connection = start(CODE, environment=os.environ, output=output)
        with connection:
            assert int(connection.recv(100)) == process.pid
            assert connection.recv(1) == b"", "the other end is open in no other process"
        assert process.wait() == 0
        output.seek(0)
        assert output.read() == b"out\n"


def test_no_process_is_an_error_of_storage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(StorageError, match="no worker process can be started: No such file"):
        start("", environment=os.environ)
