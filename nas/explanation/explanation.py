"""A complete explanation: a new controller is told the trials again, and queried in between."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from nas.arguments import Positive, checked
from nas.controllers import Controller, Predicting, Valuing
from nas.controllers.controller import layers
from nas.explanation.greedy import Greedy, Walk, greedy_of, greedy_walk, is_moment
from nas.explanation.importance import Importances, importances
from nas.explanation.prediction import Predictions, predictions_of
from nas.explanation.sample import MOST, sample_of, shortened
from nas.interrupt import stop_if_asked
from nas.space import Space
from nas.trial import Trial, best_trials


@checked
@dataclass(frozen=True)
class Explanation:
    """What a search has learned.

    Attributes:
        trials: the number of trials.
        told: the number of them that the controller was told, see `sample.py`; 0 if it was told none.
        best: number of the best trial; None if all failed.
        greedy: the greedy architecture of the controller; None if it does not value options, or there are no trials.
        predictions: the quality of its predictions; None if it does not predict scores.
        importances: the importance of decisions.
    """

    trials: int
    told: int
    best: int | None
    greedy: Greedy | None
    predictions: Predictions | None
    importances: Importances

    def to_dict(self) -> dict[str, Any]:
        """The explanation as plain data, for `--json`. As in `Trial.scores`, higher scores are better."""
        return {
            "trials": self.trials,
            "told": self.told,
            "best_trial": self.best,
            "greedy": _greedy_dict(self.greedy),
            "predictions": _predictions_dict(self.predictions),
            "importances": {
                "networks": self.importances.networks,
                "best": self.importances.best,
                "reason": self.importances.reason,
                "decisions": [vars(one) for one in self.importances.decisions],
            },
        }


@checked
def explain_study(
    study: Iterable[Trial], space: Space, controller: Controller | None = None, *, most: Positive = MOST
) -> Explanation:
    """What a search has learned, from its trials.

    Args:
        study: the trials, in the order of their numbers.
        space: the space of the trials.
        controller: a new controller with the settings of the search, which is told the trials. Without it, only the
            importance of decisions is computed. If it wraps another controller as `controller`, the outermost one that
            values options, or predicts scores, is queried.
        most: the number of new networks up to which the controller is told all trials; of more, it is told a sample of
            this size, evenly spread over the search. The importance of decisions is always that in all trials.
    """
    trials = tuple(study)
    valuing = next((one for one in layers(controller) if isinstance(one, Valuing)), None)
    predicting = next((one for one in layers(controller) if isinstance(one, Predicting)), None)
    places = sample_of(trials, most) if valuing or predicting else ()
    predicted: list[float] = []
    walks: list[tuple[int, Walk]] = []
    if controller is not None:
        for count, (place, trial) in enumerate(zip(places, shortened(trials, places), strict=True), start=1):
            stop_if_asked()
            if predicting:
                predicted.append(predicting.predict(trial.architecture))
            controller.tell(trial)
            if valuing and is_moment(count, len(places)):
                walks.append((place + 1, greedy_walk(valuing, space)))
    return Explanation(
        trials=len(trials),
        told=len(places),
        best=next((trial.number for trial in best_trials(trials)), None),
        greedy=greedy_of(valuing, walks, space, trials) if valuing else None,
        predictions=predictions_of(predicted, [trials[place] for place in places]) if predicting else None,
        importances=importances(space, trials),
    )


def _greedy_dict(greedy: Greedy | None) -> dict[str, Any] | None:
    if greedy is None:
        return None
    return {
        "kind": greedy.kind,
        "architecture": greedy.last.architecture.id,
        "score": greedy.last.score,
        "settled": greedy.settled,
        "decisions": [
            {
                "name": decision.name,
                "options": list(decision.options),
                "values": _numbers(decision.values),
                "tried": list(decision.tried),
                "taken": decision.taken,
                "best": decision.best,
            }
            for decision in greedy.decisions
        ],
        "moments": [
            {
                "told": moment.told,
                "architecture": moment.architecture.id,
                "score": moment.score,
                "choices": dict(moment.architecture.choices),
            }
            for moment in greedy.moments
        ],
    }


def _predictions_dict(predictions: Predictions | None) -> dict[str, Any] | None:
    if predictions is None:
        return None
    return {
        "overall": vars(predictions.overall) if predictions.overall else None,
        "windows": [{"trial": window.trial, **vars(window.correlation)} for window in predictions.windows],
        "pairs": [vars(pair) for pair in predictions.pairs],
        "warm_up": predictions.warm_up,
        "known": predictions.known,
        "failed": predictions.failed,
    }


def _numbers(values: Sequence[float | None]) -> list[float | None]:
    """The values, with None for numbers that JSON lacks."""
    return [value if value is not None and math.isfinite(value) else None for value in values]
