"""Prepared inputs, and the cache that runs share."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nas.data import Dataset, prepared
from nas.data.assemble import RawPart, assemble
from nas.data.prepared import ENTRY, INPUTS, prepare
from nas.data.split import Split
from nas.data.storage import Storage
from nas.data.streamed import Streamed
from nas.errors import StorageError, UsageError
from tests.data.counting import Numbered

RAWS = {"train": np.arange(30), "val": np.arange(30, 40), "test": np.arange(40, 45)}


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the entries of an empty cache, for which everything is worth it."""
    monkeypatch.setenv("ARCHWRIGHT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(prepared, "PREPARATIONS", {"numbered": Numbered})
    monkeypatch.setattr(prepared, "WORTH", -1.0)
    return tmp_path / "cache" / "prepared"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A line for each time that something was prepared."""
    (tmp_path / "log").touch()
    return tmp_path / "log"


def made(log: Path, storage: Any, content: str | None = "abc") -> Mapping[str, Any]:
    return prepare(RAWS, lambda _: Numbered(str(log)), Storage(storage), content).inputs


def first_pixels(inputs: Mapping[str, Any]) -> dict[str, list[int]]:
    return {part: array[:][:, 0, 0, 0].tolist() for part, array in inputs.items()}


EXPECTED = {part: raw.tolist() for part, raw in RAWS.items()}


@pytest.mark.parametrize("storage", ["memory", "mapped", "streamed"])
def test_inputs_are_the_same_wherever_they_are_kept(cache: Path, log: Path, storage: str) -> None:
    found = made(log, storage)
    assert first_pixels(found) == EXPECTED
    kinds = {"memory": np.ndarray, "mapped": np.memmap, "streamed": Streamed}
    assert isinstance(found["train"], kinds[storage])
    assert (list(cache.glob("*")) != []) == (storage != "streamed")


def test_what_is_in_the_cache_is_not_prepared_again(cache: Path, log: Path) -> None:
    made(log, "memory")
    before = log.read_text()
    for storage in ("memory", "mapped"):
        assert first_pixels(made(log, storage)) == EXPECTED
    assert log.read_text() == before
    made(log, "memory", "another")
    assert log.read_text() != before
    assert {one.name for one in cache.iterdir()} == {"abc", "another"}


def test_without_a_hash_nothing_is_cached_and_without_a_cache_nothing_mapped(
    cache: Path, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(log, "memory", None)
    assert not cache.exists()
    with pytest.raises(UsageError, match="has room for 0"):
        made(log, "mapped", None)
    monkeypatch.setenv("ARCHWRIGHT_CACHE", "")
    made(log, "memory")
    assert not cache.exists()


@pytest.mark.parametrize(
    "damage", ["no entry", "cut off", "a bit", "the header", "no json", "another preparation", "other lengths"]
)
def test_an_entry_that_is_not_whole_is_prepared_anew(cache: Path, log: Path, damage: str) -> None:
    made(log, "memory")
    entry, inputs = cache / "abc" / ENTRY, cache / "abc" / INPUTS
    if damage == "no entry":
        entry.unlink()
    elif damage == "cut off":
        inputs.write_bytes(inputs.read_bytes()[:-1])
    elif damage == "a bit":
        inputs.write_bytes(inputs.read_bytes()[:-1] + b"\xff")
    elif damage == "the header":
        inputs.write_bytes(inputs.read_bytes().replace(b"}", b"{", 1))
    else:
        changes = {"no json": "{", "another preparation": '"numbers"', "other lengths": "31"}
        old = {"no json": entry.read_text(), "another preparation": '"numbered"', "other lengths": "30"}
        entry.write_text(entry.read_text().replace(old[damage], changes[damage]))
    before = log.read_text()
    assert first_pixels(made(log, "memory")) == EXPECTED
    assert log.read_text() != before
    assert json.loads(entry.read_text())["lengths"] == {"train": 30, "val": 10, "test": 5}


def test_a_failure_leaves_nothing_half_made(cache: Path, log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepared, "CHUNK", 16)

    def refuse(preparation: Numbered, raw: Any, out: Any) -> Any:
        if 37 in raw:
            raise UsageError("sample 37 is corrupt")
        return out

    monkeypatch.setattr(Numbered, "__call__", refuse)
    for storage in ("memory", "mapped"):
        with pytest.raises(UsageError, match="sample 37 is corrupt"):
            made(log, storage)
    assert list(cache.glob("*")) == []


def test_the_entries_that_were_not_used_for_longest_make_room(
    cache: Path, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place, content in enumerate(("a", "b", "c")):
        made(log, "memory", content)
        os.utime(cache / content, (place, place))
    made(log, "memory", "a")  # used again
    half = cache / ".x.tmp"
    half.mkdir()
    os.utime(half, (0, 0))
    size = sum(file.stat().st_size for file in (cache / "a").iterdir())
    monkeypatch.setenv("ARCHWRIGHT_CACHE_GIB", str(3.2 * size / 2**30))
    made(log, "memory", "d")
    assert {one.name for one in cache.iterdir()} == {"a", "c", "d"}


@pytest.mark.parametrize("storage", ["memory", "mapped"])
def test_the_pool_of_both_parts_is_no_copy(cache: Path, log: Path, storage: Any) -> None:
    raws = {"train": RawPart(np.arange(40), np.arange(40) % 2)}
    kept = Storage(storage)
    data = assemble("some", raws, lambda _: Numbered(str(log)), Split(), storage=kept, content="x")
    pool = data.pool.samples.inputs
    assert np.shares_memory(pool, data.train.inputs)
    assert np.array_equal(pool, np.concatenate([data.train.inputs, data.val.inputs]))
    again = assemble("some", raws, lambda _: Numbered(str(log)), Split())
    assert data.fingerprint == again.fingerprint


def test_the_fingerprint_of_data_does_not_depend_on_where_they_are_kept(cache: Path, log: Path) -> None:
    def data(storage: Any, first: int = 0) -> Dataset:
        raws = {"train": RawPart(np.arange(first, first + 40), np.arange(40) % 2)}
        kept = Storage(storage)
        content = "x" if storage == "mapped" else None
        return assemble("some", raws, lambda _: Numbered(str(log)), Split(), storage=kept, content=content)

    streamed = data("streamed")
    assert streamed.fingerprint == data("memory").fingerprint == data("mapped").fingerprint
    assert streamed.fingerprint != data("streamed", 1).fingerprint
    assert streamed.notes == ("Prepared inputs are prepared anew in each epoch (streamed), as `storage` says",)
    with pytest.raises(UsageError, match="cross-validation: these data are streamed"):
        _ = streamed.pool


def test_streamed_inputs_are_prepared_once_for_the_moments_and_the_fingerprint(cache: Path, log: Path) -> None:
    raws = {"train": RawPart(np.arange(45), np.arange(45) % 2)}
    streamed, kept = (
        assemble("some", raws, lambda _: Numbered(str(log)), Split(), storage=Storage(one))
        for one in ("streamed", "memory")
    )
    log.write_text("")
    assert np.array_equal(streamed.mean, kept.mean)
    assert streamed.fingerprint == kept.fingerprint
    assert np.array_equal(streamed.std, kept.std)
    assert sum(map(int, log.read_text().split())) == 45


def test_an_entry_takes_up_no_room_a_second_time(cache: Path, log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk has room for the entry, and when it is written, for no other one."""
    free = iter([45 * 4, 0, 0])
    monkeypatch.setattr("nas.data.storage.room_in_cache", lambda: next(free))
    for _ in range(2):
        assert first_pixels(made(log, "mapped")) == EXPECTED


def test_what_cannot_be_put_into_the_cache_is_used_nevertheless(cache: Path, log: Path) -> None:
    cache.parent.mkdir()
    cache.write_text("a file is here")
    found = prepare(RAWS, lambda _: Numbered(str(log)), Storage("memory"), "abc")
    assert first_pixels(found.inputs) == EXPECTED
    assert found.note.startswith("Prepared inputs are not put into the cache: ")
    with pytest.raises(StorageError):
        made(log, "mapped")


def test_the_cache_of_another_user_is_read(cache: Path, log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(log, "memory")
    before = log.read_text()

    def refuse(path: Path) -> None:
        raise PermissionError(path)

    monkeypatch.setattr(os, "utime", refuse)
    assert first_pixels(made(log, "memory")) == EXPECTED
    assert log.read_text() == before


def test_an_entry_that_another_process_has_written_in_the_meantime_stays(
    cache: Path, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Numbered.__call__
    others: list[int] = []

    def call(preparation: Numbered, raw: Any, out: Any) -> Any:
        if not others:
            others.append(0)
            made(log, "memory")  # the other process
            others.append((cache / "abc").stat().st_ino)
        return whole(preparation, raw, out)

    monkeypatch.setattr(Numbered, "__call__", call)
    assert first_pixels(made(log, "mapped")) == EXPECTED
    assert (cache / "abc").stat().st_ino == others[1]
    assert [one.name for one in cache.iterdir()] == ["abc"]
