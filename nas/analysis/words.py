"""Numbers and names of a comparison as text."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from nas.formatting import NOTHING, listed, show_count, show_duration, show_value
from nas.settings import flat
from nas.simulation.results import Floats


def show_amount(kind: str, amount: float) -> str:
    """A budget: `200 evaluations`, `3 h 20 min`."""
    if kind == "seconds":
        return show_duration(amount)
    return f"{show_count(int(amount)) if float(amount).is_integer() else f'{amount:g}'} {kind}"


def budget_tile(kind: str, amount: float, workers: int) -> tuple[str, str]:
    """A budget as a number and a note."""
    number, _, unit = show_amount(kind, amount).partition(" ")
    return number, f"{unit or 'of simulated time'}, {at_a_time(workers)}"


def at_a_time(workers: int) -> str:
    """The number of workers, in words."""
    return "one evaluation at a time" if workers == 1 else f"{show_count(workers)} evaluations at a time"


def flat_settings(settings: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Settings by their paths, such as `portfolio.controllers.1.q_learning.alpha`.

    A name without settings is a value: `controller = random` for `{random: {}}`.
    """
    for path, value in flat(settings):
        if value == {}:
            head, _, name = path.rpartition(".")
            yield head or "controller", name
        else:
            yield path, show_value(value)


def named_settings(label: str, settings: Mapping[str, Any]) -> str:
    """A controller with its settings: `evolution [regularized_evolution.population = 20]`, or `random` alone."""
    found = ", ".join(
        f"{name} = {value}" for name, value in flat_settings(settings) if (name, value) != ("controller", label)
    )
    return f"{label} [{found}]" if found else label


def listed_or_counted(names: Sequence[str]) -> str:
    """Up to three names, else their number."""
    return listed(names) if len(names) <= 3 else f"{len(names)} others"


def show_ranges(numbers: Sequence[int]) -> str:
    """`0, 1, 2, 3, 7` as `0–3, 7`."""
    parts: list[list[int]] = []
    for number in sorted(numbers):
        if parts and number == parts[-1][1] + 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    return ", ".join(str(low) if low == high else f"{low}–{high}" for low, high in parts)


def slug(name: str) -> str:
    """A name as a part of a file name."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40].strip("-") or "problem"


def decimals(spreads: Sequence[float]) -> int:
    """Decimals for numbers with these standard deviations: two significant digits of the smallest, 2 to 4."""
    least = min((spread for spread in spreads if spread > 1e-6), default=1.0)
    return int(np.clip(1 - np.floor(np.log10(least)), 2, 4))


def show_spread(values: Floats, digits: int) -> str:
    """Mean ± standard deviation of the finite values."""
    known = values[np.isfinite(values)]
    if not len(known):
        return NOTHING
    mean = f"{known.mean():.{digits}f}"
    return f"{mean} ± {np.std(known, ddof=1):.{digits}f}" if len(known) > 1 else mean


def show_p(value: float) -> str:
    """A p-value with two digits."""
    return f"{value:.2g}" if value >= 1e-4 else "< 0.0001"
