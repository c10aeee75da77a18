"""Search spaces: their description, and walks through them."""

from nas.space.architecture import Architecture
from nas.space.choice import Choice, Outline, Pick, Value
from nas.space.network.layer import Layer
from nas.space.reading.load import load_space, parse_space
from nas.space.reading.samples import DataLike
from nas.space.space import Space
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
