"""A server that has everything imported and forks a child for each command, so that a command, or a kill, costs a
fraction of a second. The child runs the command as the shell would start it."""

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path


def read(log: Path) -> str:
    """What a command has said so far."""
    return log.read_text() if log.exists() else ""


def wait_until(done: Callable[[], bool]) -> None:
    """Looks again and again, for ten minutes at the longest."""
    until = time.monotonic() + 600
    while not done():
        assert time.monotonic() < until
        time.sleep(0.01)


SERVER = """
import json, os, signal, sys, traceback
from importlib import import_module
from pathlib import Path
import nas.cli, nas.comparison.compare, nas.runs.report, nas.runs.run
import nas.training.fit, nas.final.export, nas.final.fine_tune, nas.driver.optuna_study

# Drawing takes most of the time of what is this small.
drawn = nas.runs.report.report_html, nas.comparison.compare.write_comparison
nas.runs.report.report_html = lambda summary: "<!doctype html>"
nas.comparison.compare.write_comparison = lambda judged, folder, options: Path(folder, "report.html")

def arm(where, name, when, count, mentions):
    module, _, cls = where.partition(":")
    owner = getattr(import_module(module), cls) if cls else import_module(module)
    original, calls = getattr(owner, name), 0
    def armed(*args, **kwargs):
        nonlocal calls
        calls += mentions in repr(args)
        if when == "before" and calls == count:
            os.kill(os.getpid(), signal.SIGKILL)
        result = original(*args, **kwargs)
        if when == "after" and calls == count:
            os.kill(os.getpid(), signal.SIGKILL)
        return result
    setattr(owner, name, armed)

def open_streams():
    sys.stdout, sys.stderr = open(1, "w", closefd=False), open(2, "w", buffering=1, closefd=False)

def script(code):
    open_streams()
    nas.runs.report.report_html, nas.comparison.compare.write_comparison = drawn
    exec(code, {"__name__": "__main__"})
    sys.exit()

def command(before, arguments):
    exec(before, {})  # it may change the streams
    open_streams()
    sys.argv = ["nas", *arguments]
    nas.cli.main()

def child(order):
    signal.alarm(300)
    for stream, path in enumerate((order["out"], order["log"]), 1):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND), stream)
    os.chdir(order["folder"])
    if order["kill"]:
        arm(*order["kill"])
    try:
        script(order["before"]) if order["arguments"] is None else command(order["before"], order["arguments"])
    except SystemExit as end:
        return end.code or 0
    except BaseException:
        traceback.print_exc()
    return 70

nas.runs.run.run(*sys.argv[1:2], out=sys.argv[2])  # imports all that a run needs
print("ready", flush=True)
for line in sys.stdin:
    order = json.loads(line)
    if isinstance(order, int):  # a child is waited for when that is asked; until then its number stays its own
        print(os.waitpid(order, 0)[1], flush=True)
        continue
    pid = os.fork()
    if not pid:
        os._exit(child(order))
    print(pid, flush=True)
"""


FORKED = """
import multiprocessing, os, signal
from nas.simulation import parallel

forked, serve = multiprocessing.get_context("fork"), parallel._serve
os.setsid()

def serve_alone(*arguments):
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # a new process knows nothing of ours
    serve(*arguments)

parallel._serve = serve_alone
multiprocessing.get_context = lambda method: forked
"""
"""Run before a comparison: its processes are spawned, and here they are forked, which costs nothing."""


Kill = tuple[str, str, str, int, str]
"""Where a child kills itself: module and class, function, before or after, at which call of those that mention what."""


@dataclass
class Server:
    """Runs commands in children."""

    process: "subprocess.Popen[str]"

    def begin(
        self, *arguments: str, log: Path, kill: Kill | None = None, out: Path | None = None, before: str = ""
    ) -> int:
        """Starts a command; returns its process.

        Args:
            arguments: of the command `nas`.
            log: where standard error goes, and standard output where there is no `out`.
            kill: where it kills itself.
            out: where standard output goes.
            before: code that is run first.
        """
        given = {"arguments": arguments, "log": str(log), "out": str(out or log), "kill": kill, "before": before}
        number = self._send({**given, "folder": os.curdir})
        assert number > 1, "0 and 1 stand for more than a child"
        return number

    def end(self, process: int) -> int:
        """Waits for a command; returns its exit code, or a signal's number with a minus."""
        return os.waitstatus_to_exitcode(self._send(process))

    def run(
        self, *arguments: str, log: Path, kill: Kill | None = None, out: Path | None = None, before: str = ""
    ) -> int:
        """Starts a command and waits for it."""
        return self.end(self.begin(*arguments, log=log, kill=kill, out=out, before=before))

    def script(self, code: str, *, folder: Path, log: Path) -> int:
        """Runs code in a folder, as `python -W error -c` does, and waits for it; returns its exit code. The name of the
        main module is known, and its file is none."""
        given = {"arguments": None, "log": str(log), "out": str(log), "kill": None, "folder": str(folder)}
        return self.end(self._send({**given, "before": f"import warnings\nwarnings.simplefilter('error')\n{code}"}))

    def _send(self, order: object) -> int:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())


@contextlib.contextmanager
def served(config: Path) -> Iterator[Server]:
    """A server that has run a run file, and so imported all that a run needs."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    with subprocess.Popen(
        [sys.executable, "-c", SERVER, str(config), str(config.parent / "run")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield Server(process)
        assert process.stdin is not None
        process.stdin.close()
