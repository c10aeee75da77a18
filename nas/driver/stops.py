"""Accounts that look at scores: a search ends when it no longer improves, or has found what was looked for."""

from collections.abc import Mapping, Sequence

from nas.driver.accounts import Account, End
from nas.objectives import pareto_front
from nas.trial import Objective, Trial


class Patience(Account):
    """Ends a search after so many trials in a row that improved nothing.

    A trial is an improvement if it joins the Pareto front of the trials before it (`nas.objectives.pareto_front`), with
    scores that the front did not have: with one objective, if it is the best so far. As there, trials with fewer epochs
    than others are not compared with these, and improve nothing. Failed trials and answers from memory count as others.

    Args:
        trials: how many in a row.
    """

    def __init__(self, trials: int) -> None:
        self._patience = trials
        self._front: Sequence[Trial] = ()
        self._in_vain = 0
        self._closed = False

    @property
    def end(self) -> End:
        many = self._patience > 1
        return End("patience", f"{self._patience:,} trial{'s' if many else ''} in a row brought no improvement")

    @property
    def closed(self) -> bool:
        return self._closed

    def settle(self, trial: Trial) -> None:
        # What was dominated stays so; the front of the whole study would take long.
        front = pareto_front([*self._front, trial])
        improved = trial in front and all(
            (one.scores, one.proposal.fidelity) != (trial.scores, trial.proposal.fidelity) for one in self._front
        )
        self._front = front
        self._in_vain = 0 if improved else self._in_vain + 1
        # It stays closed, whatever trials bring that were in flight.
        self._closed = self._closed or self._in_vain >= self._patience


class Target(Account):
    """Ends a search when a trial is as good as the target.

    Args:
        values: the metrics of some objectives that a trial must reach, all of them.
        objectives: those of the search.
    """

    def __init__(self, values: Mapping[str, float], objectives: Sequence[Objective]) -> None:
        self._values = dict(values)
        self._wanted = {
            place: one.value(1.0) * values[one.metric] for place, one in enumerate(objectives) if one.metric in values
        }
        self._reached_by: str | None = None

    @property
    def end(self) -> End:
        values = ", ".join(f"{metric} {value:g}" for metric, value in self._values.items())
        return End("target", f"{self._reached_by} reached the target, {values}")

    @property
    def closed(self) -> bool:
        return self._reached_by is not None

    def settle(self, trial: Trial) -> None:
        scores = trial.scores
        if not self.closed and scores and all(scores[place] >= score for place, score in self._wanted.items()):
            self._reached_by = trial.architecture.id
