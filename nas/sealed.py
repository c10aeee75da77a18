"""Records as JSON with a checksum of their own, so that a changed digit is noticed."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nas.errors import Damaged
from nas.files import sha256


def sealed(record: Mapping[str, Any]) -> dict[str, Any]:
    """Data as it comes back from JSON, with a `checksum`, so that a digit that changed is noticed.

    Raises:
        TypeError, ValueError: JSON does not hold it.
    """
    plain = json.loads(json.dumps(record))
    return {**plain, "checksum": _checksum(plain)}


def unsealed(stored: object) -> dict[str, Any]:
    """What `sealed` was given. Raises ValueError if that is not what is there."""
    if not isinstance(stored, dict) or "checksum" not in stored:
        raise ValueError("it has no checksum")
    record = {key: value for key, value in stored.items() if key != "checksum"}
    if stored["checksum"] != _checksum(record):
        raise ValueError("its checksum does not fit its content")
    return record


def _checksum(record: Mapping[str, Any]) -> str:
    return sha256(json.dumps(record, sort_keys=True).encode())


def parse_record(data: bytes, path: Path) -> dict[str, Any]:
    """What `Manifest.write_record` wrote, out of the content of a file. Raises Damaged."""
    try:
        return unsealed(json.loads(data))
    except (ValueError, RecursionError) as error:
        raise Damaged(f"{path} is corrupt: {error}") from error
