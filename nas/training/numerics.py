"""What the numbers of a training depend on besides its arguments: versions, the processor, and threads."""

import platform
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

PACKAGES = ("archwright", "torch", "numpy", "scikit-learn")


def numerics(device: torch.device) -> Mapping[str, Any]:
    """As plain data, what must be equal for two trainings of equal arguments to give the same numbers bit for bit.

    Args:
        device: where networks are trained.
    """
    return {
        **_versions(),
        "device": torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu",
        "processor": processor(),
        "instructions": torch.backends.cpu.get_cpu_capability(),
        "threads": torch.get_num_threads(),
        "matmul_precision": torch.get_float32_matmul_precision(),
        "deterministic_algorithms": torch.are_deterministic_algorithms_enabled(),
    }


@cache
def _versions() -> Mapping[str, str]:
    return {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}}


@cache
def processor() -> str:
    """The model of the processor, which the libraries of linear algebra choose their routines by."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    names = (text.partition(":")[2].strip() for text in lines if text.startswith("model name"))
    return next(names, "") or platform.processor() or platform.machine()
