"""Records as JSON with a checksum of their own, so that a changed digit is noticed."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nas.errors import Damaged
from nas.files import sha256


def sealed(record: Mapping[str, Any]) -> dict[str, Any]:
    """Plain data as JSON returns it, with a `checksum`.

    Raises:
        TypeError, ValueError: it is not JSON data.
    """
    plain = json.loads(json.dumps(record))
    return {**plain, "checksum": _checksum(plain)}


def unsealed(stored: object) -> dict[str, Any]:
    """The data that was given to `sealed`. Raises ValueError if the checksum differs."""
    if not isinstance(stored, dict) or "checksum" not in stored:
        raise ValueError("it has no checksum")
    record = {key: value for key, value in stored.items() if key != "checksum"}
    if stored["checksum"] != _checksum(record):
        raise ValueError("its checksum differs from that of its content")
    return record


def _checksum(record: Mapping[str, Any]) -> str:
    return sha256(json.dumps(record, sort_keys=True).encode())


def record_bytes(record: Mapping[str, Any]) -> bytes:
    """The content of a file with a record, which `parse_record` reads. Raises the errors of `sealed`."""
    return (json.dumps(sealed(record), indent=1, ensure_ascii=False) + "\n").encode()


def parse_record(data: bytes, path: Path) -> dict[str, Any]:
    """The record in the content of a file, as `record_bytes` made it. Raises Damaged."""
    try:
        return unsealed(json.loads(data))
    except (ValueError, RecursionError) as error:
        raise Damaged(f"{path} is corrupt: {error}") from error
