"""Several modules become one file, with what is taken of them and nothing else."""

import sys
from pathlib import Path
from types import ModuleType

import pytest

from nas.errors import UsageError
from nas.plain.joined import joined

ROOT = '''"""The root."""

import os.path as paths
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from nas.joined_first import LIMIT, Kept, read

if TYPE_CHECKING:
    from decimal import Decimal

SEPARATOR = paths.sep
"""Of paths."""


def run(sizes: Sequence[int]) -> "Iterator[Decimal | Kept]":
    """What is run."""
    yield from (read(size) for size in sizes if size < LIMIT)


if __name__ == "__main__":
    print(*run([1, 5]))
'''

FIRST = '''"""Of which a part is taken."""

import json
from dataclasses import dataclass

from nas.joined_second import BASE, unused
from nas.tools import checked


class Base:
    pass


# Why it is so.
LIMIT = BASE + 1
"""The most."""

OTHER = json.dumps(LIMIT)


@checked
@dataclass(frozen=True)
class Kept(Base):
    size: int = LIMIT


def read(size: int) -> Kept:
    return Kept(size)


def left_out() -> str:
    return unused(OTHER)
'''

SECOND = '''"""Of which a constant is taken."""

BASE, ELSE = 1, 2


def unused(text: str) -> str:
    return text
'''

JOINED = '''"""The root."""

import os.path as paths
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal

BASE, ELSE = 1, 2


class Base:
    pass


# Why it is so.
LIMIT = BASE + 1
"""The most."""


@dataclass(frozen=True)
class Kept(Base):
    size: int = LIMIT


def read(size: int) -> Kept:
    return Kept(size)


SEPARATOR = paths.sep
"""Of paths."""


def run(sizes: Sequence[int]) -> "Iterator[Decimal | Kept]":
    """What is run."""
    yield from (read(size) for size in sizes if size < LIMIT)


if __name__ == "__main__":
    print(*run([1, 5]))
'''


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, ModuleType]:
    """Modules with the sources of this file, as if they were of Archwright."""
    return {
        name: _module(f"nas.joined_{name}", source, tmp_path, monkeypatch)
        for name, source in (("root", ROOT), ("first", FIRST), ("second", SECOND))
    }


def _module(name: str, source: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    module = ModuleType(name)
    module.__file__ = str(folder / f"{name}.py")
    Path(module.__file__).write_text(source, encoding="utf-8")
    monkeypatch.setitem(sys.modules, name, module)
    module.__doc__ = source.partition('"""')[2].partition('"""')[0]
    return module


def test_what_is_taken_stands_as_it_stood(modules: dict[str, ModuleType]) -> None:
    assert joined(modules["root"], {}) == JOINED


def test_another_module_in_its_place(
    modules: dict[str, ModuleType], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = '"""In its place."""\n\nLIMIT = 3\nKept = int\n\n\ndef read(size: int) -> int:\n    return size\n'
    other = _module("nas.joined_other", source, tmp_path, monkeypatch)
    found = joined(modules["root"], {modules["first"]: other})
    assert found.startswith('"""The root.\n\nIn its place.\n"""\n')
    assert "LIMIT = 3\n\nKept = int\n\n\ndef read(size: int) -> int:\n    return size\n\n\nSEPARATOR" in found
    assert "Base" not in found


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("from nas.joined_second import BASE\n\nLIMIT = BASE\nKept = read = 1\nunused = BASE\n", None),
        ("from collections import Sequence\n\nLIMIT = Kept = read = Sequence\n", "Sequence is defined by both"),
        ("from nas.joined_second import BASE as LIMIT\n\nKept = read = 1\n", "by another name, LIMIT"),
        ("LIMIT = Kept = 1\n\n\ndef read():\n    from nas.joined_second import BASE\n", "imports nas.joined_second"),
    ],
)
def test_what_cannot_be_joined(
    source: str, why: str | None, modules: dict[str, ModuleType], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = _module("nas.joined_other", f'"""Another."""\n\n{source}', tmp_path, monkeypatch)
    if why is None:
        assert "unused" not in joined(modules["root"], {modules["first"]: other})
        return
    with pytest.raises(UsageError, match=why):
        joined(modules["root"], {modules["first"]: other})
