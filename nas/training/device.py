"""Where a network is trained, and in what precision: the names of both, and the device that a name stands for.

Importing this loads no torch.
"""

from typing import TYPE_CHECKING, Literal

from nas.errors import UsageError

if TYPE_CHECKING:
    import torch

Device = Literal["auto", "cpu", "cuda"]
Precision = Literal["auto", "float32", "bfloat16", "float16"]


def pick_device(device: Device) -> "torch.device":
    """The device that a name stands for. Raises UsageError if CUDA is asked for and there is none."""
    import torch

    available = torch.cuda.is_available()
    if device == "cuda" and not available:
        raise UsageError("device 'cuda' was asked for, and torch finds no CUDA device")
    return torch.device("cuda" if device != "cpu" and available else "cpu")


def use_threads(count: int | None) -> None:
    """Sets how many threads torch uses on the CPU, for the whole process; None leaves it as it is.

    Networks of some hundred thousand MACs gain little from a second thread, and lose much where another program wants
    the same cores: torch's threads wait for each other many times a step.
    """
    if count is not None:
        import torch

        torch.set_num_threads(count)


def device_name(device: "torch.device") -> str:
    """`cpu (2 threads)` or `cuda (NVIDIA H100 80GB HBM3)`."""
    import torch

    if device.type == "cuda":
        return f"cuda ({torch.cuda.get_device_name(device)})"
    threads = torch.get_num_threads()
    return f"cpu ({threads} thread{'s' if threads > 1 else ''})"
