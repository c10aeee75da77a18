"""Predictions of a stored network for new samples, which are prepared as those of its training were."""

from nas.prediction.predicting import PredictionStream, predict, predict_batches
from nas.prediction.predictions import Predictions

__all__ = ["PredictionStream", "Predictions", "predict", "predict_batches"]
