"""Reuse of results that were recovered from a damaged log."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from nas.evaluate.evaluator import Evaluator
from nas.space import Architecture, Value
from nas.trial import Metrics


@dataclass(frozen=True)
class Measured:
    """A valid evaluation that is no longer in the log.

    Attributes:
        choices: the decisions of the architecture.
        epochs: the number of epochs after which the training was truncated; None: the full training.
        seed: the seed of the evaluation.
        metrics: its result.
    """

    choices: Mapping[str, Value]
    epochs: int | None
    seed: int
    metrics: Metrics


class Recalled:
    """Returns recovered results, and evaluates other architectures.

    An evaluator is a function of architecture, epochs and seed, so a repeated evaluation would have the same result.

    Args:
        evaluator: evaluates what was not recovered.
        measured: the recovered results.
    """

    def __init__(self, evaluator: Evaluator, measured: Iterable[Measured]) -> None:
        self.evaluator = evaluator
        self._known = {(_text(one.choices), one.epochs, one.seed): one.metrics for one in measured}

    def __call__(self, arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        known = self._known.get((_text(dict(arch.choices)), epochs, seed))
        return known if known is not None else self.evaluator(arch, epochs=epochs, seed=seed)


def _text(choices: Mapping[str, Value]) -> str:
    return json.dumps(choices, sort_keys=True)
