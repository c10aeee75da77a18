"""Fixtures of comparisons."""

from collections.abc import Callable
from pathlib import Path

import pytest

from nas.comparison.compare import compare
from tests.comparisons import comparison as comparison
from tests.comparisons import comparison_file as comparison_file
from tests.comparisons import space as space
from tests.comparisons import table as table


@pytest.fixture
def folder(comparison_file: Callable[..., Path], tmp_path: Path) -> Path:
    """A finished comparison."""
    compare(comparison_file(), out=tmp_path / "out")
    return tmp_path / "out"
