"""Lists of images."""

from pathlib import Path

import numpy as np

from nas.data.preparation.raw_images import RawImages
from nas.data.raw import Raw, joined


def test_images_of_any_kind_in_a_list() -> None:
    raw = RawImages.of([Path("a/b.png"), b"content", np.zeros((2, 3))])
    assert isinstance(raw, Raw)
    assert raw.names.tolist() == ["a/b.png", "image 1", "image 2"]
    chosen = raw[np.array([2, 0])]
    assert (len(chosen), chosen.items[0].shape, chosen.items[1]) == (2, (2, 3), Path("a/b.png"))
    both = joined(chosen, raw)
    assert isinstance(both, RawImages)
    assert both.names.tolist() == ["image 2", "a/b.png", "a/b.png", "image 1", "image 2"]


def test_arrays_of_one_shape_stay_single_images() -> None:
    raw = RawImages.of([np.zeros((2, 3)), np.ones((2, 3))], names=["first", "second"])
    assert (raw.items.shape, raw.names.tolist()) == ((2,), ["first", "second"])
