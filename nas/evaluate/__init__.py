"""Evaluators: functions of an architecture. Importing this loads no torch."""

from collections.abc import Mapping
from types import MappingProxyType

from nas.evaluate.cached import Cached
from nas.evaluate.checkpoints import Checkpoints
from nas.evaluate.evaluator import Evaluator
from nas.evaluate.proxies import PROXIES, Proxy, make_proxies
from nas.evaluate.recalled import Measured, Recalled
from nas.evaluate.recipe import Recipe
from nas.evaluate.train import Train

EVALUATORS: Mapping[str, type[Recipe]] = MappingProxyType({"train": Recipe})
"""The table of evaluators: the name in a run file, and the class of its settings."""

METRICS: Mapping[str, tuple[str, ...]] = MappingProxyType({"train": Train.metrics})
"""What each evaluator reports that can be an objective."""

__all__ = [
    "EVALUATORS",
    "METRICS",
    "PROXIES",
    "Cached",
    "Checkpoints",
    "Evaluator",
    "Measured",
    "Proxy",
    "Recalled",
    "Recipe",
    "Train",
    "make_proxies",
]
