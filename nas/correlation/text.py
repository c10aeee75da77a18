"""A comparison of proxies as text of at most 80 columns."""

from collections.abc import Iterator, Sequence
from textwrap import fill

from nas.correlation.judged import BASELINE, Judged, ProxyComparison
from nas.formatting import NOTHING, counted, listed
from nas.statistics.estimate import Estimate

WIDTH = 80
_SHORT = 7
"""Columns of a name in the heading of the matrix."""


def show_proxies(found: ProxyComparison) -> str:
    """The correlations, those between proxies, and what follows from them."""
    return "\n".join(_lines(found))


def _lines(found: ProxyComparison) -> Iterator[str]:
    left_out = f", {found.failed} left out because they failed" if found.failed else ""
    yield f"{found.space}: {counted(found.networks, 'network')}{left_out}"
    yield f"Rank correlation with {found.quality} ({found.source}), with 95 % intervals"
    yield ""
    width = max(len(one.name) for one in found.proxies)
    yield f"{'':{width}}  {'Spearman':20}  {'Kendall':20}  {'top fifth':>9}  {'minus params':>12}"
    for one in found.proxies:
        gain = NOTHING if one.gain is None else f"{one.gain.value:+.2f}"
        top = NOTHING if one.top is None else f"{one.top:.2f}"
        row = f"{one.name:{width}}  {_interval(one.spearman):20}  {_interval(one.kendall):20}  {top:>9}  {gain:>12}"
        yield row.rstrip()
    yield ""
    yield "Spearman's correlation between proxies"
    yield ""
    names = [one.name for one in found.proxies]
    yield f"{'':{width}}  " + " ".join(f"{name[:_SHORT]:>{_SHORT}}" for name in names)
    for name in names:
        cells = (found.between[name][other] for other in names)
        yield f"{name:{width}}  " + " ".join(f"{_number(cell):>{_SHORT}}" for cell in cells)
    yield ""
    yield fill(" ".join(_verdicts(found.proxies)), WIDTH, break_on_hyphens=False)


def _verdicts(proxies: Sequence[Judged]) -> Iterator[str]:
    better = [one.name for one in proxies if one.better_than_size]
    others = [one.name for one in proxies if one.gain is not None and not one.better_than_size]
    if better:
        yield f"Better than the number of parameters: {listed(better)}."
    if others:
        yield (
            f"Warning: {BASELINE} alone does as well as {listed(others)}, as far as this sample shows (the paired "
            "interval of the difference includes 0, or is below it)."
        )
    if any(one.undefined for one in proxies):
        counts = listed(f"{one.name} for {counted(one.undefined, 'network')}" for one in proxies if one.undefined)
        yield f"Undefined, and ranked last: {counts}."


def _interval(one: Estimate | None) -> str:
    return NOTHING if one is None else f"{one.value:5.2f} [{one.low:5.2f}, {one.high:5.2f}]"


def _number(value: float | None) -> str:
    return NOTHING if value is None else f"{value:.2f}"
