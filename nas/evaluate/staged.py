"""The evaluator of a search together with those of the other stages of its run."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from nas.evaluate.evaluator import Evaluator, known_to
from nas.space import Architecture
from nas.trial import Metrics


@dataclass(frozen=True)
class Staged:
    """The evaluator of a search, and evaluators of later stages, which share its workers and its data set.

    Attributes:
        evaluator: evaluates the trials.
        stages: evaluate the jobs of other stages, by the name of the stage (`Job.stage`).
        warm_stages: imports what these need; None: nothing to import.
    """

    evaluator: Evaluator
    stages: Mapping[str, Evaluator]
    warm_stages: Callable[[], None] | None = None

    def warm(self) -> None:
        """Imports what all of them need: what a worker had to import would count for the time limit of its job."""
        warm = known_to(self.evaluator, "warm")
        if warm is not None:
            warm()
        if self.warm_stages is not None:
            self.warm_stages()

    def __call__(self, arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        return self.evaluator(arch, epochs=epochs, seed=seed)
