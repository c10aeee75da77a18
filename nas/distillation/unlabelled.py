"""Inputs without targets, which a student learns from beside those of the training part: those that there are.

Importing this does not load torch.
"""

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from pydantic_core import PydanticCustomError

from nas.data import Dataset
from nas.data.content import content_in_memory, content_of
from nas.data.inputs import read_inputs
from nas.data.inputs.seen import Seen
from nas.distillation.source import Source
from nas.distillation.teacher import Teacher
from nas.errors import UsageError
from nas.marks import Content

if TYPE_CHECKING:
    import torch

ROWS = 4096
"""Samples that are prepared at once."""


class Unlabelled(Content, Source):
    """Inputs without targets that there are.

    Args:
        given: a path, or samples in memory, as for `nas.predict`. They are prepared as those of the training part.
    """

    def __init__(self, given: Any) -> None:
        self.given = given
        self._prepared: dict[str, NDArray[Any]] = {}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Unlabelled) and (self is other or self.written == other.written)

    def __hash__(self) -> int:
        return hash(self.written)

    def __repr__(self) -> str:
        return f"Unlabelled({self.written!r})"

    @property
    def written(self) -> str:
        """The inputs in a file: their path; of samples in memory, their hash, which no file can name."""
        return str(self.given.absolute()) if isinstance(self.given, Path) else self.sha256

    @cached_property
    def sha256(self) -> str:
        """64 hexadecimal digits that follow from the content. Raises UsageError or StorageError."""
        given = self.given
        if not isinstance(given, Path):
            return content_in_memory(given)
        if not given.exists():
            raise UsageError(f"distill.unlabelled: {given} does not exist")
        files = sorted(one for one in given.rglob("*") if one.is_file()) if given.is_dir() else [given]
        return content_of(files, [one.relative_to(given).as_posix() for one in files])

    def key(self, teacher: Teacher | None = None) -> str:
        """See `Source.key`: the content."""
        return self.sha256

    def check(self, data: Dataset, teacher: Teacher | None = None) -> None:
        """Raises UsageError if they cannot be read and prepared for a data set."""
        self.prepared(data)

    def prepared(
        self, data: Dataset, teacher: Teacher | None = None, device: "torch.device | None" = None
    ) -> NDArray[Any]:
        """See `Source.prepared`; once for each preparation."""
        intake = data.intake
        key = repr(intake.to_dict()["preparation"])
        if key not in self._prepared:
            parts = [intake.preparation(named.raw) for named in read_inputs(intake, self.given, Seen(), ROWS)]
            self._prepared[key] = np.concatenate(parts)
        return self._prepared[key]


def source_of(value: Any) -> Source | None:
    """The inputs that a path or samples in memory stand for, or how they are made; None: there are none."""
    if value is None or isinstance(value, Source):
        return value
    if hasattr(value, "read"):
        raise PydanticCustomError("unlabelled", "a path, or samples in memory; a file that is open can be read once")
    return Unlabelled(Path(value) if isinstance(value, str) else value)
