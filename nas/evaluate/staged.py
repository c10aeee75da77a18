"""The evaluator of a search together with those of the other stages of its run."""

from collections.abc import Mapping
from dataclasses import dataclass

from nas.evaluate.evaluator import Evaluator
from nas.space import Architecture
from nas.trial import Metrics


@dataclass(frozen=True)
class Staged:
    """The evaluator of a search, and evaluators of later stages, which share its workers and its data set.

    Attributes:
        evaluator: evaluates the trials.
        stages: evaluate the jobs of other stages, by the name of the stage (`Job.stage`).
    """

    evaluator: Evaluator
    stages: Mapping[str, Evaluator]

    def __call__(self, arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        return self.evaluator(arch, epochs=epochs, seed=seed)
