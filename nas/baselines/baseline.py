"""Baselines of a data set, as records of plain data."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from pydantic import TypeAdapter, ValidationError

from nas.errors import IntegrityError
from nas.formatting import show_metric


@dataclass(frozen=True)
class Baseline:
    """A method, fitted to the training samples and measured by the metrics of the networks.

    Attributes:
        title: the method, for people, such as `SVC with RBF kernel` or `always 3`.
        metrics: on the validation data and, if there are any, the test data: `val_acc`, `test_acc`.
        samples: the number of training samples that it was fitted to.
        of: the number of all training samples.
        seconds: the time of fitting and predicting.
    """

    title: str
    metrics: Mapping[str, float]
    samples: int
    of: int
    seconds: float


@dataclass(frozen=True)
class Baselines:
    """The baselines of a data set.

    Attributes:
        trivial: the best prediction that ignores the inputs.
        reference: the method that suits the data; None: it could not be fitted.
        failure: why not.
    """

    trivial: Baseline
    reference: Baseline | None
    failure: str = ""

    @property
    def listed(self) -> Sequence[Baseline]:
        """The baselines that there are, the better one first."""
        return [one for one in (self.reference, self.trivial) if one is not None]

    def beside(self, metric: str) -> str:
        """What they reach, such as `test_acc 98.61 % (SVC with RBF kernel), 10.00 % (always 3)`; empty if the metric
        was not measured."""
        values = [(one.title, one.metrics[metric]) for one in self.listed if metric in one.metrics]
        shown = ", ".join(f"{show_metric(metric, value)} ({title})" for title, value in values)
        return f"{metric} {shown}" if shown else ""

    def to_dict(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)


_READ: TypeAdapter[Baselines] = TypeAdapter(Baselines)


def baselines_of(record: Mapping[str, Any]) -> Baselines:
    """What `Baselines.to_dict` returned, also after JSON. Raises IntegrityError if the record is of another form."""
    try:
        return _READ.validate_python(record)
    except ValidationError as error:
        raise IntegrityError(f"the record of the baselines has another form: {error}") from error
