"""Parts of data sets that are given in Python."""

from collections.abc import Callable, Mapping
from typing import Any

from numpy.typing import ArrayLike

from nas.data.assemble import RawPart
from nas.data.raw import RawInputs
from nas.errors import UsageError

Pair = tuple[Any, ArrayLike]
"""The inputs and the targets of a part."""


def given_parts(
    raw: Callable[[str, Any], RawInputs],
    train: Pair,
    val: Pair | None,
    test: Pair | None,
    groups: ArrayLike | None,
    val_groups: ArrayLike | None,
) -> Mapping[str, RawPart]:
    """The parts of a data set, as `assemble` takes them.

    Args:
        raw: makes raw inputs of the name of a part and its inputs.
        train, val, test: the parts; None: there is none.
        groups, val_groups: those of the training and the validation samples; None: there are none.

    Raises:
        UsageError: there are groups of a part that is not given.
    """
    if val is None and val_groups is not None:
        raise UsageError("val_groups: there are no validation samples")
    given = {"train": (train, groups), "val": (val, val_groups), "test": (test, None)}
    return {part: RawPart(raw(part, pair[0]), pair[1], known) for part, (pair, known) in given.items() if pair}
