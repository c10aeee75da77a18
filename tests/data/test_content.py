"""The content of files as a hash."""

import datetime
import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nas.data.content import content_in_memory, content_of
from nas.errors import StorageError, UsageError


def test_names_contents_order_and_settings_count_and_folders_do_not(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        for name, text in (("a", "1"), ("b", "2"), ("c", "1")):
            (tmp_path / folder / name).write_text(text)
    one, two = ({name: tmp_path / folder / name for name in "abc"} for folder in ("one", "two"))
    assert content_of([one["a"], one["b"]], 1) == content_of([two["a"], two["b"]], 1)
    found = [
        content_of([one["a"], one["b"]], 1),
        content_of([one["b"], one["a"]], 1),
        content_of([one["c"], one["b"]], 1),
        content_of([one["a"], one["b"]], 2),
        content_of([one["a"]], 1),
    ]
    assert len(set(found)) == len(found)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="none cannot be read: No such file"):
        content_of([tmp_path / "none"])


LONG = np.arange(5000.0)
CHANGED = np.where(LONG == 2500, -1, LONG)
"""As the other one in all that is printed of it."""


class Frame:
    """As a data frame, which prints some of its rows alone."""

    def __init__(self, columns: Mapping[str, Any]) -> None:
        self.columns, self._columns = [*columns], columns

    def __getitem__(self, name: str) -> Any:
        return self._columns[name]


@pytest.mark.parametrize(
    "make",
    [
        lambda array: array,
        lambda array: [array, array[:3]],
        lambda array: array.tolist(),
        lambda array: [str(one) for one in array],
        lambda array: {"x": array},
        lambda array: Frame({"x": array}),
        lambda array: Frame({"x": array.astype(str), "y": np.full(len(array), datetime.date(2026, 1, 1), object)}),
        lambda array: [Image.fromarray((array[:2600].reshape(50, 52) + 1).astype(np.uint8))],
        lambda array: array.astype("datetime64[s]"),
    ],
)
def test_all_of_what_is_in_memory_counts(make: Callable[[Any], Any]) -> None:
    assert content_in_memory(make(LONG)) == content_in_memory(make(LONG.copy()))
    assert content_in_memory(make(LONG)) != content_in_memory(make(CHANGED))


def test_shapes_types_and_the_contents_of_files_count(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("1")
    before = content_in_memory([tmp_path / "a"])
    (tmp_path / "a").write_text("2")
    eight = np.arange(8)
    samples = [eight, eight.reshape(2, 4), eight.astype("<u8"), [0, 1], [0.0, 1.0], ["0", "1"], [["0"], "1"]]
    found = [before, content_in_memory([tmp_path / "a"]), *map(content_in_memory, samples)]
    assert len(set(found)) == len(found)


@pytest.mark.parametrize("given", [object(), [object()], io.BytesIO(b"1")])
def test_what_says_nothing_of_its_content(given: object) -> None:
    with pytest.raises(UsageError, match="expected samples in memory"):
        content_in_memory(given)
