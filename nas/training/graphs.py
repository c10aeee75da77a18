"""CUDA graphs: what a computation asks of the device, recorded once and replayed by a single launch.

A small network needs a hundred kernels for a step, each of which the host takes longer to launch than the device to
compute. See https://docs.pytorch.org/docs/stable/notes/cuda.html#cuda-graphs.
"""

import random
import warnings
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from types import TracebackType

import numpy as np
import torch

failed: list[torch.cuda.CUDAGraph] = []
"""Graphs whose capture failed in this process. They are kept, because torch's allocator still refers to them."""

_WAITS = "called a synchronizing CUDA operation"
"""The warning of torch's debug mode of synchronisation."""

_PROTOTYPE = "Synchronization debug mode"
"""The beginning of the warning that this mode gives of itself."""


class OwnStream:
    """A context in which everything runs on a stream of its own: a capture cannot be on the default stream, and all
    steps of a training must be on one. It can be entered again."""

    def __init__(self, device: torch.device) -> None:
        self._stream = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
        self._others: list[tuple[torch.cuda.Stream, AbstractContextManager[object]]] = []

    def __enter__(self) -> None:
        before = torch.cuda.current_stream(self._stream.device)
        self._stream.wait_stream(before)
        context: AbstractContextManager[object] = torch.cuda.stream(self._stream)
        context.__enter__()
        self._others.append((before, context))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        before, context = self._others.pop()
        context.__exit__(kind, error, traceback)
        before.wait_stream(self._stream)


def own_stream(device: torch.device) -> AbstractContextManager[None]:
    """A context in which a training runs; on the CPU it does nothing."""
    return OwnStream(device) if device.type == "cuda" else nullcontext()


def unsuited(compute: Callable[[], None]) -> str:
    """Runs a computation once, and says why its replay would be something else; empty: nothing speaks against it.

    A computation that waits for the device may depend on what it learns from it (`.item()`, a branch on a tensor), and
    cannot be captured. One that draws from a generator of the host would draw once for all replays.
    """
    before = _host_generators()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        mode = torch.cuda.get_sync_debug_mode()
        torch.cuda.set_sync_debug_mode("warn")
        try:
            compute()
        finally:
            torch.cuda.set_sync_debug_mode(mode)
    waits = False
    for one in caught:
        text = str(one.message)
        if text.startswith(_WAITS):
            waits = True
        elif not text.startswith(_PROTOTYPE):
            warnings.warn_explicit(one.message, one.category, one.filename, one.lineno)
    if waits:
        return "it waits for the device"
    return "" if _host_generators() == before else "it draws from a random generator of the host"


def _host_generators() -> tuple[str, str, bytes]:
    torch_state = torch.default_generator.get_state().numpy().tobytes()
    return repr(random.getstate()), repr(np.random.get_state(legacy=False)), torch_state


def capture(compute: Callable[[], None]) -> Callable[[], None]:
    """Records a computation on the current stream, without running it. Returns what replays it.

    Raises:
        RuntimeError: CUDA refuses; nothing was computed. Nothing more is captured in this process, because a capture
            that failed leaves torch's allocator in the state of capturing.
    """
    if failed:
        raise RuntimeError("an earlier capture failed in this process")
    stream = torch.cuda.current_stream()
    generator = torch.cuda.default_generators[stream.device.index]
    before = generator.clone_state()
    graph = torch.cuda.CUDAGraph()
    try:
        with torch.cuda.graph(graph, stream=stream):
            compute()
    except RuntimeError:
        # The generator would still count as captured, and refuse to draw (pytorch's `CUDAGeneratorState::increase`).
        generator.graphsafe_set_state(before)
        failed.append(graph)
        raise
    return graph.replay
