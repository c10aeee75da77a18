"""The process of the command: signals, limits, errors and exit codes."""

import sys

from nas.cli.app import app
from nas.errors import ArchwrightError, SpecError, StorageError
from nas.interrupt import Stopped, stoppable
from nas.output import prepare, settle, tell

FEWEST_FILES = 32
"""The least limit on open files; a search has at most 12."""


def main() -> None:
    """Runs the command and ends the process with the exit code of `nas.errors`.

    Output that cannot be written does not stop a search (`nas.output`). A result that cannot be printed is exit code 3,
    or 1 without a message if the reader of a pipe has ended.
    """
    code: str | int | None = 0
    prepare()
    try:
        with stoppable():
            _allow_files()
            try:
                app()
            finally:  # typer ends with SystemExit
                if sys.stdout is not None:
                    sys.stdout.flush()
    except SystemExit as end:
        code = end.code
    except ArchwrightError as error:
        code = error.exit_code
        text = "\n".join([str(error), *getattr(error, "__notes__", ())])
        tell(text if isinstance(error, SpecError) or "\n" in str(error) else f"nas: {text}")
    except Stopped as stop:
        code = stop.exit_code
        saved = "; what is finished is saved, --resume continues" if stop.resumable else ""
        tell(f"nas: stopped by {stop}{saved}")
    except BrokenPipeError:  # the reader of our output has ended
        code = 1
    except OSError as error:
        # Files raise StorageError, so without a name this is our output: its disk is full, for instance.
        code = StorageError.exit_code
        what = "the output cannot be written" if error.filename is None else str(error.filename)
        tell(f"nas: {what}: {error.strerror or error}")
    settle()
    sys.exit(code)


def _allow_files() -> None:
    """Raises StorageError if the limit on open files is below what a search needs."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft >= FEWEST_FILES or soft == resource.RLIM_INFINITY:
        return
    if hard != resource.RLIM_INFINITY and hard < FEWEST_FILES:
        raise StorageError(f"the limit on open files (`ulimit -n`) is {hard}; at least {FEWEST_FILES} are needed")
    resource.setrlimit(resource.RLIMIT_NOFILE, (FEWEST_FILES, hard))
