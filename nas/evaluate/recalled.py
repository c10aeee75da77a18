"""What was measured before the log of a search was damaged."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from nas.evaluate.evaluator import Evaluator
from nas.space import Architecture, Value
from nas.trial import Metrics


@dataclass(frozen=True)
class Measured:
    """An evaluation that was lost from a log, and was right.

    Attributes:
        choices: the architecture's decisions.
        epochs: after how many the training was cut off; None: it ran to its end.
        seed: the evaluator's.
        metrics: what came out.
    """

    choices: Mapping[str, Value]
    epochs: int | None
    seed: int
    metrics: Metrics


class Recalled:
    """Answers with what was measured before, and asks the evaluator for the rest.

    An evaluator is a function of the architecture, of `epochs` and of `seed`, so it would answer the same.
    """

    def __init__(self, evaluator: Evaluator, measured: Iterable[Measured]) -> None:
        self.evaluator = evaluator
        self._known = {(_text(one.choices), one.epochs, one.seed): one.metrics for one in measured}

    def __call__(self, arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        known = self._known.get((_text(dict(arch.choices)), epochs, seed))
        return known if known is not None else self.evaluator(arch, epochs=epochs, seed=seed)


def _text(choices: Mapping[str, Value]) -> str:
    return json.dumps(choices, sort_keys=True)
