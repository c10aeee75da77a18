"""What an evaluator reports, as plain numbers.

People return what their tools give: scalars of NumPy, tensors without axes, lists of losses. All of it is converted in
one place, and what is no number is named.
"""

import reprlib
from collections.abc import Iterable, Mapping
from numbers import Integral, Real
from typing import Any

from nas.errors import MetricsError
from nas.trial import Metrics

CURVE = "_curve"
"""How the names of curves end."""


def read_metrics(reported: object) -> Metrics:
    """Metrics as Python's numbers, in a new mapping; curves as tuples. They need not be finite.

    A number is one of Python or NumPy, or an array or a tensor without axes; `True` counts as 1. Under a name that ends
    in `_curve` stands one number an epoch: a list, a tuple, or an array or a tensor of one axis.

    Raises:
        MetricsError: this is no mapping, or a metric is something else; it says which, and what came.
    """
    if not isinstance(reported, Mapping):
        raise MetricsError(
            f"an evaluator reports metrics by name, as in {{'val_acc': 0.9}}; this one reports {_shown(reported)}"
        )
    return {_name(name): _value(str(name), value) for name, value in reported.items()}


def _name(name: object) -> str:
    if not isinstance(name, str) or not name:
        raise MetricsError(f"the name of a metric is a text, got {_shown(name)}")
    return name


def _value(name: str, value: object) -> float | tuple[float, ...]:
    curve = name.endswith(CURVE)
    found = _curve(value) if curve else _number(value)
    if found is None:
        expected = "a list of numbers, one an epoch" if curve else "a number"
        advice = "" if curve or _curve(value) is None else f"; the name of a curve ends in {CURVE}"
        raise MetricsError(f"the metric {name!r} is {_shown(value)}, expected {expected}{advice}")
    return found


def _number(value: Any) -> float | None:
    """The number that something is, whole ones as int; None if it is none."""
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
    """The numbers that something consists of; None if it is no row of numbers."""
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
