"""Conversion of reported metrics into plain numbers.

Evaluators may return NumPy scalars, zero-dimensional tensors, or lists of losses. They are all converted here, and an
error names any metric that is not a number.
"""

import reprlib
from collections.abc import Iterable, Mapping
from numbers import Integral, Real
from typing import Any

from nas.errors import MetricsError
from nas.trial import Metrics

CURVE = "_curve"
"""The suffix of the names of curves."""

EACH = "_each"
"""The suffix of the names of metrics that have one value for each of several trainings."""


def read_metrics(reported: object) -> Metrics:
    """Metrics as a new mapping to Python numbers, and to tuples for curves. They need not be finite.

    Args:
        reported: a mapping from names. A value is a number of Python or NumPy, or a zero-dimensional array or tensor;
            `True` counts as 1. If the name ends in `_curve`, it has one number per epoch, if it ends in
            `_each`, one per training: a list, a tuple, or a one-dimensional array or tensor.

    Raises:
        MetricsError: this is not a mapping, or a metric is neither a number nor a curve; says which, and its value.
    """
    if not isinstance(reported, Mapping):
        raise MetricsError(
            f"an evaluator reports metrics by name, as in {{'val_acc': 0.9}}; this one reports {_shown(reported)}"
        )
    return {_name(name): _value(str(name), value) for name, value in reported.items()}


def _name(name: object) -> str:
    if not isinstance(name, str) or not name:
        raise MetricsError(f"the name of a metric is a string, got {_shown(name)}")
    return name


def _value(name: str, value: object) -> float | tuple[float, ...]:
    several = {CURVE: "epoch", EACH: "training"}
    per = next((what for suffix, what in several.items() if name.endswith(suffix)), "")
    found = _curve(value) if per else _number(value)
    if found is None:
        expected = f"a list of numbers, one per {per}" if per else "a number"
        advice = "" if per or _curve(value) is None else f"; the name of a curve ends in {CURVE}"
        raise MetricsError(f"the metric {name!r} is {_shown(value)}, expected {expected}{advice}")
    return found


def _number(value: Any) -> float | None:
    """The value as a Python number, as int if it is integral; None if it is not a number."""
    if getattr(value, "ndim", None) == 0 and hasattr(value, "item"):
        value = value.item()
    if not isinstance(value, Real):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return int(value) if isinstance(value, Integral) else number


def _curve(value: Any) -> tuple[float, ...] | None:
    """The numbers in a one-dimensional value; None if it is not one."""
    items: Iterable[object] | None = None
    if isinstance(value, list | tuple):
        items = value
    elif getattr(value, "ndim", None) == 1 and hasattr(value, "tolist"):
        items = value.tolist()
    if items is None:
        return None
    numbers = tuple(number for one in items if (number := _number(one)) is not None)
    return numbers if len(numbers) == len(value) else None


def _shown(value: object) -> str:
    shape = getattr(value, "shape", None)
    kind = type(value).__name__
    return reprlib.repr(value) if shape is None else f"{kind} of shape {tuple(shape)}"
