"""Where the selected network is right and wrong: a diagnosis, and the hardest samples, as plain data.

Importing this does not load torch.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from pydantic import TypeAdapter, ValidationError

from nas.data.shown import Shown
from nas.errors import IntegrityError, UsageError
from nas.tasks.diagnosis import Diagnosis, diagnosis_of, plain_diagnosis


@dataclass(frozen=True)
class Hard:
    """A sample with a high loss.

    Attributes:
        place: in its part of the data.
        loss: its loss; None: it is not finite.
        truth: what is right, as text.
        answer: what was predicted.
        shown: its input.
    """

    place: int
    loss: float | None
    truth: str
    answer: str
    shown: Shown


@dataclass(frozen=True)
class Diagnosed:
    """Where a network is right and wrong.

    Attributes:
        part: the part of the data, `test` or `val`.
        samples: the number of samples that were looked at.
        diagnosis: of the predictions; None: some are not finite.
        hardest: the samples with the highest loss, descending.
    """

    part: str
    samples: int
    diagnosis: Diagnosis | None
    hardest: tuple[Hard, ...]

    def to_dict(self) -> dict[str, Any]:
        """As plain data."""
        diagnosis = None if self.diagnosis is None else plain_diagnosis(self.diagnosis)
        return {**asdict(self), "diagnosis": diagnosis}


_HARDEST: TypeAdapter[tuple[Hard, ...]] = TypeAdapter(tuple[Hard, ...])


def diagnosed_of(record: Mapping[str, Any]) -> Diagnosed:
    """What `Diagnosed.to_dict` returned, also after JSON. Raises IntegrityError if the record is of another form."""
    try:
        diagnosis = None if record["diagnosis"] is None else diagnosis_of(record["diagnosis"])
        hardest = _HARDEST.validate_python(record["hardest"])
        return Diagnosed(str(record["part"]), int(record["samples"]), diagnosis, hardest)
    except (KeyError, TypeError, ValueError, ValidationError, UsageError) as error:
        raise IntegrityError(f"the diagnosis of the selected network has another form: {error}") from error
