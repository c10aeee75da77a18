"""Evaluators that do what a network of a user may do to its process, at the seeds that they are told."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from nas.events import Epochs
from nas.space import Architecture
from nas.trial import Metrics


@dataclass(frozen=True)
class Faulty:
    """Does what `faults` says of the seed, and gives the seed as `val_acc` otherwise.

    Attributes:
        faults: by seed, the name of a function below.
        folder: where the functions leave notes.
    """

    folder: Path
    faults: dict[int, str] = field(default_factory=dict)

    def __call__(self, arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        if seed in self.faults:
            result: Metrics = globals()[self.faults[seed]](self.folder)
            return result
        return {"val_acc": seed / 1000, "val_curve": (0.1 + 0.2, seed / 3), "params": arch.params, "pid": os.getpid()}


def segfault(folder: Path) -> None:
    ctypes.string_at(0)


def abort(folder: Path) -> None:
    os.abort()


def leave(folder: Path) -> None:
    """What `os._exit` in compiled code does, which Python cannot see."""
    ctypes.CDLL(None)._exit(7)


def python_exit(folder: Path) -> None:
    os._exit(3)


def system_exit(folder: Path) -> None:
    sys.exit("enough")


def key_error(folder: Path) -> None:
    raise KeyError("width")


def not_a_number(folder: Path) -> Metrics:
    return {"val_acc": float("nan")}


def allocate(folder: Path) -> Metrics:
    """Two GiB, of which nothing is touched."""
    import numpy as np

    return {"val_acc": float(np.empty(2**31, np.uint8).size)}


def exhaust(folder: Path) -> Metrics:
    """Enters the group of processes whose path `group` holds, and touches more memory than the group may have."""
    (Path((folder / "group").read_text()) / "cgroup.procs").write_text(str(os.getpid()))
    memory = bytearray(2**28)
    for page in range(0, len(memory), 4096):
        memory[page] = 1
    return {"val_acc": 0.5}


def loop(folder: Path) -> None:
    """An endless loop, and a grandchild that would outlive it."""
    child = subprocess.Popen(["sleep", "1000"])
    (folder / "grandchild").write_text(str(child.pid))
    while True:
        time.sleep(0.01)


def scribble(folder: Path) -> None:
    """Writes into everything that is open."""
    for descriptor in range(3, 64):
        try:
            os.write(descriptor, b'{"done": {"val_acc": 1}}\nrubbish\n')
        except OSError:
            continue
    time.sleep(1000)


def kill(folder: Path) -> Metrics:
    """Killed from outside, the first time."""
    return _once(folder, signal.SIGKILL)


def terminate(folder: Path) -> Metrics:
    return _once(folder, signal.SIGTERM)


def kill_always(folder: Path) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def kill_server(folder: Path) -> Metrics:
    note = folder / "server"
    if not note.exists():
        note.touch()
        os.kill(os.getppid(), signal.SIGKILL)
        time.sleep(1000)
    return {"val_acc": 0.5}


def stop(folder: Path) -> Metrics:
    """Stopped for a moment, and continued by another process."""
    subprocess.Popen(["sh", "-c", f"sleep 0.3; kill -CONT {os.getpid()}"], start_new_session=True)
    os.kill(os.getpid(), signal.SIGSTOP)
    return {"val_acc": 0.5}


def slow(folder: Path) -> Metrics:
    time.sleep(0.4)
    return {"val_acc": 0.5}


def forever(folder: Path) -> None:
    (folder / f"worker-{os.getpid()}").touch()
    time.sleep(1000)


def _once(folder: Path, signum: signal.Signals) -> Metrics:
    note = folder / signum.name
    if not note.exists():
        note.touch()
        os.kill(os.getpid(), signum)
        time.sleep(1000)
    return {"val_acc": 0.5}


@dataclass(frozen=True)
class Reporting:
    """Posts three epochs, each after 0.3 seconds."""

    on_epoch: Epochs

    def __call__(self, arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        for epoch in (1, 2, 3):
            time.sleep(0.3)
            self.on_epoch(epoch, {"val_acc": epoch / 3, "val_loss": float("inf")})
        return {"val_acc": 1.0}


def kill_actor(folder: Path) -> None:
    """Ends the actor of the cluster that this process works for: the parent of the server of workers."""
    server = os.getppid()
    actor = int(Path(f"/proc/{server}/stat").read_text().rpartition(")")[2].split()[1])
    os.kill(actor, signal.SIGKILL)
    time.sleep(1000)
