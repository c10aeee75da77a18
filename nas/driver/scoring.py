"""The trial that an evaluation makes: its scores, or why it failed."""

from collections.abc import Sequence

from nas.driver.executors.executor import Failed, Finished
from nas.errors import EvaluationFailed, FailureKind, MetricsError
from nas.trial import Objective, Trial


def scored(
    one: Finished,
    *,
    objectives: Sequence[Objective],
    asked_after: int,
    clock: float = 0.0,
    proven: bool = False,
) -> Trial:
    """The trial that a finished job makes. The metrics of the objectives must be finite, and others need not.

    Args:
        one: the job, and what came of it.
        objectives: what is searched for.
        asked_after: how many trials had been told when it was asked for.
        clock: the seconds of the search at its end.
        proven: the evaluator has reported all objectives before. So where it does not now, the trial fails; else that
            is an error of the evaluator's, and evaluating more would not help.

    Raises:
        MetricsError: the evaluator does not report what it should.
    """
    job, outcome = one.job, one.outcome
    try:
        if isinstance(outcome, Failed):
            raise outcome.error()
        scores = tuple(objective.score(outcome) for objective in objectives)
    except EvaluationFailed as failure:
        error = str(failure)
    except MetricsError as wrong:
        if not proven and job.proposal.epochs is not None:
            raise MetricsError(
                f"{wrong}. The training was cut off after {job.proposal.epochs} epochs: a controller with `min_epochs` "
                "needs a value at which all objectives are known; a standard deviation is known after two trainings"
            ) from wrong
        if not proven:
            raise
        error = f"{FailureKind.CRASH}: {wrong}"
    else:
        return Trial(job.number, job.proposal, job.seed, outcome, scores, one.seconds, None, asked_after, clock)
    return Trial(job.number, job.proposal, job.seed, {}, None, one.seconds, error, asked_after, clock)
