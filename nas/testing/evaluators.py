"""The contract of evaluators."""

import math

from nas.errors import MetricsError
from nas.evaluate.evaluator import Evaluator
from nas.reported import read_metrics
from nas.space import Architecture
from nas.testing.random_states import global_random_untouched, other_global_random
from nas.testing.requirement import require


def check_evaluator(evaluator: Evaluator, arch: Architecture, *, epochs: int | None = 1, seed: int = 0) -> None:
    """Checks the protocol of evaluators on one architecture, which the evaluator must be able to evaluate.

    * Equal arguments yield equal metrics, except for `seconds`.
    * Metrics are finite numbers, or tuples of them, by name (`nas.reported.read_metrics`).
    * Accuracies (`*_acc`) are fractions in [0, 1].
    * The global random generators are neither read nor changed.

    Args:
        evaluator: the evaluator.
        arch: the architecture to evaluate, twice.
        epochs: passed to the evaluator; None: its full budget.
        seed: passed to the evaluator.

    Raises:
        AssertionError: the evaluator violates one of these; says which.
    """
    with global_random_untouched("the evaluator"):
        reported = evaluator(arch, epochs=epochs, seed=seed)
    # The second call starts from other global states, which exposes an evaluator that reads them.
    with other_global_random():
        reported_again = evaluator(arch, epochs=epochs, seed=seed)
    try:
        metrics, again = read_metrics(reported), read_metrics(reported_again)
    except MetricsError as error:
        raise AssertionError(str(error)) from error
    for name, value in (*metrics.items(), *again.items()):
        for number in value if isinstance(value, tuple) else (value,):
            require(math.isfinite(number), f"{name} is {number}; raise EvaluationFailed instead")
            fraction = not name.removesuffix("_curve").endswith("_acc") or 0 <= number <= 1
            require(fraction, f"{name} is {number}; accuracies are fractions in [0, 1]")
    require(list(metrics) == list(again), f"metrics differ between two calls: {list(metrics)} and {list(again)}")
    for name, value in metrics.items():
        require(
            name == "seconds" or value == again[name],
            f"{name} is {value} and then {again[name]} for the same architecture, epochs and seed",
        )
