"""Preparations as JSON, in which they travel with a network."""

import dataclasses
import json
from collections.abc import Mapping
from functools import cache
from typing import Any, cast

from pydantic import TypeAdapter, ValidationError

from nas.data.preparation.preparation import Preparation
from nas.errors import IntegrityError


def plain_preparation(preparation: Preparation) -> dict[str, Any]:
    """A preparation as plain data: `{NAME: {...}}`, with its fields."""
    return {preparation.name: _adapter(type(preparation)).dump_python(preparation, mode="json")}


def preparation_to_json(preparation: Preparation) -> str:
    """`plain_preparation` as JSON."""
    return json.dumps(plain_preparation(preparation), ensure_ascii=False)


def preparation_from_json(text: str | bytes, known: Mapping[str, type[Preparation]]) -> Preparation:
    """The preparation that `preparation_to_json` wrote.

    Args:
        text: the JSON.
        known: the table of preparations.

    Raises:
        IntegrityError: this is no preparation of the table.
    """
    try:
        document = json.loads(text)
    except ValueError as error:
        raise IntegrityError(f"this is no preparation of data: {error}") from error
    return preparation_of(document, known)


def preparation_of(document: Any, known: Mapping[str, type[Preparation]]) -> Preparation:
    """What `plain_preparation` returned, after JSON. The arguments and errors are those of `preparation_from_json`."""
    try:
        ((name, fields),) = document.items()
        expected = sorted(one.name for one in dataclasses.fields(cast(Any, known[name])))
        if sorted(fields) != expected:
            raise ValueError(f"expected the fields {', '.join(expected)}, got {', '.join(fields)}")
        found: Preparation = _adapter(known[name]).validate_json(json.dumps(fields), strict=True)
    except (ValueError, TypeError, AttributeError, KeyError, ValidationError) as error:
        raise IntegrityError(f"this is no preparation of data: {error}") from error
    return found


@cache
def _adapter(cls: type[Any]) -> TypeAdapter[Any]:
    return TypeAdapter(cls)
