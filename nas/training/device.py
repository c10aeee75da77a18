"""Devices and precisions by name.

Importing this does not load torch.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

from nas.containment import once_torch_is_there
from nas.errors import UsageError

if TYPE_CHECKING:
    import torch

Device = Literal["auto", "cpu", "cuda"]
Precision = Literal["auto", "float32", "bfloat16", "float16"]


def pick_device(device: Device) -> "torch.device":
    """The torch device of a name. Raises UsageError if CUDA is requested and not available."""
    import torch

    available = torch.cuda.is_available()
    if device == "cuda" and not available:
        raise UsageError("device 'cuda' was requested, but torch finds no CUDA device")
    return torch.device("cuda" if device != "cpu" and available else "cpu")


def use_threads(count: int | None) -> None:
    """Sets the number of torch's CPU threads for the whole process; None: torch's default.

    Networks with some hundred thousand MACs gain little from a second thread, and become much slower if another program
    uses the same cores: torch's threads synchronise many times per step.
    """
    if count is not None:
        import torch

        torch.set_num_threads(count)


@contextmanager
def threads(count: int) -> Iterator[None]:
    """Within this block, torch uses so many CPU threads in this process, as soon as something imports torch."""
    before: list[int] = []

    def limit() -> None:
        torch = sys.modules["torch"]
        before.append(torch.get_num_threads())
        torch.set_num_threads(count)

    with once_torch_is_there(limit):
        try:
            yield
        finally:
            for earlier in before:
                sys.modules["torch"].set_num_threads(earlier)


def device_name(device: "torch.device") -> str:
    """The device for people: `cpu (2 threads)` or `cuda (NVIDIA H100 80GB HBM3)`."""
    import torch

    if device.type == "cuda":
        return f"cuda ({torch.cuda.get_device_name(device)})"
    threads = torch.get_num_threads()
    return f"cpu ({threads} thread{'s' if threads > 1 else ''})"
