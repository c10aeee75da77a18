"""What every evaluator is: a function of the architecture."""

from typing import Any, Protocol

from nas.space import Architecture
from nas.trial import Metrics


class Evaluator(Protocol):
    """Gives the metrics of an architecture: by training it, by looking it up, or by a formula.

    An evaluator knows no controller and keeps no state that changes its answers: the same arguments give the same
    metrics. `nas.testing.check_evaluator` holds an evaluator to this.
    """

    def __call__(self, arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        """The metrics, for instance `val_acc` in [0, 1], `params`, `macs`, `seconds` and curves.

        Scalars of NumPy or torch are numbers too (`nas.reported`). The objectives' metrics must be finite, others need
        not be. A search puts back what a call changes for the whole process, the global generators too: one that reads
        these instead of `seed` gets the same numbers each time (`nas.containment`).

        Args:
            arch: what to evaluate.
            epochs: for how long to train; None: the evaluator's own full budget.
            seed: the only source of randomness.

        Raises:
            EvaluationFailed: this architecture went wrong; the way to choose the kind. Any other exception that is
                none of `nas.errors` makes a failed trial of the kind CRASH; UsageError ends the search.
        """


def known_to(evaluator: Any, name: str) -> Any:
    """An attribute of an evaluator, or of one that it wraps; None if there is none."""
    while evaluator is not None and not hasattr(evaluator, name):
        evaluator = getattr(evaluator, "evaluator", None)
    return getattr(evaluator, name, None)
