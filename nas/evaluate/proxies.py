"""The table of zero-cost proxies. Importing this does not load torch; `nas/evaluate/zero_cost.py` defines them."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import MappingProxyType

from nas.arguments import checked
from nas.data import Dataset
from nas.ops import COSTS
from nas.space import Architecture
from nas.training.device import Device
from nas.trial import Objective

Proxy = Callable[[Architecture, int], float]
"""Scores an architecture, given a seed: higher is better, and -∞ if the proxy is undefined."""

PROXIES: Mapping[str, bool] = MappingProxyType(
    {
        **dict.fromkeys(COSTS, False),
        "synflow": False,
        "jacob_cov": True,
        "naswot": True,
        "grad_norm": True,
        "snip": True,
        "zico": True,
    }
)
"""The proxies, and whether they need data: costs of an architecture, or else functions of `zero_cost` by name."""


def objectives_when_trained(objectives: Sequence[Objective], own: Objective) -> tuple[Objective, ...]:
    """The objectives by which networks are compared once they are trained in full.

    A zero-cost proxy stands for what a training would show, so that `own`, the objective of the task, takes the place
    of the first proxy, and the others are dropped. Costs and measured metrics remain.
    """
    stand_ins = [one for one in objectives if one.metric in PROXIES and one.metric not in COSTS]
    if not stand_ins:
        return tuple(objectives)
    known = any(one.metric == own.metric for one in objectives)
    first = () if known else (own,)
    return tuple(
        new for one in objectives for new in (first if one is stand_ins[0] else () if one in stand_ins else (one,))
    )


@checked
def make_proxies(data: Dataset | None = None, *, device: Device = "auto") -> Mapping[str, Proxy]:
    """The proxies by name.

    Args:
        data: its training part provides the batches; None: only the proxies that need no data.
        device: where networks are built; `auto`: CUDA, if it is available.
    """
    return {
        name: partial(_cost, name) if name in COSTS else partial(_score, name, data, device)
        for name, needs_data in PROXIES.items()
        if data is not None or not needs_data
    }


def _cost(name: str, arch: Architecture, _seed: int) -> float:
    return float(getattr(arch.cost, name))


def _score(name: str, data: Dataset | None, device: Device, arch: Architecture, seed: int) -> float:
    from nas.evaluate.zero_cost import score

    return score(name, arch, data, seed=seed, device=device)
