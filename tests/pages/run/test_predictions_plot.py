"""Predicted and observed scores."""

from nas.explanation import Prediction, Predictions, RankCorrelation, Window
from nas.pages.run.predictions_plot import predictions_plot, windows_plot
from tests.pages.svg import check_inline, texts

FOUND = RankCorrelation(0.5, 0.3, 0.7, 30)
PAIRS = tuple(Prediction(n, n / 10, (7 * n % 40) / 40) for n in range(40))
PREDICTIONS = Predictions(PAIRS, 0, 0, 0, FOUND, tuple(Window(n, FOUND) for n in range(30, 40)))


def test_they_stand_in_a_page() -> None:
    check_inline([predictions_plot(PREDICTIONS, metric="val_acc"), windows_plot(PREDICTIONS)])
    assert windows_plot(PREDICTIONS) == windows_plot(PREDICTIONS)


def test_predictions_and_windows() -> None:
    found = texts(predictions_plot(PREDICTIONS, metric="val_acc"))
    assert {"first half of the trials", "second half", "rank of the observed val_acc"} <= set(found)
    assert {"window of 30 predictions", "all predictions"} <= set(texts(windows_plot(PREDICTIONS)))
    one = Predictions(PAIRS, 0, 0, 0, FOUND, PREDICTIONS.windows[:1])
    assert windows_plot(one)
