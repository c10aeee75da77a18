"""Evaluators that cost nothing."""

import dataclasses

from nas.errors import EvaluationFailed, FailureKind
from nas.evaluate.evaluator import Evaluator
from nas.space import Architecture
from nas.trial import Metrics


@dataclasses.dataclass(frozen=True)
class MatchEvaluator:
    """`val_acc` is the fraction of the target's decisions that an architecture shares; 1 for the target itself."""

    target: Architecture

    def __call__(self, arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        wanted, made = dict(self.target.choices), dict(arch.choices)
        same = sum(name in made and made[name] == value for name, value in wanted.items())
        accuracy = same / len(wanted) if wanted else 1.0
        return {"val_acc": accuracy, "params": float(arch.params), "macs": float(arch.macs)}


@dataclasses.dataclass(frozen=True)
class FailingEvaluator:
    """An evaluator that fails with `kind` if `every` divides the seed, which is about one trial in `every`."""

    evaluator: Evaluator
    every: int = 3
    kind: FailureKind = FailureKind.CRASH

    def __call__(self, arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        if seed % self.every == 0:
            raise EvaluationFailed(self.kind, f"seed {seed} is a multiple of {self.every}")
        return self.evaluator(arch, epochs=epochs, seed=seed)
