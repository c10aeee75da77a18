"""What a candidate may do to the process: how it may fail, and that nothing it sets outlasts its trial."""

import os
import random
import signal
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from nas.containment import LONGEST, contained, survivable
from nas.errors import (
    ArchwrightError,
    EvaluationFailed,
    FailureKind,
    IntegrityError,
    MetricsError,
    NoValidTrial,
    ShapeError,
    StorageError,
    UsageError,
    WorkersFailed,
)
from nas.interrupt import Stopped


class OfTheirOwn(Exception):
    """What a user may have made."""


NO_MEMORY = "[enforce fail at alloc_cpu.cpp:124] DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 B."
HERE = Path(__file__).name


@pytest.mark.parametrize(
    ("error", "kind", "cause"),
    [
        (RuntimeError("wrong\nshape"), FailureKind.CRASH, "wrong"),
        (ValueError("wrong"), FailureKind.CRASH, "wrong"),
        (ValueError(), FailureKind.CRASH, "ValueError"),
        (KeyError("x"), FailureKind.CRASH, f"KeyError: 'x' ({HERE}:"),
        (TypeError("no number"), FailureKind.CRASH, f"TypeError: no number ({HERE}:"),
        (IndexError(), FailureKind.CRASH, "IndexError"),
        (OSError(28, "No space left"), FailureKind.CRASH, f"OSError: [Errno 28] No space left ({HERE}:"),
        (OfTheirOwn("a\nb"), FailureKind.CRASH, f"OfTheirOwn: a ({HERE}:"),
        (ShapeError("does not fit"), FailureKind.CRASH, "does not fit"),
        (SystemExit(0), FailureKind.CRASH, f"SystemExit: 0 ({HERE}:"),
        (RuntimeError("x" * 10_000), FailureKind.CRASH, "x" * LONGEST),
        (MemoryError(), FailureKind.OOM_HOST, "out of memory"),
        (RuntimeError(NO_MEMORY), FailureKind.OOM_HOST, NO_MEMORY),
        (RuntimeError("not enough memory: you tried to allocate 8 bytes."), FailureKind.OOM_HOST, "not enough memory"),
        (torch.OutOfMemoryError("CUDA out of memory. Tried"), FailureKind.OOM_CUDA, "CUDA out of memory. Tried"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else "",
)
def test_what_a_candidate_raises_fails_its_trial(error: BaseException, kind: FailureKind, cause: str) -> None:
    with pytest.raises(EvaluationFailed) as caught, survivable():
        raise error
    assert caught.value.kind is kind
    assert caught.value.message.startswith(cause)
    assert len(caught.value.message) < LONGEST + 100
    assert caught.value.__cause__ is error


@pytest.mark.parametrize(
    "error",
    [
        KeyboardInterrupt(),
        Stopped(signal.SIGTERM),
        GeneratorExit(),
        EvaluationFailed(FailureKind.OVER_LIMIT, "as told"),
        UsageError("a setting"),
        MetricsError("no metric"),
        StorageError("disk full"),
        IntegrityError("altered"),
        NoValidTrial("none"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_about_the_run_passes(error: BaseException) -> None:
    with pytest.raises(type(error)) as caught, survivable(FailureKind.BUILD_ERROR):
        raise error
    assert caught.value is error


def test_every_error_of_ours_is_decided_about() -> None:
    """A new one passes; this is to think about it."""
    passing = {UsageError, StorageError, IntegrityError, NoValidTrial, WorkersFailed, EvaluationFailed}
    assert set(ArchwrightError.__subclasses__()) == passing


@pytest.mark.parametrize("leave", [lambda: sys.exit(0), lambda: os._exit(0)], ids=["sys.exit", "os._exit"])
def test_a_candidate_cannot_end_the_process(leave: Callable[[], None]) -> None:
    with pytest.raises(EvaluationFailed, match=rf"^CRASH: SystemExit: 0 \({HERE}:"), survivable():
        leave()


def test_an_exit_of_the_process_is_as_it_was() -> None:
    before = os._exit
    with survivable(), survivable():
        assert os._exit is not before
    assert os._exit is before


def test_others_may_still_leave(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread that guards against hangs, and children that were forked."""
    left: list[int] = []
    monkeypatch.setattr(os, "_exit", left.append)
    with survivable():
        thread = threading.Thread(target=lambda: os._exit(3))
        thread.start()
        thread.join()
        monkeypatch.setattr(os, "getpid", lambda: -1)
        leave: Callable[[int], object] = os._exit
        leave(4)
    assert left == [3, 4]


CHANGES: dict[str, tuple[Callable[[], Any], Callable[[], object]]] = {
    "random": (random.getstate, random.random),
    "numpy.random": (lambda: repr(np.random.get_state(legacy=True)), np.random.random_sample),
    "numpy.seterr": (np.geterr, lambda: np.seterr(all="raise")),
    "warnings": (lambda: list(warnings.filters), lambda: warnings.simplefilter("ignore")),
    "working directory": (os.getcwd, lambda: os.chdir("/")),
    "SIGINT": (lambda: signal.getsignal(signal.SIGINT), lambda: signal.signal(signal.SIGINT, lambda *_: None)),
    "SIGTERM": (lambda: signal.getsignal(signal.SIGTERM), lambda: signal.signal(signal.SIGTERM, lambda *_: None)),
    "torch.random": (lambda: torch.get_rng_state().tolist(), lambda: torch.rand(1)),
    "default dtype": (torch.get_default_dtype, lambda: torch.set_default_dtype(torch.float64)),
    "default device": (torch.get_default_device, lambda: torch.set_default_device("meta")),
    "threads": (torch.get_num_threads, lambda: torch.set_num_threads(torch.get_num_threads() + 1)),
    "gradients": (torch.is_grad_enabled, lambda: torch.set_grad_enabled(False)),
    "anomalies": (torch.is_anomaly_enabled, lambda: torch.autograd.set_detect_anomaly(True)),
    "determinism": (
        torch.are_deterministic_algorithms_enabled,
        lambda: torch.use_deterministic_algorithms(True, warn_only=True),
    ),
    "autocast": (lambda: torch.is_autocast_enabled("cpu"), lambda: torch.set_autocast_enabled("cpu", True)),
    "autocast dtype": (lambda: torch.get_autocast_dtype("cpu"), lambda: torch.set_autocast_dtype("cpu", torch.half)),
    "cudnn.benchmark": (
        lambda: torch.backends.cudnn.benchmark,
        lambda: setattr(torch.backends.cudnn, "benchmark", not torch.backends.cudnn.benchmark),
    ),
    "matmul precision": (torch.get_float32_matmul_precision, lambda: torch.set_float32_matmul_precision("medium")),
    "matmul precision, the new way": (
        lambda: torch.backends.cuda.matmul.fp32_precision,
        lambda: setattr(torch.backends.cuda.matmul, "fp32_precision", "tf32"),
    ),
}


@pytest.mark.parametrize("fails", [False, True])
@pytest.mark.parametrize("name", CHANGES)
def test_what_a_candidate_changes_is_put_back(name: str, fails: bool) -> None:
    look, change = CHANGES[name]
    before = look()
    with pytest.raises(KeyError) if fails else contained(), contained():
        change()
        assert look() != before
        if fails:
            raise KeyError
    assert look() == before


def test_all_at_once_is_put_back_and_nothing_is_changed_without_need() -> None:
    before = {name: look() for name, (look, _) in CHANGES.items()}
    for changes in ([], [change for _, change in CHANGES.values()]):
        with contained():
            for change in changes:
                change()
        assert {name: look() for name, (look, _) in CHANGES.items()} == before


IMPORTED_WITHIN = """
import sys
from nas.containment import contained

def state():
    switches = torch.is_grad_enabled(), torch.are_deterministic_algorithms_enabled(), torch.is_autocast_enabled("cpu")
    return [torch.get_default_dtype(), torch.get_num_threads(), *switches, torch.get_rng_state().tolist()]

def change():
    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(torch.get_num_threads() + 1)
    torch.set_grad_enabled(False)
    torch.use_deterministic_algorithms(True)
    torch.set_autocast_enabled("cpu", True)
    torch.rand(1)
    return state()

finders = list(sys.meta_path)
with contained():
    with contained():
        assert "torch" not in sys.modules
        import torch
        first, other = state(), change()
        assert all(map(lambda one, two: one != two, first, other))
    assert state() == first
    assert change() == other
assert state() == first
assert sys.meta_path == finders
with contained():
    assert change() == other
assert state() == first
"""


def test_torch_that_is_imported_within() -> None:
    """By an evaluator of one's own, in the first trial of a search."""
    subprocess.run([sys.executable, "-c", IMPORTED_WITHIN], check=True)


def test_in_another_thread() -> None:
    """Handlers of signals are the main thread's alone; the rest is put back here too."""
    found: list[object] = []

    def work() -> None:
        with contained():
            np.seterr(all="raise")
        found.append(np.geterr())

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == [np.geterr()]


def test_a_working_directory_that_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    with contained():
        np.seterr(all="ignore")
    assert np.geterr()["over"] != "ignore"
