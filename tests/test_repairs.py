"""A folder is repaired as what it is."""

from pathlib import Path

import pytest

from nas.errors import UsageError
from nas.manifest import Manifest
from nas.repairs import KINDS, repair


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_each_kind_of_folder_is_recognised(kind: object, tmp_path: Path) -> None:
    (one,) = [one for one in KINDS if one is kind]
    names = [name for part in one.layout.parts if part.distinctive for name in part.names]
    for name in names:
        folder = tmp_path / name.strip("/")
        Manifest(folder).write(f"{name}x" if name.endswith("/") else name, b"")
        assert [other.name for other in KINDS if other.layout.is_that_of(folder)] == [one.name]


def test_a_folder_of_nothing(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "nothing"):
        with pytest.raises(UsageError, match="holds no run and no comparison"):
            repair(folder)
    assert not list(tmp_path.iterdir())
