"""What was measured on the test data, once, after the choice. Importing this does not load torch."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter, ValidationError

from nas.errors import IntegrityError
from nas.tasks.metrics import metric_of

Interval = tuple[float, float]
"""The lower and the upper end of a 95 % confidence interval."""


@dataclass(frozen=True)
class OnTest:
    """What was measured on the test data.

    Attributes:
        metrics: of the network that is handed over, such as `test_acc`.
        intervals: their 95 % intervals over samples, by name: how much they would differ on other test data.
        seeds: the metrics of the networks of each training of the selected finalist, in their order, by name; empty:
            it was trained once, and that network is the one that is handed over.
    """

    metrics: Mapping[str, float]
    intervals: Mapping[str, Interval] = field(default_factory=dict)
    seeds: Mapping[str, tuple[float, ...]] = field(default_factory=dict)

    @property
    def single(self) -> Mapping[str, float]:
        """The metrics of the selected network, that of the first training of its finalist."""
        return {name: values[0] for name, values in self.seeds.items()} or self.metrics

    def to_dict(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "test": dict(self.metrics),
            "intervals": {name: list(ends) for name, ends in self.intervals.items()},
            "test_seeds": {name: list(values) for name, values in self.seeds.items()},
        }


_ON_TEST: TypeAdapter[OnTest] = TypeAdapter(OnTest)


def on_test_of(record: Mapping[str, Any], samples: int | None) -> OnTest | None:
    """What `OnTest.to_dict` returned, also after JSON; None if nothing was tested.

    Records of earlier versions have no intervals: those of shares follow from the number of test samples.

    Args:
        record: `final.json`, or a part of it.
        samples: the number of test samples.

    Raises:
        IntegrityError: the record is of another form.
    """
    if record.get("test") is None:
        return None
    given = {"metrics": record["test"], "seeds": record.get("test_seeds", {})}
    try:
        found = _ON_TEST.validate_python({**given, "intervals": record.get("intervals", {})})
    except ValidationError as error:
        raise IntegrityError(f"the test metrics of the selected network have another form: {error}") from error
    if found.intervals or not samples:
        return found
    return OnTest(found.metrics, share_intervals(found.metrics, samples), found.seeds)


def share_intervals(metrics: Mapping[str, float], samples: int) -> Mapping[str, Interval]:
    """The 95 % intervals of those metrics that are shares of the samples (Wilson 1927).

    Args:
        metrics: values by name, such as `test_acc`.
        samples: their number.
    """
    from nas.statistics.estimate import share_interval  # loads scipy

    found = {}
    for name, value in metrics.items():
        known = metric_of(name)
        if known is not None and known.share and 0 <= value <= 1:
            share = share_interval(value, samples)
            found[name] = share.low, share.high
    return found
