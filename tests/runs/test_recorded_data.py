"""What a run records of its data, and what a space is rebuilt from."""

from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

import numpy as np
import pytest
from numpy.typing import NDArray

from nas.data import Dataset, InputSpec, from_arrays, load_data
from nas.runs.recorded_data import RecordedData, record_of, recorded_data
from nas.space import load_space


@dataclass(frozen=True)
class Prepared:
    """A preparation that only says what the inputs are."""

    name: ClassVar[str] = "prepared"
    input: InputSpec
    fits: bool = False
    note: str = ""
    dtype: Literal["uint8", "float32"] = "float32"

    def __call__(self, raw: Any, /, out: NDArray[Any] | None = None) -> NDArray[Any]:
        return np.asarray(raw)

    def refitted(self, raw: Any, /) -> "Prepared":
        return self


def data_of(spec: InputSpec) -> Dataset:
    inputs = np.ones((8, *spec.shape), np.float32)
    return replace(from_arrays(inputs, np.arange(8) % 2, val_share=0.5), preparation=Prepared(spec), notes=("a note",))


@pytest.mark.parametrize(
    "spec",
    [
        InputSpec("text", (6,), tokens=40),
        InputSpec("table", (5,), categories=(3, 4)),
        InputSpec("sound", (1, 90), rate=8000),
        InputSpec("image", (3, 4, 5)),
    ],
    ids=lambda spec: spec.modality,
)
def test_what_is_recorded_is_enough_for_the_space(spec: InputSpec) -> None:
    data = data_of(spec)
    recorded = record_of(data)
    assert recorded["notes"] == ["a note"]
    assert recorded_data({"data": recorded}) == RecordedData(spec, ("0", "1"))
    source = {
        "for": {"modality": spec.modality},
        "layers": [
            "flatten",
            {"linear": {"units": {"choice": ["outputs", "tokens" if spec.tokens else "rate" if spec.rate else 7]}}},
            {"linear": {"units": "outputs"}},
        ],
    }
    space = load_space(source, data=data)
    again = load_space(source, data=recorded_data({"data": recorded}))
    assert (again.fingerprint, again.words) == (space.fingerprint, space.words)


def test_records_without_a_modality_are_of_arrays() -> None:
    digits = load_data("digits")
    recorded = {key: value for key, value in record_of(digits).items() if key not in ("input", "notes")}
    assert recorded_data({"data": recorded}) == RecordedData(digits.input, digits.outputs)
    assert recorded_data({"data": {"train": 3}}) is None
    assert recorded_data({}) is None
