"""What a report tells of a run, as data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from nas.explanation import Explanation
from nas.objectives import pareto_front
from nas.space import Architecture
from nas.tasks import Task
from nas.trial import Objective, Trial


@dataclass(frozen=True)
class FinalRow:
    """A network that was trained in full after the search.

    Attributes:
        architecture: the network.
        trial: number of the trial that it comes from.
        searched: the metrics of the objectives in that trial.
        metrics: what is known of it after the full training, by `nas.final.figures.final_metrics`.
        curves: of the full training, metrics to a number an epoch.
        seconds: duration of the full training.
        chosen: whether it is the one that is handed over.
        test: metrics of the chosen one on the test data, `test_acc` say; None for the others, which never meet them.
    """

    architecture: Architecture
    trial: int
    searched: Mapping[str, float]
    metrics: Mapping[str, float]
    curves: Mapping[str, tuple[float, ...]]
    seconds: float
    chosen: bool = False
    test: Mapping[str, float] | None = None


@dataclass(frozen=True)
class RunSummary:
    """What a report tells of a run, finished or not.

    Attributes:
        name: of the run.
        space: name of the space.
        space_size: number of its architectures; None where it is unknown.
        decisions: how many decisions the space has.
        data: name of the data set; None where an evaluator needs none.
        train_size: samples to train on; None, here and below, where it does not apply.
        val_size: samples that the search compares networks by.
        test_size: samples that only the chosen network meets.
        task: what the networks are trained to do.
        outputs: names of the outputs of a network: the classes, say.
        controller: its name.
        controller_settings: its arguments, possibly nested.
        evaluator: its name.
        evaluator_settings: its arguments, possibly nested.
        objectives: what was searched for, the main one first.
        budget: trials wanted.
        seed: where all randomness came from.
        versions: package to version.
        device: what the networks were trained on.
        trials: in the order of their numbers.
        finalists: networks trained in full, best first; empty before that.
        explanation: what the search has learned; None: the report does not tell.
        winner: how the finalists were found.
        followed: how many of the objectives the controller reads, counting from the first.
        final_failures: why networks that were trained in full cannot be handed over, by their ids.
        all_tried: whether every network of the space was, so that a search ends before its budget.
    """

    name: str
    space: str
    space_size: int | None
    decisions: int
    data: str | None
    train_size: int | None
    val_size: int | None
    test_size: int | None
    task: type[Task] | None
    outputs: Sequence[str]
    controller: str
    controller_settings: Mapping[str, object]
    evaluator: str
    evaluator_settings: Mapping[str, object]
    objectives: Sequence[Objective]
    budget: int
    seed: int
    versions: Mapping[str, str]
    device: str
    trials: Sequence[Trial]
    finalists: Sequence[FinalRow] = ()
    explanation: Explanation | None = None
    winner: str = "observed"
    followed: int = 1
    final_failures: Mapping[str, str] = field(default_factory=dict)
    all_tried: bool = False

    @property
    def objective(self) -> Objective:
        """The main objective."""
        return self.objectives[0]

    @property
    def scored(self) -> Sequence[Trial]:
        """The trials that have a score."""
        return [trial for trial in self.trials if trial.scores]

    @property
    def failed(self) -> Sequence[Trial]:
        """The trials that have none."""
        return [trial for trial in self.trials if not trial.scores]

    @property
    def cut_off(self) -> bool:
        """Whether a training was cut off, so that trials differ in their epochs."""
        return any(trial.proposal.epochs is not None for trial in self.trials)

    @property
    def chosen(self) -> FinalRow | None:
        """The finalist that is handed over, if there is one yet."""
        return next((row for row in self.finalists if row.chosen), None)

    @cached_property
    def front(self) -> Sequence[Trial]:
        """The trials that no other one beats on every objective, the best on the first objective first."""
        return pareto_front(self.trials)

    @property
    def best(self) -> Trial | None:
        """The best trial, if any has a score: of those that nothing beats, the best on the first objective."""
        return next(iter(self.front), None)

    @property
    def network(self) -> Architecture | None:
        """The chosen network; before there is one, that of the best trial."""
        if self.chosen:
            return self.chosen.architecture
        return self.best.architecture if self.best else None
