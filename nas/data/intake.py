"""How a data set takes in samples: what further samples need to become inputs of the same networks."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter, ValidationError

from nas.data.preparation import PREPARATIONS, Preparation
from nas.data.preparation.stored import plain_preparation, preparation_of
from nas.data.reading.form import FileForm
from nas.errors import IntegrityError


@dataclass(frozen=True)
class Intake:
    """How a data set takes in samples.

    Attributes:
        name: of the data set.
        preparation: turns raw inputs into what networks take.
        files: how files with samples are written.
    """

    name: str
    preparation: Preparation
    files: FileForm

    def to_dict(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "name": self.name,
            "preparation": plain_preparation(self.preparation),
            "files": _FORM.dump_python(self.files, mode="json"),
        }


_FORM: TypeAdapter[FileForm] = TypeAdapter(FileForm)


def intake_of(record: Mapping[str, Any]) -> Intake:
    """What `Intake.to_dict` returned, also after JSON. Raises IntegrityError if the record is of another form."""
    try:
        preparation = preparation_of(record["preparation"], PREPARATIONS)
        return Intake(str(record["name"]), preparation, _FORM.validate_python(record["files"]))
    except (KeyError, TypeError, ValueError, ValidationError) as error:
        raise IntegrityError(f"this does not say how inputs are prepared: {error}") from error
