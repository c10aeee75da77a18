"""The common end of sources of files, with images."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nas.data.assemble import RawPart
from nas.data.dataset import Dataset
from nas.data.preparation.images import Images, Sizing, fit_images
from nas.data.preparation.raw_images import RawImages
from nas.data.skipping import Skipping
from nas.data.sources.files import Found, assemble_files
from nas.data.sources.images import IMAGES
from nas.data.split import Split
from nas.errors import UsageError

PIXELS = np.random.default_rng(0).integers(0, 256, (12, 4, 4), dtype=np.uint8)
LABELS = np.array(["a", "b"] * 6)
SKIP = Skipping("skip", 0.5)


def assembled(parts: Mapping[str, RawPart], sizing: Sizing, split: Split, skipping: Skipping) -> Dataset:
    return assemble_files(Found("some", parts), IMAGES, partial(fit_images, sizing=sizing), sizing, split, skipping)


def _part(*broken: int, **others: Any) -> RawPart:
    items = [b"" if place in broken else pixels for place, pixels in enumerate(PIXELS)]
    return RawPart(RawImages.of(items), LABELS, **others)


def test_targets_groups_and_times_are_left_out_with_their_images() -> None:
    parts = {"train": _part(1, 4, groups=np.arange(12) // 2), "val": _part(groups=np.arange(12)), "test": _part(0)}
    data = assembled(parts, Sizing(), Split(), SKIP)
    assert data.notes[0].startswith("3 of 36 images cannot be read and are left out: image 1: this is not an image")
    assert isinstance(data.preparation, Images)
    assert data.test is not None
    assert data.groups is not None
    kept = np.setdiff1d(np.arange(12), [1, 4])
    assert np.array_equal(data.train.inputs[:, 0], PIXELS[kept])
    assert [data.outputs[label] for label in data.train.targets] == LABELS[kept].tolist()
    assert data.groups[:10].tolist() == (kept // 2).tolist()
    assert len(data.test) == 11
    timed = assembled({"train": _part(11, times=np.arange(12))}, Sizing(), Split(0.2, None), SKIP)
    assert np.array_equal(timed.val.inputs[:, 0], PIXELS[8:11])


def test_what_is_skipped_has_a_limit() -> None:
    with pytest.raises(
        UsageError, match=r"3 of 24 images cannot be read, and skip_share is 0\.1: image 2: .*; image 9"
    ):
        assembled({"train": _part(2, 9), "val": _part(3)}, Sizing(), Split(), Skipping("skip", 0.1))
    with pytest.raises(UsageError, match=r"^image 2: this is not an image"):
        assembled({"train": _part(2), "val": _part()}, Sizing(), Split(), Skipping())


def test_files_are_prepared_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Their second reading comes from the cache of prepared data, where one of other settings is not taken for it."""
    from PIL import Image

    monkeypatch.setenv("ARCHWRIGHT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("nas.data.prepared.WORTH", -1.0)
    files = [tmp_path / f"{place}.png" for place in range(12)]
    for file, pixels in zip(files, PIXELS, strict=True):
        Image.fromarray(pixels).save(file)
    parts = {"train": RawPart(RawImages.of(files), LABELS)}
    first = assembled(parts, Sizing(), Split(), Skipping())
    with monkeypatch.context() as without:
        without.setattr("nas.data.preparation.images.decode", None)
        again = assembled(parts, Sizing(), Split(), Skipping())
    assert again.fingerprint == first.fingerprint
    assert assembled(parts, Sizing((3, 3)), Split(), Skipping()).shape == (1, 3, 3)
    files[0].write_bytes(files[1].read_bytes())
    assert assembled(parts, Sizing(), Split(), Skipping()).fingerprint != first.fingerprint
