"""What a search remembers, so that a repeat is not evaluated again."""

from collections.abc import Callable, Hashable

from nas.space import Architecture
from nas.trial import Metrics, Proposal, Trial


class Memory:
    """The first trial of each network and length of training that did not fail, of those that were told.

    Args:
        key: what two proposals with the same result have in common.
    """

    def __init__(self, key: Callable[[Proposal], Hashable]) -> None:
        self._key = key
        self._known: dict[Hashable, Trial] = {}

    def recall(self, proposal: Proposal) -> Trial | None:
        """The trial that answers a proposal; None: it has to be evaluated."""
        return self._known.get(self._key(proposal))

    def tell(self, trial: Trial) -> None:
        """Learns of a trial."""
        if trial.error is None:
            self._known.setdefault(self._key(trial.proposal), trial)


def answer_of(known: Trial, arch: Architecture) -> Metrics:
    """The metrics of an architecture that a trial answers for, with 0 `seconds`. Networks that are equal to an
    evaluator may differ in their costs: those are the architecture's own."""
    own = {name: float(cost) for name, cost in arch.cost._asdict().items() if name in known.metrics}
    return {**known.metrics, **own, "seconds": 0.0}
