"""The content of files as a hash."""

from pathlib import Path

import pytest

from nas.data.content import content_of
from nas.errors import StorageError


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
