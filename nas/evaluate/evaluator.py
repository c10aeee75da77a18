"""The protocol of evaluators: functions from architectures to metrics."""

from typing import Any, Protocol

from nas.space import Architecture
from nas.trial import Metrics


class Evaluator(Protocol):
    """Computes the metrics of an architecture by training, by a look-up, or by a formula.

    An evaluator is independent of controllers and has no state that changes its results: equal arguments yield equal
    metrics. `nas.testing.check_evaluator` tests this.
    """

    def __call__(self, arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        """The metrics, for instance `val_acc` in [0, 1], `params`, `macs`, `seconds` and curves.

        NumPy and torch scalars are accepted as numbers (`nas.reported`). The metrics of objectives must be finite. A
        search restores process-wide state after each call, including the global random generators: an evaluator that
        uses these instead of `seed` gets the same numbers in each trial (`nas.containment`).

        Args:
            arch: the architecture to evaluate.
            epochs: the number of epochs after which the training is truncated; None: the full training.
            seed: the only source of randomness.

        Raises:
            EvaluationFailed: the architecture cannot be evaluated, with the kind of failure. Any other exception
                outside of `nas.errors` fails the trial with CRASH; UsageError ends the search.
        """


def known_to(evaluator: Any, name: str) -> Any:
    """An attribute of an evaluator, or of an evaluator that it wraps; None if none has it."""
    while evaluator is not None and not hasattr(evaluator, name):
        evaluator = getattr(evaluator, "evaluator", None)
    return getattr(evaluator, name, None)
