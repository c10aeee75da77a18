"""Predictions without Archwright: a script that prepares inputs as a network's training did."""

from nas.plain.source import predict_source, required

__all__ = ["predict_source", "required"]
