"""The content of the report of a run, as data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from nas.baselines import Baselines
from nas.explanation import Explanation
from nas.final.diagnosed import Diagnosed
from nas.final.on_test import OnTest
from nas.final.order import Stage
from nas.final.replacement import Replacement
from nas.final.tuning import Tuning
from nas.objectives import pareto_front
from nas.space import Architecture
from nas.tasks import Task
from nas.trial import Objective, Trial


@dataclass(frozen=True)
class FinalRow:
    """A finalist: a network that was trained at full length after the search.

    Attributes:
        architecture: the network.
        trial: the number of its trial.
        searched: the metrics of the objectives in that trial.
        metrics: the metrics after the full training, see `nas.final.figures.final_metrics`.
        curves: the metrics after each epoch of the full training, by name.
        seconds: the duration of the full training.
        chosen: whether it was selected.
        tested: what was measured of the selected network on the test data; None for the others, which are never tested.
        spread: standard deviations of the metrics over several trainings, such as `val_acc_sd`; empty: there was one.
        seeds: the metrics at the end of each of several trainings, by name; empty: there was one, or an
            earlier version trained it.
        privacy: what its training spent, see `nas.final.finalist.Finalist`.
    """

    architecture: Architecture
    trial: int
    searched: Mapping[str, float]
    metrics: Mapping[str, float]
    curves: Mapping[str, tuple[float, ...]]
    seconds: float
    chosen: bool = False
    tested: OnTest | None = None
    spread: Mapping[str, float] = field(default_factory=dict)
    seeds: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    privacy: Mapping[str, float] = field(default_factory=dict)

    @property
    def test(self) -> Mapping[str, float]:
        """The metrics of the selected network on the test data, such as `test_acc`; empty for the others."""
        return {} if self.tested is None else self.tested.metrics


@dataclass(frozen=True)
class RunSummary:
    """The content of the report of a run, finished or not.

    Attributes:
        name: the name of the run.
        space: the name of the space.
        space_size: the number of its architectures; None if unknown.
        decisions: the number of its decisions.
        data: the name of the data set; None: there is none.
        train_size: the number of training samples; None, here and below, if there are none.
        val_size: the number of validation samples, on which networks are compared.
        test_size: the number of test samples, which only the selected network is evaluated on.
        task: the task of the networks.
        outputs: the names of the outputs of a network, such as the classes.
        controller: the name of the controller.
        controller_settings: its settings, possibly nested.
        evaluator: the name of the evaluator.
        evaluator_settings: its settings, possibly nested.
        objectives: the objectives, the main one first.
        compared: the objectives by which finalists are compared: the same, except for zero-cost proxies, whose place
            the objective of the task takes.
        budget: the number of trials of the budget; None: it limits others, see `limits`.
        seed: the seed of all random numbers.
        versions: the version of each package.
        device: the device of the trainings.
        machine: what metrics of hardware were measured on; empty if there are none.
        trials: in the order of their numbers.
        finalists: the networks that were trained at full length, best first.
        explanation: what the search has learned; None: it is left out of the report.
        winner: how the finalists were selected.
        followed: the number of objectives, from the first, that the controller uses.
        final_failures: the reason why a finalist cannot be selected, by id of its network.
        all_tried: whether all networks of the space were evaluated, so that the search ends before its budget.
        limits: what the budget says beside the number of trials, by key: `minutes`, `patience` etc.
        ended: why the search ended; empty: it has not.
        notes: how the data were read, a sentence each.
        diagnosed: where the selected network is right and wrong; None: it was not looked at.
        baselines: what other methods reach on the same data; None: they were not measured.
        probabilities: how probable it is, by id, that a finalist is the best of them; empty: it is not known.
        order: of the finalists, at each stage of the run; empty: an earlier version selected the network.
        replacement: what is handed over in place of the selected network; None: nothing else.
        tuning: the hyper-parameters that were tried for full trainings; None: the recipe is as it is.
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
    compared: Sequence[Objective]
    budget: int | None
    seed: int
    versions: Mapping[str, str]
    device: str
    trials: Sequence[Trial]
    finalists: Sequence[FinalRow] = ()
    explanation: Explanation | None = None
    winner: str = "observed"
    followed: int = 1
    machine: Mapping[str, object] = field(default_factory=dict)
    final_failures: Mapping[str, str] = field(default_factory=dict)
    all_tried: bool = False
    limits: Mapping[str, object] = field(default_factory=dict)
    ended: str = ""
    notes: Sequence[str] = ()
    diagnosed: Diagnosed | None = None
    baselines: Baselines | None = None
    probabilities: Mapping[str, float] = field(default_factory=dict)
    order: Sequence[Stage] = ()
    replacement: Replacement | None = None
    tuning: Tuning | None = None

    @property
    def objective(self) -> Objective:
        """The main objective."""
        return self.objectives[0]

    @property
    def scored(self) -> Sequence[Trial]:
        """The trials with a score."""
        return [trial for trial in self.trials if trial.scores]

    @property
    def failed(self) -> Sequence[Trial]:
        """The trials without a score."""
        return [trial for trial in self.trials if not trial.scores]

    @property
    def goes_on(self) -> bool:
        """Whether there are more trials to come, as far as is known."""
        return not (self.ended or self.all_tried) and (self.budget is None or len(self.trials) < self.budget)

    @property
    def seconds(self) -> Mapping[str, float]:
        """What the trainings of each stage took, summed over all of them, by the name of the stage. The members of an
        ensemble are finalists, or trainings of one."""
        other = self.replacement
        stages = {
            "search": sum(trial.seconds for trial in self.trials),
            "tuning": sum(one.seconds for one in (() if self.tuning is None else self.tuning.attempts)),
            "finalists": sum(row.seconds for row in self.finalists),
            "training on all samples": other.seconds if other is not None and other.what == "joined" else 0.0,
        }
        return {stage: seconds for stage, seconds in stages.items() if seconds or stage == "search"}

    @property
    def cut_off(self) -> bool:
        """Whether a training was truncated, so that trials differ in their epochs."""
        return any(trial.proposal.epochs is not None for trial in self.trials)

    @property
    def chosen(self) -> FinalRow | None:
        """The selected finalist; None: there is none yet."""
        return next((row for row in self.finalists if row.chosen), None)

    @cached_property
    def front(self) -> Sequence[Trial]:
        """The Pareto front of the trials, sorted by the first objective, best first."""
        return pareto_front(self.trials)

    @property
    def best(self) -> Trial | None:
        """The trial of the Pareto front that is best on the first objective; None: no trial has a score."""
        return next(iter(self.front), None)

    @property
    def network(self) -> Architecture | None:
        """The selected network or, before there is one, that of the best trial."""
        if self.chosen:
            return self.chosen.architecture
        return self.best.architecture if self.best else None
