"""Samples are shown by the kind of their inputs."""

from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from nas.data import Dataset, from_arrays
from nas.data.input_spec import InputSpec
from nas.data.shown import Curves, Display, Picture, RowValues, Words

RNG = np.random.default_rng(0)


@dataclass(frozen=True)
class Given:
    """A preparation that says what the inputs are, and knows the words of tokens."""

    input: InputSpec
    name: ClassVar[str] = "given"
    fits: ClassVar[bool] = False
    note: ClassVar[str] = ""
    dtype: ClassVar[Literal["float32"]] = "float32"

    def __call__(self, raw: Any, out: NDArray[Any] | None = None) -> NDArray[Any]:
        return np.asarray(raw)

    def refitted(self, raw: Any) -> "Given":
        return self

    def words(self, tokens: NDArray[Any]) -> list[str]:
        return ["" if token == 0 else f" w{int(token)}" for token in tokens]


def data(*shape: int, spec: InputSpec | None = None) -> Dataset:
    inputs = RNG.integers(1, 9, size=(20, *shape)).astype(np.float32)
    found = from_arrays(inputs, np.arange(20) % 2)
    return found if spec is None else replace(found, preparation=Given(spec))


def test_every_modality() -> None:
    cases = [
        (data(1, 4, 4), Picture),
        (data(2, 30), Curves),
        (data(5), RowValues),
        (data(1, 300, spec=InputSpec("sound", (1, 300), rate=8000)), Picture),
        (data(6, spec=InputSpec("text", (6,), tokens=9)), Words),
    ]
    for made, kind in cases:
        shown = Display(made, made.val.inputs).show(made.val.inputs[0])
        assert isinstance(shown, kind)


def test_words_have_relative_weights_and_padding_is_left_out() -> None:
    made = data(3, spec=InputSpec("text", (3,), tokens=9))
    shown = Display(made, made.val.inputs).show(np.array([4.0, 2, 0]), np.array([0.5, -2, 0]))
    assert shown == Words(((" w4", 0.25), (" w2", -1.0)))


def test_features_without_names_are_numbered() -> None:
    made = data(2)
    shown = Display(made, made.val.inputs).show(np.array([100.0, 4.5]))
    assert shown == RowValues((("feature 0", "100"), ("feature 1", "4.5")))
