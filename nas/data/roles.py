"""What the columns of a table are for: a table of values, or a list of texts, images or sounds."""

from collections.abc import Sequence
from dataclasses import dataclass

from nas.arguments import checked


@checked
@dataclass(frozen=True)
class Roles:
    """The columns of a table that are no inputs.

    Attributes:
        target: the column of the target, or a list of several; `null`: the last column.
        group: a column of groups, such as speakers or patients: samples of a group are on one side of each split.
        time: a column of dates or numbers: the validation and the test part then have the last samples.
        part: a column that says of each sample whether it is in `train`, `val` or `test`; the parts that it does not
            name are split off.
        ignore: columns that are not used.
    """

    target: str | Sequence[str] | None = None
    group: str | None = None
    time: str | None = None
    part: str | None = None
    ignore: tuple[str, ...] = ()
