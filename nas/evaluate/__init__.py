"""Evaluators: functions from architectures to metrics. Importing this does not load torch."""

from nas.evaluate.cross_validation import CrossValidation
from nas.evaluate.evaluator import Evaluator
from nas.evaluate.on_hardware import OnHardware
from nas.evaluate.proxies import PROXIES, Proxy, make_proxies
from nas.evaluate.recalled import Measured, Recalled
from nas.evaluate.train import Train
from nas.evaluate.with_proxies import WithProxies
from nas.evaluate.zero_cost_evaluator import ZeroCost
from nas.settings import Registry

EVALUATORS: Registry[Evaluator] = Registry(
    Evaluator,
    "evaluator",
    {"train": Train, "cross_validation": CrossValidation, "zero_cost": ZeroCost},
    supplied=("space", "data", "device", "precision", "objectives", "checkpoints", "on_epoch"),
)
"""The table of evaluators. One that says as `metrics` what it reports has the objectives of run files checked."""

__all__ = [
    "EVALUATORS",
    "PROXIES",
    "CrossValidation",
    "Evaluator",
    "Measured",
    "OnHardware",
    "Proxy",
    "Recalled",
    "Train",
    "WithProxies",
    "ZeroCost",
    "make_proxies",
]
