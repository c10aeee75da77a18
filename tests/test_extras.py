"""A package of an extra that is missing is named, with the command that installs it."""

import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from nas.errors import UsageError
from nas.extras import EXTRAS, package

FILE = Path(__file__).parents[1] / "pyproject.toml"
DECLARED = tomllib.loads(FILE.read_text(encoding="utf-8"))["project"]["optional-dependencies"]


@pytest.mark.parametrize("name", EXTRAS)
def test_a_missing_package_is_in_the_extra_that_is_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert name in {Requirement(one).name for one in DECLARED[EXTRAS[name]]}
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(UsageError) as error:
        package(name, "this")
    assert str(error.value) == f"this needs {name}: pip install 'archwright[{EXTRAS[name]}]'"


def test_a_module_within_a_package() -> None:
    assert package("pyarrow.parquet", "this").ParquetFile
