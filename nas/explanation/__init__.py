"""What a search has learned: what its controller believes, how well that held, and which decisions matter.

The state of a controller is a fold over its trials. So nothing is recorded for this while a search runs: a new
controller is told the stored trials again, and asked in between what it believes.
"""

from nas.explanation.explanation import Explanation, explain_study
from nas.explanation.greedy import Decision, Greedy, Moment
from nas.explanation.importance import Importance, Importances
from nas.explanation.prediction import Prediction, Predictions, RankCorrelation, Window

__all__ = [
    "Decision",
    "Explanation",
    "Greedy",
    "Importance",
    "Importances",
    "Moment",
    "Prediction",
    "Predictions",
    "RankCorrelation",
    "Window",
    "explain_study",
]
