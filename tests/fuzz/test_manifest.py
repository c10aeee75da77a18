"""Damaged and hostile manifests."""

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from nas.manifest import MANIFEST, Manifest
from nas.sealed import sealed
from tests.fuzz.harness import Target, fuzz, mutate_words


def _valid() -> list[bytes]:
    entry = [{"sha256": "0" * 64, "size": 3}]
    files = {"config.yaml": entry, "finalists/0123456789abcdef.json": entry, "final.json": [*entry, *entry]}
    return [json.dumps(sealed({"files": one}), indent=1).encode() for one in (files, {})]


def _read(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, MANIFEST).write_bytes(data)
        sorted(Manifest(folder))


WORDS = (
    "..",
    "/",
    "9" * 5000,
    "1e999",
    "null",
    "[" * 30_000,
    '{"":' * 3000,
    '"a": 1,',
    "\\ud800",
    "\\u0000",
    "-1",
    "[]",
)


def _mutate(data: bytes, others: Sequence[bytes], rng: np.random.Generator) -> bytes:
    """Damage, most of which has a checksum that fits, so that what lies behind the checksum is reached."""
    changed = mutate_words(WORDS)(data, others, rng)
    try:
        record = json.loads(changed)
        record.pop("checksum")
        return changed if rng.random() < 0.1 else json.dumps(sealed(record)).encode()
    except (ValueError, RecursionError, AttributeError, KeyError, TypeError):
        return changed


MANIFESTS = Target(_valid, _read, _mutate)


def test_manifests() -> None:
    fuzz(f"{__name__}:MANIFESTS", cases=400)
