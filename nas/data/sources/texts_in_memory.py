"""Data sets from texts in Python."""

from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nas.arguments import checked
from nas.data.assemble import assemble
from nas.data.dataset import Dataset
from nas.data.preparation.raw_texts import empty_texts, raw_texts
from nas.data.preparation.texts import Tokenizing, fit_texts
from nas.data.sources.given import given_parts
from nas.data.split import Split
from nas.errors import UsageError
from nas.tasks import AUTO


@checked
def from_texts(
    inputs: ArrayLike,
    targets: ArrayLike,
    *,
    val: tuple[ArrayLike, ArrayLike] | None = None,
    test: tuple[ArrayLike, ArrayLike] | None = None,
    groups: ArrayLike | None = None,
    val_groups: ArrayLike | None = None,
    tokenizing: Tokenizing | None = None,
    task: str = AUTO,
    classes: Sequence[str] | None = None,
    name: str = "texts",
    split: Split | None = None,
) -> Dataset:
    """A data set from texts in memory.

    Args:
        inputs: `(N,)` strings.
        targets: as in `from_arrays`.
        val: texts and targets for validation; None: a part of `inputs` is split off.
        test: texts and targets for the final test; None: a part is split off, if `split` has a `test_share`.
        groups: the group of each text, integers or strings, as in `from_arrays`.
        val_groups: the groups of `val`, if that is given.
        tokenizing: how texts become token numbers; None: words, of which 20,000 at most are known.
        task: the name of the task; `auto`: the targets decide.
        classes: their names, as in `from_arrays`.
        name: for reports.
        split: how parts are split off; None: a fifth of the texts for validation, and none for a test.

    Raises:
        UsageError: texts are no strings, or empty; or lengths or targets do not form a data set.
    """
    parts = given_parts(_given, (inputs, targets), val, test, groups, val_groups)
    split = split or Split(test_share=None)
    fit = partial(fit_texts, tokenizing=tokenizing or Tokenizing())
    return assemble(name, parts, fit, split, task=task, classes=classes)


def _given(part: str, inputs: ArrayLike) -> NDArray[np.object_]:
    """Texts in memory as an array of objects. Raises UsageError if one is empty, and as `raw_texts`."""
    held = raw_texts(part, inputs)
    for place in empty_texts(held)[:1]:
        raise UsageError(f"{part}: text {place} is empty")
    return held
