"""The table of zero-cost proxies. Importing this loads no torch; `nas.evaluate.zero_cost` says what each one is."""

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType

from nas.arguments import checked
from nas.data import Dataset
from nas.space import Architecture
from nas.training.device import Device

Proxy = Callable[[Architecture, int], float]
"""Guesses from a seed how good an architecture is: higher is better, -∞ where there is nothing to guess from."""

PROXIES: Mapping[str, bool] = MappingProxyType(
    {
        "params": False,
        "macs": False,
        "synflow": False,
        "jacob_cov": True,
        "naswot": True,
        "grad_norm": True,
        "snip": True,
    }
)
"""The names of the proxies, and whether they need a data set."""


@checked
def make_proxies(data: Dataset | None = None, *, device: Device = "auto") -> Mapping[str, Proxy]:
    """The proxies that can be had with a data set, or without one, by their names.

    Args:
        data: whose training part gives batches.
        device: where networks are built; `auto` takes CUDA where there is a device.
    """
    costs: Mapping[str, Proxy] = {"params": _params, "macs": _macs}
    return {
        name: costs.get(name) or partial(_score, name, data, device)
        for name, needs_data in PROXIES.items()
        if data is not None or not needs_data
    }


def _params(arch: Architecture, _seed: int) -> float:
    return float(arch.params)


def _macs(arch: Architecture, _seed: int) -> float:
    return float(arch.macs)


def _score(name: str, data: Dataset | None, device: Device, arch: Architecture, seed: int) -> float:
    from nas.evaluate.zero_cost import score

    return score(name, arch, data, seed=seed, device=device)
