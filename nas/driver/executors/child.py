"""A process of ours with a connection to this one: the server of workers, or the bridge to a cluster."""

import json
import socket
import subprocess
import sys
from collections.abc import Mapping
from typing import IO

from nas.errors import StorageError

_PATHS = "import json, sys; sys.path[:] = json.loads(sys.argv[2]); descriptor = int(sys.argv[1]); "


def start(
    code: str, *, environment: Mapping[str, str], output: IO[bytes] | None = None
) -> tuple["subprocess.Popen[bytes]", socket.socket]:
    """Starts this interpreter, in a session of its own: Ctrl-C in a terminal reaches the driver alone.

    Args:
        code: what it runs; `descriptor` is that of its end of the connection.
        environment: its variables.
        output: where its output goes; None: where that of this process goes.

    Returns:
        The process, and this end of the connection.

    Raises:
        StorageError: no process can be started.
    """
    ours, theirs = socket.socketpair()
    with theirs:
        try:
            process = subprocess.Popen(
                [
                    sys.executable,
                    *_interpreter_flags(),
                    "-c",
                    _PATHS + code,
                    str(theirs.fileno()),
                    json.dumps(sys.path),
                ],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=dict(environment),
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        except OSError as error:
            ours.close()
            raise StorageError(f"no worker process can be started: {error.strerror or error}") from error
    return process, ours


def _interpreter_flags() -> list[str]:
    """The options of this interpreter, such as `-W error`.

    `multiprocessing` starts its processes with the same function; there is no public one.
    """
    return subprocess._args_from_interpreter_flags()  # type: ignore[attr-defined,no-any-return]
