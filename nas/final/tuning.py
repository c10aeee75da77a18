"""What is tuned of a recipe, and what came of it: hyper-parameters, judged by a training each on validation data."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from types import MappingProxyType
from typing import Any

import numpy as np

from nas.errors import UsageError
from nas.tasks import Task
from nas.training.losses import make_criterion
from nas.training.recipe import Recipe

Hyperparameters = Mapping[str, float]


@dataclass(frozen=True)
class Span:
    """What values a hyper-parameter may take.

    Attributes:
        low, high: the least and the greatest.
        log: whether they are proposed on a logarithmic scale.
    """

    low: float
    high: float
    log: bool = False


SPANS: Mapping[str, Span] = MappingProxyType(
    {
        "lr": Span(1e-4, 1e-1, log=True),
        "weight_decay": Span(1e-5, 0.3, log=True),
        "warmup": Span(0.0, 0.5),
        "label_smoothing": Span(0.0, 0.2),
    }
)
"""The hyper-parameters of recipes that are tuned."""


@dataclass(frozen=True)
class Attempt:
    """A training with some hyper-parameters.

    Attributes:
        hyperparameters: their values.
        value: of the metric that they are judged by; None: the training failed.
        failure: why; empty: it did not.
        seconds: what it took; 0: an earlier version did not record it.
    """

    hyperparameters: Hyperparameters
    value: float | None
    failure: str = ""
    seconds: float = field(default=0.0, compare=False)


@dataclass(frozen=True)
class Tuning:
    """The tuning of a recipe.

    Attributes:
        architecture: the id of the network that was trained.
        metric: what attempts are judged by, on validation data.
        maximize: whether the greatest value is the best, or the least.
        attempts: in their order.
    """

    architecture: str
    metric: str
    maximize: bool
    attempts: Sequence[Attempt] = ()

    @property
    def best(self) -> Attempt | None:
        """The best attempt, the first of equal ones; None: all failed."""
        sign = 1 if self.maximize else -1
        valued = [(sign * one.value, one) for one in self.attempts if one.value is not None]
        return max(valued, key=lambda pair: pair[0])[1] if valued else None

    def tuned(self, recipe: Recipe) -> Recipe:
        """A recipe with the best hyper-parameters; as it is, if all attempts failed."""
        return recipe if self.best is None else recipe_with(recipe, self.best.hyperparameters)

    def to_dict(self) -> dict[str, Any]:
        """The tuning as plain data."""
        return {**asdict(self), "attempts": [asdict(one) for one in self.attempts]}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> "Tuning":
        """A tuning that was written by `to_dict`."""
        return cls(**{**stored, "attempts": tuple(Attempt(**one) for one in stored["attempts"])})


def recipe_with(recipe: Recipe, hyperparameters: Mapping[str, Any]) -> Recipe:
    """A recipe with other hyper-parameters."""
    return replace(recipe, **hyperparameters)


def tuned_names(recipe: Recipe, task: Task) -> Sequence[str]:
    """The hyper-parameters that are tuned: those of `SPANS`, but for label smoothing where the loss has none."""
    try:
        make_criterion(task, replace(recipe, label_smoothing=SPANS["label_smoothing"].high))
    except UsageError:
        return [name for name in SPANS if name != "label_smoothing"]
    return list(SPANS)


def tuning_seed(seed: int, trial: int) -> int:
    """The seed of the proposals and the trainings of a tuning, from that of the run and the number of the candidate's
    trial: 32 bits that differ from the seed of its final training."""
    return int(np.random.SeedSequence([seed, trial, 5]).generate_state(1)[0])
