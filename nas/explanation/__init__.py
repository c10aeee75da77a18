"""What a search has learned: the values of its controller, the quality of its predictions, the importance of decisions.

The state of a controller is a fold over its trials, so nothing is recorded during a search: a new controller is told
the stored trials again, and queried in between.
"""

from nas.explanation.explanation import Explanation, explain_study
from nas.explanation.greedy import Decision, Greedy, Moment
from nas.explanation.importance import Importance, Importances
from nas.explanation.prediction import Prediction, Predictions, RankCorrelation, Window
from nas.explanation.sample import MOST

__all__ = [
    "MOST",
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
