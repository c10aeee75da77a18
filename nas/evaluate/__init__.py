"""Evaluators: functions of an architecture. Importing this loads no torch."""

from collections.abc import Mapping
from types import MappingProxyType

from nas.evaluate.cached import Cached
from nas.evaluate.evaluator import Evaluator
from nas.evaluate.proxies import PROXIES, Proxy, make_proxies
from nas.evaluate.recalled import Measured, Recalled
from nas.evaluate.train import Train
from nas.training.recipe import Recipe

EVALUATORS: Mapping[str, type[Recipe]] = MappingProxyType({"train": Recipe})
"""The table of evaluators: the name in a run file, and the class of its settings."""

METRICS: Mapping[str, tuple[str, ...]] = MappingProxyType({"train": Train.metrics})
"""What each evaluator reports that can be an objective."""

__all__ = [
    "EVALUATORS",
    "METRICS",
    "PROXIES",
    "Cached",
    "Evaluator",
    "Measured",
    "Proxy",
    "Recalled",
    "Train",
    "make_proxies",
]
