"""What attacks reach, in lines."""

from collections.abc import Mapping, Sequence

from nas.privacy.exposure import FALSE_ALARMS, Exposure
from nas.statistics.estimate import Estimate


def lines_of(attacks: Mapping[str, Exposure]) -> Sequence[str]:
    """A table of attacks by name, at most 80 columns wide: figures with the ends of their intervals."""
    width = max(map(len, attacks))
    found = [f"{'':<{width}}  {'members':>8}  {'others':>8}  {'advantage':>22}  {'AUC':>19}"]
    for name, one in attacks.items():
        counts = f"{one.members:>8,}  {one.others:>8,}"
        found.append(f"{name:<{width}}  {counts}  {_told(one.advantage):>22}  {_told(one.auc):>19}")
    found.append(f"members that are recognised with {FALSE_ALARMS:.0%} of false alarms")
    found += [f"{name:<{width}}  {_told(one.caught, '.1%')}" for name, one in attacks.items()]
    return found


def _told(one: Estimate, form: str = ".2f") -> str:
    """`0.12 (0.08 to 0.15)`."""
    return f"{one.value:{form}} ({one.low:{form}} to {one.high:{form}})"
