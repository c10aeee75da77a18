"""The evaluator that scores networks without training them."""

import math
import time
from collections.abc import Sequence
from typing import Annotated, ClassVar

from nas.arguments import checked
from nas.data import Dataset
from nas.errors import EvaluationFailed, FailureKind, UsageError
from nas.evaluate.proxies import PROXIES
from nas.ops import COSTS
from nas.settings.forms import Named
from nas.space import Architecture
from nas.training.device import Device
from nas.trial import Metrics, Objective

NEEDS_GRADIENT = "jacob_cov"
"""The proxy of gradients with respect to the inputs, which token indices do not have."""


@checked
class ZeroCost:
    """Scores the initial weights of networks by zero-cost proxies (`nas.evaluate.zero_cost`); nothing is trained.

    Each proxy is a metric under its own name, and higher is better for all of them, so that an objective such as
    `{synflow: maximize}` searches by it. If a proxy that was asked for, by `proxies` or by an objective, is undefined
    for a network, its trial fails with NONFINITE; others are left out of the metrics.

    Args:
        data: its training part provides the batches; None: only proxies that need no data.
        proxies: the proxies to compute, by their names in the table of proxies; empty: all that the data allow.
        objectives: the objectives of the search, whose proxies are computed as well.
        device: where networks are built; `auto`: CUDA, if it is available.
    """

    metrics: ClassVar[tuple[str, ...]] = (*PROXIES, "seconds")
    """What may be reported."""

    def __init__(
        self,
        data: Dataset | None,
        *,
        proxies: Sequence[Annotated[str, Named(tuple(PROXIES))]] = (),
        objectives: Sequence[Objective] = (),
        device: Device = "auto",
    ) -> None:
        self.data = data
        self.device: Device = device
        asked = [*proxies, *(one.metric for one in objectives)]
        for name in asked:
            if data is None and PROXIES.get(name):
                raise UsageError(f"the proxy {name} needs a data set")
        self.proxies = tuple(
            name
            for name, needs_data in PROXIES.items()
            if (not proxies or name in asked) and name not in COSTS and not (needs_data and data is None)
        )
        self._asked = asked

    def check(self, networks: Sequence[Architecture]) -> None:
        """Raises UsageError if a proxy that was asked for is undefined for the inputs of some networks."""
        if NEEDS_GRADIENT in self._asked and any(arch.tokens is not None for arch in networks):
            from nas.evaluate.zero_cost import measure

            for arch in networks:
                measure(NEEDS_GRADIENT, arch, self.data, seed=0, device="cpu")

    def warm(self) -> None:
        """Imports what proxies need, so that processes that are forked from this one need not."""
        import nas.evaluate.zero_cost  # noqa: F401

    def __call__(self, arch: Architecture, *, epochs: int | None = None, seed: int) -> Metrics:
        """The proxies of a network, `params`, `macs` and `seconds`.

        Args:
            arch: the architecture.
            epochs: has no effect.
            seed: of the initial weights and the batches.

        Raises:
            EvaluationFailed: the network fails (BUILD_ERROR, OOM_HOST, OOM_CUDA, CRASH), or a proxy that was asked for
                is undefined (NONFINITE).
            UsageError: a proxy needs inputs of another kind, or CUDA was requested and is not available.
        """
        begin = time.perf_counter()
        found = self.defined(arch, seed=seed)
        for name in self._asked:
            if name in self.proxies and name not in found:
                raise EvaluationFailed(FailureKind.NONFINITE, f"{name} is undefined for this network")
        return {**found, "seconds": time.perf_counter() - begin}

    def defined(self, arch: Architecture, *, seed: int) -> dict[str, float]:
        """The costs of a network, and the proxies that are defined for it.

        Raises:
            EvaluationFailed: the network fails: BUILD_ERROR, OOM_HOST, OOM_CUDA or CRASH.
        """
        from nas.evaluate.zero_cost import measure

        found: dict[str, float] = {**arch.cost._asdict()}
        for name in self.proxies:
            if name == NEEDS_GRADIENT and name not in self._asked and arch.tokens is not None:
                continue
            value = measure(name, arch, self.data, seed=seed, device=self.device)
            if math.isfinite(value):
                found[name] = value
        return found
