"""CUDA devices that workers share: how many there are, which worker computes on which, and with how much memory.

A process that has touched CUDA cannot be forked into processes that use it. The driver never touches it, the server of
workers counts the devices in a process of its own, and each worker touches one device, after it was forked.
"""

import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from nas.evaluate.evaluator import Evaluator, known_to

CONTEXT = 0.6 * 2**30
"""Bytes of a device that a process is assumed to take besides its tensors: the context of CUDA, and its libraries."""

LEAST = 0.05
"""The share of the memory of a device that a worker has for its tensors, however many workers there are."""


@dataclass(frozen=True)
class Sharing:
    """How workers share the devices.

    Attributes:
        workers: the number of workers.
        devices: the number of devices; 0: workers compute on the CPU.
    """

    workers: int
    devices: int

    @classmethod
    def of(cls, evaluator: Evaluator, workers: int, per_device: int | None) -> "Sharing":
        """How workers with an evaluator share the devices of this machine.

        Args:
            evaluator: uses a device if it has, or wraps what has, a `device` of `cuda` or `auto`.
            workers: the number of workers that was asked for.
            per_device: the most workers of a device; None: any number.
        """
        devices = count_devices() if known_to(evaluator, "device") in ("auto", "cuda") else 0
        most = workers if per_device is None or not devices else per_device * devices
        return cls(min(workers, most), devices)

    def device(self, taken: Iterable[int]) -> int:
        """The device of another worker: one with the fewest workers, given those of the workers that there are."""
        used = Counter(taken)
        return min(range(self.devices), key=lambda device: used[device])

    def fraction(self, memory: float) -> float:
        """The fraction of the memory of a device, in bytes, that a worker may use for tensors."""
        together = -(-self.workers // self.devices)
        return 1.0 if together == 1 else max(LEAST, 1 / together - CONTEXT / memory)


def count_devices() -> int:
    """The number of CUDA devices that torch can use here, found without touching CUDA in this process."""
    import torch

    if not torch.backends.cuda.is_built():  # type: ignore[no-untyped-call]
        return 0
    pid = os.fork()
    if pid == 0:
        count = 0
        try:
            count = torch.cuda.device_count() if torch.cuda.is_available() else 0
        finally:
            os._exit(min(count, 100))
    _, status = os.waitpid(pid, 0)
    return max(0, os.waitstatus_to_exitcode(status))


def use_device(device: int, sharing: Sharing) -> None:
    """Makes a device the one of this process, with the share of its memory that is a worker's."""
    import torch

    torch.cuda.set_device(device)
    memory = torch.cuda.get_device_properties(device).total_memory
    torch.cuda.set_per_process_memory_fraction(sharing.fraction(memory), device)
