"""The search: ask, evaluate, log, tell."""

import math
import time
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from nas.arguments import NotNegative, Seed, checked
from nas.containment import contained, survivable
from nas.controllers import Controller
from nas.driver.study import MemoryStudy, Study, attempt
from nas.driver.tried import Tried
from nas.errors import EvaluationFailed, FailureKind, MetricsError, UsageError
from nas.evaluate.evaluator import Evaluator
from nas.interrupt import stop_if_asked, uninterrupted
from nas.metrics import read_metrics
from nas.objectives import Objectives, same_objectives
from nas.space import Space
from nas.trial import Metrics, Objective, Proposal, Trial


@checked
def search(
    controller: Controller,
    evaluator: Evaluator,
    study: Study | None = None,
    *,
    trials: NotNegative,
    seed: Seed = 0,
    objectives: Objectives | None = None,
    space: Space | None = None,
    on_trial: Callable[[Trial], None] | None = None,
) -> Study:
    """Runs a controller against an evaluator until the study holds `trials` trials.

    Trials that the study holds already are told first, so a search that was cut off goes on as if it had not been:
    every random number follows from `seed` and the trial's number. A trial that goes on with the training of another
    one gets the seed of that one, so that its result is the one of a single training, wherever that was paused.

    Whatever an architecture does wrong makes a failed trial, and what it changes for the process is put back
    (`nas.containment`). One in which the process dies is noted in a study that is kept: when the search goes on, it
    counts as CRASH (`nas.driver.deaths`).

    Args:
        controller: a new one, that has been told nothing.
        evaluator: gives the metrics of an architecture.
        study: the log; None: one in memory.
        trials: how many the study shall hold in the end.
        seed: where all randomness comes from.
        objectives: what to search for; controllers of one objective follow the first. None: those of the study, or
            the highest `val_acc`.
        space: where the controller searches. With it, the search ends before that many trials if every network has
            been evaluated with its full training, failed or not. None: it does not, as where repeats are wanted.
        on_trial: called after each trial has been logged and told.

    Returns:
        The study.

    Raises:
        UsageError: the evaluator does not report an objective's metric, the study has other objectives, or the
            controller asks to go on with a trial that cannot be gone on with.
        StorageError: a trial could not be logged; all before it are safe.
    """
    wanted = same_objectives(study, objectives)
    study = MemoryStudy() if study is None else study
    if isinstance(study, MemoryStudy):
        study.objectives = wanted
    tried = None if space is None else Tried(space)
    told: dict[int, Trial] = {}

    def tell(trial: Trial) -> None:
        controller.tell(trial)
        told[trial.number] = trial
        if tried is not None:
            tried.tell(trial)

    for trial in study:
        stop_if_asked()
        tell(trial)
    for number in range(len(told), trials):
        stop_if_asked()
        if tried is not None and tried.all:
            break
        proposal = controller.ask(np.random.default_rng([seed, number]))
        parent = parent_of(proposal, told)
        own_seed = trial_seed(seed, number) if parent is None else parent.seed
        proven = any(trial.scores for trial in told.values())
        try:
            with attempt(study, proposal), contained():
                trial = run_trial(evaluator, proposal, number, seed=own_seed, objectives=wanted, proven=proven)
        except EvaluationFailed as died:
            trial = Trial(number, proposal, own_seed, {}, None, 0.0, str(died), asked_after=number)
        with uninterrupted():
            study.append(trial)
        tell(trial)
        if on_trial is not None:
            on_trial(trial)
    return study


def trial_seed(seed: int, number: int) -> int:
    """The seed of a trial's evaluation: 32 bits that differ from those which the controller is asked with."""
    return int(np.random.SeedSequence([seed, number, 1]).generate_state(1)[0])


def parent_of(proposal: Proposal, told: Mapping[int, Trial]) -> Trial | None:
    """The trial whose training a proposal goes on with; None: it begins from scratch.

    Raises:
        UsageError: that trial was not told, is one of another architecture, or had as many epochs already.
    """
    if proposal.parent is None:
        return None
    parent = told.get(proposal.parent)
    if parent is None:
        raise UsageError(f"a proposal goes on with trial {proposal.parent}, which has not been told")
    if parent.architecture.choices != proposal.architecture.choices:
        raise UsageError(f"a proposal goes on with trial {parent.number}, which is one of another architecture")
    if parent.proposal.fidelity >= proposal.fidelity:
        raise UsageError(
            f"a proposal goes on with trial {parent.number} to {proposal.epochs or 'all'} epochs, "
            f"and it had {parent.proposal.epochs or 'all'}"
        )
    return parent


def run_trial(
    evaluator: Evaluator,
    proposal: Proposal,
    number: int,
    *,
    seed: int,
    objectives: Sequence[Objective],
    proven: bool = False,
) -> Trial:
    """Evaluates a proposal. Whatever a candidate raises makes a failed trial, as `nas.containment.survivable` says.

    Metrics are converted by `nas.metrics.read_metrics`; those of the objectives must be finite, and others need not.

    Args:
        evaluator: gives the metrics.
        proposal: what to evaluate.
        number: of the trial.
        seed: the evaluator's.
        objectives: what is searched for.
        proven: the evaluator has given all objectives before. So where it does not now, the trial fails; else that is
            an error of the evaluator's, and evaluating more would not help.

    Raises:
        UsageError, StorageError, IntegrityError: raised by the evaluator, or it does not report what it should.
    """
    metrics: Metrics = {}
    scores: tuple[float, ...] | None = None
    error = None
    begin = time.perf_counter()
    try:
        with survivable():
            metrics = read_metrics(evaluator(proposal.architecture, epochs=proposal.epochs, seed=seed))
        scores = tuple(objective.score(metrics) for objective in objectives)
    except EvaluationFailed as failure:
        error = str(failure)
    except MetricsError as wrong:
        if not proven:
            raise
        error = f"{FailureKind.CRASH}: {wrong}"
    seconds = metrics.get("seconds")
    if not isinstance(seconds, int | float) or not 0 <= seconds < math.inf:
        seconds = time.perf_counter() - begin
    return Trial(number, proposal, seed, metrics if scores else {}, scores, float(seconds), error, asked_after=number)
