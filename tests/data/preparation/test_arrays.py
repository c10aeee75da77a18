"""Arrays that are inputs as they are."""

import numpy as np
import pytest

from nas.data.input_spec import InputSpec
from nas.data.preparation import PREPARATIONS, Preparation
from nas.data.preparation.arrays import Arrays
from nas.data.preparation.stored import preparation_from_json, preparation_to_json
from nas.errors import UsageError

BYTES, NUMBERS = Arrays("image", (1, 2, 2), "uint8"), Arrays("table", (3,), "float32")


def test_protocol() -> None:
    assert isinstance(BYTES, Preparation)
    assert BYTES.input == InputSpec("image", (1, 2, 2))
    assert not BYTES.fits
    assert BYTES.refitted(None) is BYTES
    for one in (BYTES, NUMBERS):
        assert preparation_from_json(preparation_to_json(one), PREPARATIONS) == one


def test_values() -> None:
    bytes_ = np.array([[[[0, 255], [7, 1]]]], np.uint8)
    assert BYTES(bytes_) is bytes_
    assert BYTES(bytes_.astype(float)).dtype == np.uint8
    assert NUMBERS([[1, 2.5, True]]).tolist() == [[1, 2.5, 1]]
    assert NUMBERS(np.array([[1, 2, 255]], np.uint8)).dtype == np.float32


@pytest.mark.parametrize(
    ("preparation", "inputs", "message"),
    [
        (NUMBERS, [[1, 2]], r"inputs: expected samples of shape \(3,\), got \(2,\)"),
        (NUMBERS, [["1", "2", "3"]], "inputs: expected numbers, got <U1"),
        (NUMBERS, [[1, 2, 3], [1, 1e300, 3]], r"inputs: sample 1 has a value that is not finite"),
        (BYTES, [[[[0.5, 0], [0, 0]]]], "it has the value 0.5; the training samples are uint8, whole numbers"),
        (BYTES, [[[[0, 0], [0, 256]]]], "it has the value 256"),
        (BYTES, [[[[0, 0], [0, float("nan")]]]], "it has the value nan"),
    ],
)
def test_other_samples(preparation: Arrays, inputs: object, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        preparation(inputs)
