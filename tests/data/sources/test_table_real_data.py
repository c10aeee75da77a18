"""Real tables, read unaided. The environment variable ARCHWRIGHT_TEST_DATA names a folder that holds them as
`tabular/NAME.csv.gz`, with the target in the last column."""

import os
from pathlib import Path

import numpy as np
import pytest

from nas.data import Dataset, load_data

VARIABLE = "ARCHWRIGHT_TEST_DATA"


def real(name: str) -> Dataset:
    folder = os.environ.get(VARIABLE)
    if not folder:
        pytest.skip(f"the environment variable {VARIABLE} names no folder with data sets")
    path = Path(folder) / "tabular" / f"{name}.csv.gz"
    if not path.is_file():
        pytest.skip(f"there is no file {path}")
    return load_data("auto", path=path)


def test_adult() -> None:
    """Kohavi 1996: 6 numbers, 8 categories, of which three have missing values, and parts of 32,561 and 16,281."""
    data = real("adult")
    assert data.test is not None
    assert (len(data.train) + len(data.val), len(data.test)) == (32_561, 16_281)
    assert (data.outputs, data.input.numbers) == (("<=50K", ">50K"), 6)
    # As many values as UCI lists, and one for those that are missing; a country may be only in the validation part.
    assert np.allclose(data.input.categories, (9, 17, 8, 15, 7, 6, 3, 42), atol=1)
    assert np.bincount(data.test.targets).tolist() == [16_281 - 3_846, 3_846]


def test_a_regression_and_tables_of_numbers_and_of_categories() -> None:
    houses = real("california_housing")
    assert (houses.task.name, houses.outputs, houses.shape) == ("regression", ("medianHouseValue",), (8,))
    everything = [part.targets for part in (houses.train, houses.val, houses.test) if part is not None]
    assert np.median(np.concatenate(everything)) == 179_700  # Pace and Barry 1997
    digits = real("pendigits")
    assert (digits.task.name, digits.outputs, digits.shape) == ("classification", tuple("0123456789"), (16,))
    nursery = real("nursery")
    assert (nursery.input.numbers, nursery.input.categories) == (0, (4, 6, 5, 5, 4, 3, 4, 4))
