"""Spaces: what may be built, and the walks through it."""

from nas.space.architecture import Architecture, Layer, Value
from nas.space.reading.load import DataLike, load_space, parse_space
from nas.space.space import Choice, Outline, Pick, Space
from nas.space.walks.limits import Bound, Limits

__all__ = [
    "Architecture",
    "Bound",
    "Choice",
    "DataLike",
    "Layer",
    "Limits",
    "Outline",
    "Pick",
    "Space",
    "Value",
    "load_space",
    "parse_space",
]
