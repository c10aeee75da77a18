"""How files with samples of a data set are written: what a later file of its kind is read by."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from nas.data.number_forms import NumberForm
from nas.data.reading.dialect import Dialect


@dataclass(frozen=True)
class FileForm:
    """How files with samples of a data set are written.

    Attributes:
        dialect: how tables are written as text; its `encoding` is that of all text files.
        text: of texts in tables, their column; None: none was named.
        numbers: how columns of tables write numbers, where they write them otherwise than `dialect` says.
    """

    dialect: Dialect = Dialect()
    text: str | None = None
    numbers: Mapping[str, NumberForm] = field(default_factory=dict)


PLAIN = FileForm()
"""The form of a data set that does not come from such files."""
