"""An evaluator that remembers, so that a network proposed again is not trained again (as MetaQNN does, §4)."""

from collections.abc import Iterable, Sequence

from nas.arguments import checked
from nas.evaluate.evaluator import Evaluator
from nas.ops import Cost
from nas.reported import read_metrics
from nas.space import Architecture
from nas.trial import Metrics, Objective, Trial


@checked
class Cached:
    """Answers from memory where the same network was evaluated for as many epochs before, with 0 `seconds`.

    Where `seconds` are an objective, they are those of the evaluation: a network is no faster for having been seen.
    Failures are not remembered: such a network is tried again, with another seed.

    Args:
        evaluator: asked for what is new.
        history: trials of the study so far; with these, a search that goes on answers as the uninterrupted one would.
        objectives: those of the search, if any has a limit, or is `seconds`: what is worse than a limit is a failure as
            well.
    """

    def __init__(
        self, evaluator: Evaluator, history: Iterable[Trial] = (), *, objectives: Sequence[Objective] = ()
    ) -> None:
        self.evaluator = evaluator
        self.objectives = tuple(objectives)
        self._known: dict[tuple[str, int | None], Metrics] = {}
        for trial in history:
            if trial.error is None:
                self._known.setdefault((trial.architecture.id, trial.proposal.epochs), trial.metrics)

    def __call__(self, arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        key = arch.id, epochs
        if key in self._known:
            known = self._known[key]
            # Networks of one id may differ in layers that nothing reads, and so in their costs.
            own = {name: cost for name, cost in zip(Cost._fields, arch.cost, strict=True) if name in known}
            spent = {} if any(objective.metric == "seconds" for objective in self.objectives) else {"seconds": 0.0}
            return {**known, **own, **spent}
        metrics = read_metrics(self.evaluator(arch, epochs=epochs, seed=seed))
        for objective in self.objectives:
            objective.score(metrics)  # raises EvaluationFailed, as the search would a moment later
        return self._known.setdefault(key, metrics)
