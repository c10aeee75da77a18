"""What speaks against capturing a computation, and that a capture that fails leaves a usable process."""

import random
import warnings
from collections.abc import Callable

import numpy as np
import pytest
import torch

from nas.training import graphs
from nas.training.graphs import own_stream, unsuited

CPU = torch.device("cpu")
needs_cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")


def test_there_are_no_streams_on_a_cpu() -> None:
    stream = own_stream(CPU)
    for _ in range(2):
        with stream:
            assert torch.ones(2).sum() == 2


def _wait() -> None:
    warnings.warn("called a synchronizing CUDA operation (Triggered internally at ...)", UserWarning, stacklevel=2)


def _complain() -> None:
    warnings.warn("an op is slow", UserWarning, stacklevel=2)


@pytest.mark.parametrize(
    ("compute", "reason"),
    [
        (lambda: None, ""),
        (_wait, "it waits for the device"),
        (random.random, "it draws from a random generator of the host"),
        (np.random.rand, "it draws from a random generator of the host"),
        (lambda: torch.rand(1), "it draws from a random generator of the host"),
        (lambda: torch.rand(1, generator=torch.Generator()), ""),
    ],
    ids=["nothing", "waits", "random", "numpy", "torch", "own generator"],
)
def test_what_speaks_against_a_capture(
    compute: Callable[[], object], reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    modes: list[object] = ["default"]
    monkeypatch.setattr(torch.cuda, "get_sync_debug_mode", lambda: modes[-1])

    def put(mode: object) -> None:
        modes.append(mode)
        warnings.warn("Synchronization debug mode is a prototype feature", UserWarning, stacklevel=2)

    monkeypatch.setattr(torch.cuda, "set_sync_debug_mode", put)
    ran: list[int] = []

    def noted() -> None:
        ran.append(1)
        compute()

    with torch.random.fork_rng(devices=[]):
        assert unsuited(noted) == reason
    assert ran == [1]
    assert modes == ["default", "warn", "default"]


def test_other_warnings_are_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "get_sync_debug_mode", lambda: 0)
    monkeypatch.setattr(torch.cuda, "set_sync_debug_mode", lambda mode: None)
    with pytest.warns(UserWarning, match=r"^an op is slow$"):
        assert unsuited(_complain) == ""


@needs_cuda
def test_a_capture_that_fails_leaves_a_usable_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graphs, "failed", [])
    x = torch.zeros(4, device="cuda")

    def add() -> None:
        x.add_(1)

    def wait() -> None:
        torch.rand(4, device="cuda")
        x.sum().item()

    torch.cuda.manual_seed(0)
    expected = torch.rand(4, device="cuda")
    torch.cuda.manual_seed(0)
    assert unsuited(wait) == "it waits for the device"
    torch.cuda.manual_seed(0)
    with own_stream(x.device):
        replay = graphs.capture(add)
        replay()
        assert x.tolist() == [1.0] * 4, "the capture itself computes nothing"
        with pytest.raises(RuntimeError):
            graphs.capture(wait)
        assert torch.equal(torch.rand(4, device="cuda"), expected)
        with pytest.raises(RuntimeError, match="an earlier capture failed"):
            graphs.capture(add)
        replay()
    torch.cuda.synchronize()
    assert x.tolist() == [2.0] * 4
