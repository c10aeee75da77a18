"""Warm start by a zero-cost proxy: Abdelfattah, Mehrotra, Dudziak & Lane, "Zero-Cost Proxies for Lightweight NAS", ICLR
2021: random architectures are ranked by a proxy that needs no training, and the best are evaluated before the search
begins (their "zero-cost warmup").

Deviations: the candidates are sampled from the seed of the first trial told, so that the ranking follows from the
history and is computed once; before the first result, each proposal is the best of candidates of its own. A proxy is
thus computed for `candidates` architectures once, and once more for each proposal before the first result. There are
100 candidates by default, where the paper ranks thousands.

The wrapped controller is told all trials, including the initial ones, and counts them as its own: evolution adds them
to its population. Candidates that are pending or known are skipped; if none remains, the wrapped controller takes over.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, ClassVar

import numpy as np

from nas.arguments import Positive, checked
from nas.controllers.controller import Controller
from nas.errors import UsageError
from nas.evaluate.proxies import PROXIES
from nas.interrupt import stop_if_asked
from nas.settings.forms import Named
from nas.space import Architecture, Space
from nas.trial import Proposal, Trial


@checked
class WarmStart:
    """A controller that starts from the best architectures by a proxy.

    Args:
        space: where to search.
        controller: the controller after the initial proposals.
        proxies: functions of an architecture and a seed, by name; higher is better.
        proxy: the proxy that ranks the candidates. `params`, `macs` and `synflow` need no data.
        candidates: the number of random architectures that are ranked.
        initial: the number of proposals at the start, which are the best candidates.
    """

    name: ClassVar = "warm_start"

    def __init__(
        self,
        space: Space,
        controller: Controller,
        *,
        proxies: Mapping[str, Callable[[Architecture, int], float]],
        proxy: Annotated[str, Named(tuple(PROXIES))] = "macs",
        candidates: Positive = 100,
        initial: Positive = 10,
    ) -> None:
        if initial > candidates:
            raise UsageError(f"initial must be at most candidates, got {initial} and {candidates}")
        if proxy not in proxies:
            raise UsageError(f"the proxy {proxy!r} needs a data set (expected {', '.join(proxies)})")
        self.space = space
        self.controller = controller
        self.candidates = candidates
        self.initial = initial
        self._score = proxies[proxy]
        self._told: set[str] = set()
        self._trials = 0
        self._seed = 0
        self._ranked: Sequence[Architecture] | None = None

    def ask(self, rng: np.random.Generator, pending: Sequence[Proposal] = ()) -> Proposal:
        if self._trials + len(pending) < self.initial:
            taken = self._told.union(proposal.architecture.id for proposal in pending)
            for arch in self._ranking(rng):
                if arch.id not in taken:
                    return Proposal(arch)
        return self.controller.ask(rng, pending)

    def _ranking(self, rng: np.random.Generator) -> Sequence[Architecture]:
        """The candidates, the best first."""
        if not self._trials:
            return self._rank(rng)
        if self._ranked is None:  # a function of the history, so the state does not change
            self._ranked = self._rank(np.random.default_rng(self._seed))
        return self._ranked

    def _rank(self, rng: np.random.Generator) -> Sequence[Architecture]:
        seed = int(rng.integers(2**32))
        drawn: dict[str, Architecture] = {}
        for _ in range(self.candidates):
            arch = self.space.sample(rng)
            drawn.setdefault(arch.id, arch)
        scores = {}
        for id, arch in drawn.items():
            stop_if_asked()
            scores[id] = self._score(arch, seed)
        return [drawn[id] for id in sorted(scores, key=lambda id: -scores[id])]

    def tell(self, trial: Trial) -> None:
        if not self._trials:
            self._seed = trial.seed
        self._trials += 1
        self._told.add(trial.architecture.id)
        self.controller.tell(trial)
