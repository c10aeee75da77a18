"""Where prepared inputs are kept."""

import re
from pathlib import Path
from typing import Any

import pytest

from nas.data import storage
from nas.data.storage import Storage, cache_folder, most_in_cache, room_in_cache
from nas.errors import UsageError


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """1,000 bytes of memory, and a cache with room for 5,000."""
    monkeypatch.setattr(storage, "available_bytes", lambda: 1000)
    monkeypatch.setattr(storage, "room_in_cache", lambda: 5000)


@pytest.mark.usefixtures("machine")
@pytest.mark.parametrize(
    ("size", "options", "kept", "note"),
    [
        (500, {}, "memory", ""),
        (501, {}, "mapped", "because they take 501 bytes, more than half of the 1000 bytes of memory"),
        (5001, {}, "streamed", "more than half of .*, and the cache has room for 4.883 KiB"),
        (501, {"room": 0}, "streamed", "and the cache has room for 0 bytes"),
    ],
)
def test_what_does_not_fit_is_mapped_and_else_streamed(size: int, options: Any, kept: str, note: str) -> None:
    found, why = Storage().decide(size, **options)
    assert found == kept
    if note:
        assert re.search(note, why.replace("\u00a0", " "))
    else:
        assert why == ""


@pytest.mark.usefixtures("machine")
def test_wishes_are_met_or_refused() -> None:
    assert Storage("memory").decide(1000) == ("memory", "")
    with pytest.raises(
        UsageError, match=r"inputs take 1001.bytes of memory, and 1000.bytes are available; `storage: a"
    ):
        Storage("memory").decide(1001)
    assert Storage("streamed").decide(1)[0] == "streamed"
    assert Storage("mapped").decide(1)[0] == "mapped"
    with pytest.raises(UsageError, match="these data cannot be streamed"):
        Storage("streamed").decide(1, streams=False)
    with pytest.raises(UsageError, match="ARCHWRIGHT_CACHE and ARCHWRIGHT_CACHE_GIB set its folder and size"):
        Storage("mapped").decide(5001)
    with pytest.raises(UsageError, match=r"prepared inputs take .*, and the cache of prepared data has room for"):
        Storage().decide(5001, streams=False)


def test_what_takes_up_an_unknown_share_of_memory_is_kept_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "available_bytes", lambda: None)
    assert Storage().decide(10**15) == ("memory", "")


def test_the_cache_is_where_the_environment_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ARCHWRIGHT_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path
    monkeypatch.setenv("ARCHWRIGHT_CACHE_GIB", "0.5")
    assert most_in_cache() == 2**29
    assert 0 < room_in_cache() <= 2**29
    monkeypatch.setenv("ARCHWRIGHT_CACHE", "")
    assert cache_folder() is None
    assert room_in_cache() == 0
    monkeypatch.delenv("ARCHWRIGHT_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    assert cache_folder() == tmp_path / "caches" / "archwright"
    for text in ("many", "-1", "nan"):
        monkeypatch.setenv("ARCHWRIGHT_CACHE_GIB", text)
        with pytest.raises(UsageError, match="ARCHWRIGHT_CACHE_GIB: expected a number of GiB"):
            most_in_cache()
