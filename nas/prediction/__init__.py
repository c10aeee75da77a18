"""Predictions of a stored network for new samples, which are prepared as those of its training were."""

from nas.prediction.predicting import predict
from nas.prediction.predictions import Predictions

__all__ = ["Predictions", "predict"]
