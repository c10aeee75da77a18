"""Numbers as text: `98.61 %`, `23,050`, `1.2 M`, `3 min 20 s`, with a no-break space before the unit."""

import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from nas.ops import COSTS
from nas.tasks.metric import DIGITS
from nas.tasks.metrics import SD, metric_of

NOTHING = "–"
"""The text for a missing number."""

_SPACE = "\u00a0"
_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def is_fraction(metric: str) -> bool:
    """Whether a metric is a fraction that is shown in percent, as accuracies are."""
    known = metric_of(metric)
    return known is not None and known.percent


def show_percent(fraction: float, *, decimals: int = 2) -> str:
    """`0.98611` as `98.61 %`."""
    return f"{100 * fraction:.{decimals}f}{_SPACE}%" if math.isfinite(fraction) else NOTHING


def show_count(number: int) -> str:
    """`23050` as `23,050`; from 10¹⁵ on as `1.05 × 10¹⁶`."""
    if abs(number) < 10**15:
        return f"{number:,}"
    exponent = math.floor(math.log10(abs(number)))
    digits = number / 10**exponent
    if digits >= 9.995:
        digits, exponent = digits / 10, exponent + 1
    return f"{digits:.2f} × 10{str(exponent).translate(_SUPERSCRIPTS)}"


def counted(number: int, what: str) -> str:
    """`1 seed`, `30 seeds`."""
    return f"{show_count(number)} {what}{'' if number == 1 else 's'}"


def listed(names: Iterable[str]) -> str:
    """`a, b and c`."""
    *first, last = [*names] or [""]
    return f"{', '.join(first)} and {last}" if first else last


def show_short(number: float) -> str:
    """`1234567` as `1.2 M`, with two or three digits."""
    if abs(number) < 999.5:
        return f"{number:.4g}"
    unit, *larger = tuple("kMGT")
    number /= 1000
    while larger and abs(number) >= 999.5:
        unit, *larger = larger
        number /= 1000
    return f"{number:.{1 if abs(number) < 9.95 else 0}f}{_SPACE}{unit}"


def show_bytes(size: int) -> str:
    """`123456789` as `118 MiB`."""
    units = ("bytes", "KiB", "MiB", "GiB", "TiB", "PiB")
    place = min((max(size, 1).bit_length() - 1) // 10, len(units) - 1)
    return f"{size / 1024**place:.4g}{_SPACE}{units[place]}"


def show_duration(seconds: float) -> str:
    """`200` as `3 min 20 s`; a smaller unit of 0 is omitted."""
    if not math.isfinite(seconds):
        return NOTHING
    if 0 < seconds < 9.95:
        return f"{seconds:.{2 if seconds < 0.995 else 1}f}{_SPACE}s"
    whole = round(seconds)
    for size, large, part, small in ((86400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s")):
        if whole >= size:
            rest = whole % size // part
            return f"{whole // size}{_SPACE}{large}" + (f"{_SPACE}{rest}{_SPACE}{small}" if rest else "")
    return f"{whole}{_SPACE}s"


def show_metric(name: str, value: object) -> str:
    """A metric in the format of its record: accuracies in percent, others with four decimals, costs as counts."""
    if not isinstance(value, int | float):
        return NOTHING
    number = float(value)
    if not math.isfinite(number):
        return NOTHING
    if name in COSTS:
        return show_count(round(number))
    known = metric_of(name)
    digits = DIGITS if known is None else known.digits
    if known is not None and known.percent:
        return show_percent(number, decimals=digits - 2)
    if isinstance(value, int) or (number.is_integer() and abs(number) >= 1000):
        return show_count(int(number))
    if 1000 <= abs(number) < 10**15:
        return show_count(round(number))
    return f"{number:.{digits}f}" if 0.001 <= abs(number) < 1000 or number == 0 else f"{number:.4g}"


def show_spread(name: str, metrics: Mapping[str, object]) -> str:
    """A metric, with its standard deviation over several trainings if there is one: `98.61 ± 0.42 %`, `0.31 ± 0.02`."""
    shown, spread = show_metric(name, metrics.get(name)), show_metric(f"{name}{SD}", metrics.get(f"{name}{SD}"))
    if NOTHING in (shown, spread):
        return shown
    return f"{shown.partition(_SPACE)[0]} ± {spread}"  # the unit once


def show_range(name: str, low: float, high: float) -> str:
    """The ends of an interval of a metric: `95.13 to 98.52 %`."""
    shown, unit = show_metric(name, low), f"{_SPACE}%"
    highest = show_metric(name, high)
    return f"{shown.removesuffix(unit) if highest.endswith(unit) else shown} to {highest}"


def show_value(value: object) -> str:
    """A setting or an option as in YAML: `false`, `null`, `0.003`; the elements of a list separated by commas."""
    if isinstance(value, list | tuple):
        return ", ".join(map(show_value, value)) or NOTHING
    if value is None or isinstance(value, bool):
        return "null" if value is None else str(value).lower()
    return repr(float(value)) if isinstance(value, float) else str(value)


def lower_fence(scores: Sequence[float]) -> float:
    """The score below which a trial is an outlier, such as a network that did not learn.

    It is the first quartile minus three interquartile ranges (Tukey 1977, the outer fence), or minus the distance to
    the best score if that is larger.
    """
    low, high = np.quantile(scores, [0.25, 0.75])
    return float(low - max(3 * (high - low), max(scores) - low))
