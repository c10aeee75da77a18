"""A record with a checksum comes back as it was, or is refused."""

import json
from pathlib import Path
from typing import Any

import pytest

from nas.errors import Damaged
from nas.sealed import parse_record, record_bytes, sealed, unsealed

RECORD = {"trial": 3, "weights": "ab", "curves": {"val_acc": [0.25, 0.5]}}


def test_a_record_comes_back_as_it_was() -> None:
    assert unsealed(sealed(RECORD)) == RECORD
    assert unsealed(sealed({"pair": (1, 2)})) == {"pair": [1, 2]}, "as JSON has it"
    assert parse_record(json.dumps(sealed(RECORD)).encode(), Path("r.json")) == RECORD
    assert parse_record(record_bytes(RECORD), Path("r.json")) == RECORD


@pytest.mark.parametrize(
    "stored",
    [
        None,
        [],
        {},
        RECORD,
        {**sealed(RECORD), "trial": 4},
        {**sealed(RECORD), "more": 1},
        {**sealed(RECORD), "checksum": 1},
    ],
)
def test_what_was_changed_is_refused(stored: Any) -> None:
    with pytest.raises(ValueError, match="checksum"):
        unsealed(stored)
    with pytest.raises(Damaged, match=r"^r\.json is corrupt: it"):
        parse_record(json.dumps(stored).encode(), Path("r.json"))


@pytest.mark.parametrize("data", [b"", b"{", b"\xff", b"[" * 100_000], ids=range(4))
def test_what_is_no_json_is_refused(data: bytes) -> None:
    with pytest.raises(Damaged, match=r"^r\.json is corrupt: "):
        parse_record(data, Path("r.json"))


def test_what_json_cannot_hold() -> None:
    with pytest.raises(TypeError):
        sealed({"path": Path()})
