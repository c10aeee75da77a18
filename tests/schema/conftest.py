"""Validators of the schemas, and what they find in a text."""

from collections.abc import Callable
from typing import Any

import jsonschema
import pytest

from nas.document import parse_document
from nas.file_kinds import schema_of

Find = Callable[[str], list[tuple[str, str]]]


def _finder(kind: str) -> Find:
    validator: Any = jsonschema.Draft202012Validator(schema_of(kind))

    def find(text: str) -> list[tuple[str, str]]:
        """Place and words of each mistake."""
        errors = validator.iter_errors(parse_document(text).plain())
        return [(".".join(map(str, error.absolute_path)), error.message) for error in errors]

    return find


@pytest.fixture(scope="session")
def space_problems() -> Find:
    return _finder("space")


@pytest.fixture(scope="session")
def run_problems() -> Find:
    return _finder("run")


@pytest.fixture(scope="session")
def comparison_problems() -> Find:
    return _finder("comparison")
