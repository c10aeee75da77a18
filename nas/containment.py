"""Containment of candidates: a network and its code can affect only its own trial.

`survivable` turns any exception into a failed trial. `contained` restores the process-wide state that a candidate may
have changed, so that each trial starts from the same state. Neither helps against segmentation faults or endless loops,
which cannot be contained within the process; `nas.driver.deaths` handles the death of the process.
"""

import os
import random
import signal
import sys
import threading
import traceback
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple, NoReturn

import numpy as np

from nas.errors import ArchwrightError, EvaluationFailed, FailureKind, ShapeError
from nas.interrupt import SIGNALS

LONGEST = 500
"""Maximal number of characters of an error message that a trial stores."""


@contextmanager
def survivable(otherwise: FailureKind = FailureKind.CRASH) -> Iterator[None]:
    """Turns what a candidate raises in this block into EvaluationFailed: every `Exception`, and `sys.exit`.

    Errors of `nas.errors` pass, because they concern the run rather than the candidate (a missing metric, a full disk),
    except for `ShapeError`, which concerns the candidate. Interruptions of the program pass too.

    Args:
        otherwise: the kind of failures other than a lack of memory.

    Raises:
        EvaluationFailed: OOM_HOST, OOM_CUDA or `otherwise`, with the cause in one line.
    """
    try:
        with _exits_that_can_be_seen():
            yield
    except (Exception, SystemExit) as error:
        if isinstance(error, ArchwrightError) and not isinstance(error, ShapeError):
            raise
        kind = _kind(error, otherwise)
        if kind is FailureKind.OOM_CUDA:
            sys.modules["torch"].cuda.empty_cache()
        raise EvaluationFailed(kind, _cause(error)) from error


def _kind(error: BaseException, otherwise: FailureKind) -> FailureKind:
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(error, torch.OutOfMemoryError):
        return FailureKind.OOM_CUDA
    text = str(error).lower()
    # torch reports a failed allocation on the host as RuntimeError.
    told = isinstance(error, RuntimeError) and ("can't allocate memory" in text or "not enough memory" in text)
    return FailureKind.OOM_HOST if told or isinstance(error, MemoryError) else otherwise


def _cause(error: BaseException) -> str:
    """The first line of the message, with type and position if it says little alone: `KeyError: 1 (file.py:12)`."""
    first = next(iter(str(error).splitlines()), "")[:LONGEST]
    if isinstance(error, MemoryError):
        return first or "out of memory"
    # torch raises the first two, with messages that are clear by themselves.
    if isinstance(error, RuntimeError | ValueError | ArchwrightError) and first:
        return first
    # The frames of this file, where an exit is caught, say nothing about the candidate.
    frames = traceback.extract_tb(error.__traceback__)
    place = ([frame for frame in frames if frame.filename != __file__] or frames)[-1]
    name = type(error).__name__
    return f"{name}: {first} ({Path(place.filename).name}:{place.lineno})" if first else name


@contextmanager
def _exits_that_can_be_seen() -> Iterator[None]:
    """Makes `os._exit` raise SystemExit, as `sys.exit` does, within this block, thread and process. It would terminate
    the search silently, with exit code 0 and half of its trials."""
    leave, process, thread = os._exit, os.getpid(), threading.get_ident()

    def exit_seen(status: int) -> NoReturn:
        if (os.getpid(), threading.get_ident()) == (process, thread):
            raise SystemExit(status)
        leave(status)

    os._exit = exit_seen
    try:
        yield
    finally:
        os._exit = leave


@contextmanager
def contained() -> Iterator[None]:
    """Restores the process-wide state that a candidate may change, at the end of this block.

    It comprises the global random generators; torch's default dtype and device, and its settings of autograd, autocast,
    precision, determinism and threads; NumPy's handling of floating-point errors; warning filters; signal handlers; and
    the working directory. If torch is first imported within the block, its initial state is restored.
    """
    before: list[tuple[_Setting, Any]] = []

    def note(settings: Sequence[_Setting]) -> None:
        before.extend((setting, value) for setting in settings if (value := setting.read()) is not None)

    note(_PYTHON)
    with once_torch_is_there(lambda: note(_torch())):
        try:
            yield
        finally:
            for setting, value in before:
                if setting.volatile or setting.read() != value:
                    setting.put(value)


@contextmanager
def once_torch_is_there(act: Callable[[], None]) -> Iterator[None]:
    """Calls `act` now, or as soon as torch is imported within this block."""
    if "torch" in sys.modules:
        act()
        yield
        return
    finder = _TorchFinder(act)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


class _TorchFinder(MetaPathFinder):
    """Delegates the import of torch to the other finders, and calls `act` after it."""

    def __init__(self, act: Callable[[], None]) -> None:
        self.act = act

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != "torch":
            return None
        others = sys.meta_path[sys.meta_path.index(self) + 1 :]
        spec = next(filter(None, (other.find_spec(fullname, path, target) for other in others)), None)
        if spec is not None and spec.loader is not None:
            load = spec.loader.exec_module

            def load_and_act(module: ModuleType) -> None:
                load(module)
                self.act()

            spec.loader.exec_module = load_and_act  # type: ignore[method-assign]
        return spec


class _Setting(NamedTuple):
    """A piece of process-wide state, with functions that read and restore it; `volatile`: restoring is cheaper than
    comparing."""

    get: Callable[[], Any]
    put: Callable[[Any], object]
    volatile: bool = False

    def read(self) -> Any:
        """The value; None if it cannot be read: torch refuses to report settings made by two conflicting interfaces,
        and the working directory may have been removed."""
        try:
            return self.get()
        except (RuntimeError, OSError):
            return None


def _attribute(owner: Any, name: str) -> _Setting:
    return _Setting(lambda: getattr(owner, name), lambda value: setattr(owner, name, value))


def _handler(signum: signal.Signals) -> _Setting:
    """The handler of a signal, which only the main thread may set."""
    return _Setting(
        lambda: signal.getsignal(signum) if threading.current_thread() is threading.main_thread() else None,
        lambda value: signal.signal(signum, value),
    )


def _filter_warnings(filters: Sequence[Any]) -> None:
    warnings.filters[:] = filters  # type: ignore[index]


_PYTHON: tuple[_Setting, ...] = (
    _Setting(random.getstate, random.setstate, volatile=True),
    _Setting(lambda: np.random.get_state(legacy=False), np.random.set_state, volatile=True),
    _Setting(np.geterr, lambda value: np.seterr(**value)),
    _Setting(lambda: tuple(warnings.filters), _filter_warnings),
    _Setting(os.getcwd, os.chdir),
    *map(_handler, SIGNALS),
)


@cache
def _torch() -> tuple[_Setting, ...]:
    """The settings of torch, in an order in which they can be restored: the older interface of precision first."""
    torch: Any = sys.modules["torch"]
    cuda, backends = torch.cuda, torch.backends
    cudnn, mkldnn = backends.cudnn, backends.mkldnn
    precise = [backends, backends.cuda.matmul, cudnn, cudnn.conv, cudnn.rnn]
    precise += [mkldnn, mkldnn.matmul, mkldnn.conv, mkldnn.rnn]
    return (
        _Setting(torch.get_rng_state, torch.set_rng_state, volatile=True),
        _Setting(
            lambda: cuda.get_rng_state_all() if cuda.is_initialized() else None, cuda.set_rng_state_all, volatile=True
        ),
        _Setting(torch.get_default_dtype, torch.set_default_dtype),
        # An explicit default device "cpu" is equivalent to none, but slower.
        _Setting(
            torch.get_default_device, lambda value: torch.set_default_device(None if value.type == "cpu" else value)
        ),
        _Setting(torch.get_num_threads, torch.set_num_threads),
        _Setting(torch.is_grad_enabled, torch.set_grad_enabled),
        _Setting(
            lambda: (torch.is_anomaly_enabled(), torch.is_anomaly_check_nan_enabled()),
            lambda value: torch.autograd.set_detect_anomaly(*value),
        ),
        _Setting(
            lambda: (
                torch.are_deterministic_algorithms_enabled(),
                torch.is_deterministic_algorithms_warn_only_enabled(),
            ),
            lambda value: torch.use_deterministic_algorithms(value[0], warn_only=value[1]),
        ),
        _attribute(torch.utils.deterministic, "fill_uninitialized_memory"),
        *(_autocast(torch, device) for device in ("cpu", "cuda")),
        _Setting(torch.is_autocast_cache_enabled, torch.set_autocast_cache_enabled),
        *(_attribute(backends.cudnn, name) for name in ("enabled", "benchmark", "deterministic", "allow_tf32")),
        _Setting(torch.get_float32_matmul_precision, torch.set_float32_matmul_precision),
        _attribute(backends.cuda.matmul, "allow_tf32"),
        *(_attribute(owner, "fp32_precision") for owner in precise),
    )


def _autocast(torch: ModuleType, device: str) -> _Setting:
    def put(value: tuple[bool, Any]) -> None:
        torch.set_autocast_enabled(device, value[0])
        torch.set_autocast_dtype(device, value[1])

    return _Setting(lambda: (torch.is_autocast_enabled(device), torch.get_autocast_dtype(device)), put)
