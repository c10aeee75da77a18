"""What a search remembers, so that a network proposed again is not trained again (as MetaQNN does, §4)."""

from collections.abc import Callable, Hashable, Sequence

from nas.space import Architecture
from nas.trial import Metrics, Objective, Proposal, Trial


def network_and_epochs(proposal: Proposal) -> Hashable:
    """What two proposals of one network have in common if they are trained for as many epochs."""
    return proposal.architecture.id, proposal.epochs


class Memory:
    """The first trial of each network and length of training that did not fail, of those that were told.

    Failures are not remembered, those over a limit included: such a network is evaluated again, with another seed.

    Args:
        key: what two proposals with the same result have in common.
    """

    def __init__(self, key: Callable[[Proposal], Hashable] = network_and_epochs) -> None:
        self._key = key
        self._known: dict[Hashable, Trial] = {}

    def recall(self, proposal: Proposal) -> Trial | None:
        """The trial that answers a proposal; None: it has to be evaluated."""
        return self._known.get(self._key(proposal))

    def tell(self, trial: Trial) -> None:
        """Learns of a trial."""
        if trial.error is None:
            self._known.setdefault(self._key(trial.proposal), trial)


def answer_of(known: Trial, arch: Architecture, objectives: Sequence[Objective] = ()) -> Metrics:
    """The metrics of an architecture that a trial answers for, with 0 `seconds`.

    Networks that are equal to an evaluator may differ in their costs: those are the architecture's own. Where `seconds`
    are an objective, they are those of the evaluation: a network is no faster for having been seen.
    """
    own = {name: float(cost) for name, cost in arch.cost._asdict().items() if name in known.metrics}
    spent = {} if any(objective.metric == "seconds" for objective in objectives) else {"seconds": 0.0}
    return {**known.metrics, **own, **spent}
