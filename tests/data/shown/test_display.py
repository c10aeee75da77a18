"""Samples are shown by the kind of their inputs."""

from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from nas.data import Dataset, from_arrays
from nas.data.input_spec import InputSpec
from nas.data.shown import Curves, Display, Picture, RowValues, Words
from nas.data.shown.display import FEW_WORDS, SMALL

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


def test_small_ones_of_every_modality() -> None:
    cases = [
        (data(3, 200, 100), (SMALL * 200 // 240, SMALL * 100 // 240)),
        (data(1, 300, spec=InputSpec("sound", (1, 300), rate=8000)), None),
        (data(2, 300), None),
        (data(20, spec=InputSpec("text", (20,), tokens=9)), None),
    ]
    for made, size in cases:
        small = Display(made, made.val.inputs).small(made.val.inputs[0])
        match small:
            case Picture():
                assert small.width <= SMALL
                assert size is None or (small.height, small.width) == size
            case Curves():
                assert len(small.channels[0]) == SMALL
            case Words():
                assert (len(small.words), small.left_out) == (FEW_WORDS, 20 - FEW_WORDS)
            case _:
                raise AssertionError(small)
    assert Display(data(5), np.zeros((1, 5))).small(np.zeros(5)) is None


def test_overlays_of_images_and_sounds() -> None:
    for made in (data(1, 4, 4), data(1, 300, spec=InputSpec("sound", (1, 300), rate=8000))):
        display, sample = Display(made, made.val.inputs), made.val.inputs[0]
        found = display.overlaid(sample, np.ones_like(sample), np.zeros_like(sample))
        shown = display.show(sample)
        assert isinstance(shown, Picture)
        assert (found.width, found.height) == (shown.width, shown.height)
        assert found.png != shown.png
