"""An evaluator that reports zero-cost proxies beside its own metrics."""

from collections.abc import Sequence
from typing import Annotated

from nas.arguments import checked
from nas.data import Dataset
from nas.evaluate.evaluator import Evaluator, known_to
from nas.evaluate.proxies import PROXIES
from nas.evaluate.zero_cost_evaluator import ZeroCost
from nas.settings.forms import Named
from nas.space import Architecture
from nas.training.device import Device
from nas.trial import Metrics


@checked
class WithProxies:
    """Scores the initial weights of each network by zero-cost proxies, and evaluates it.

    Proxies that are undefined for a network are left out.

    Args:
        evaluator: gives the other metrics.
        data: its training part provides the batches; None: only proxies that need no data.
        proxies: the proxies to compute; empty: all that the data allow.
        device: where networks are built; `auto`: CUDA, if it is available.
    """

    def __init__(
        self,
        evaluator: Evaluator,
        data: Dataset | None,
        *,
        proxies: Sequence[Annotated[str, Named(tuple(PROXIES))]] = (),
        device: Device = "auto",
    ) -> None:
        self.evaluator = evaluator
        self.scores = ZeroCost(data, proxies=proxies, device=device)

    def warm(self) -> None:
        """Imports what evaluations need, so that processes that are forked from this one need not."""
        self.scores.warm()
        warm = known_to(self.evaluator, "warm")
        if warm is not None:
            warm()

    def __call__(self, arch: Architecture, *, epochs: int | None = None, seed: int) -> Metrics:
        """The proxies and the metrics of the evaluator."""
        scores = self.scores.defined(arch, seed=seed)
        return {**scores, **self.evaluator(arch, epochs=epochs, seed=seed)}
