"""Damaged and hostile manifests."""

import json
import tempfile
from pathlib import Path

from nas.files import MANIFEST, Manifest
from tests.fuzz.harness import Target, fuzz, mutate_words


def _valid() -> list[bytes]:
    entry = [{"sha256": "0" * 64, "size": 3}]
    files = {"config.yaml": entry, "finalists/0123456789abcdef.json": entry, "final.json": [*entry, *entry]}
    return [json.dumps({"files": files}, indent=1).encode(), b'{"files": {}}']


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
MANIFESTS = Target(_valid, _read, mutate_words(WORDS))


def test_manifests() -> None:
    fuzz(f"{__name__}:MANIFESTS", cases=400)
