"""Where prepared inputs are kept."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from nas.data import storage
from nas.data.storage import Storage, cache_folder, most_in_cache, room_in_cache
from nas.errors import UsageError


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """1,000 bytes of memory, and a cache with room for 5,000."""
    monkeypatch.setattr(storage, "available_bytes", lambda: 1000)
    monkeypatch.setattr(storage, "room_in_cache", lambda: 5000)
    monkeypatch.setattr(storage, "mappable_bytes", lambda: 4000)


@pytest.mark.usefixtures("machine")
@pytest.mark.parametrize(
    ("size", "options", "kept", "note"),
    [
        (500, {}, "memory", ""),
        (501, {}, "mapped", "because they take 501 bytes, more than half of the 1000 bytes of memory"),
        (4000, {}, "mapped", "kept in a file of the cache"),
        (4001, {}, "streamed", r"the limits of the process .`ulimit -v`, `ulimit -d`. let it map 3.906 KiB"),
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
    with pytest.raises(UsageError, match="ARCHWRIGHT_CACHE and ARCHWRIGHT_CACHE_GIB set the folder and the size"):
        Storage("mapped").decide(5001)
    with pytest.raises(UsageError, match=r"prepared inputs take .*, and the cache has room for"):
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


LIMITED = """
import resource, sys
from pathlib import Path
import nas

images, table, small = sys.argv[1:]
nas.load_data("images", path=images, size=[8, 8], storage="streamed").fingerprint  # everything is imported
nas.load_data("table", path=small)


def attempt(kind, extra, name, **options):
    used = [int(one) * resource.getpagesize() for one in Path("/proc/self/statm").read_text().split()]
    resource.setrlimit(kind, (used[0 if kind == resource.RLIMIT_AS else 5] + (extra << 20), resource.RLIM_INFINITY))
    try:
        data = nas.load_data(name, **options)
        print(type(data.train.inputs).__name__, len(data.fingerprint), data.notes[-1])
    except nas.UsageError as error:
        print("refused:", error)
    resource.setrlimit(kind, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


for kind in (resource.RLIMIT_DATA, resource.RLIMIT_AS):
    for storage in ("auto", "memory", "mapped"):
        attempt(kind, 96, "images", path=images, size=[1024, 1024], storage=storage)
    attempt(kind, 4, "table", path=table)
"""


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="the system does not say what a process takes")
def test_data_larger_than_memory_are_streamed_or_refused(tmp_path: Path) -> None:
    """40 images of 3 MiB, and a table of 14 MiB, where 96 and 4 MiB are left."""
    for place in range(40):
        (tmp_path / "images" / f"class {place % 2}").mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (2, 2), (place, 0, 0)).save(tmp_path / "images" / f"class {place % 2}" / f"{place}.png")
    (tmp_path / "small.csv").write_text("a,b\n" + "1.5,x\n2.5,y\n" * 10)
    (tmp_path / "large.csv").write_text("a,b,c\n" + "1.25,2.5,3\n2.75,1,4\n" * 300_000)
    paths = [str(tmp_path / name) for name in ("images", "large.csv", "small.csv")]
    environment = {**os.environ, "ARCHWRIGHT_CACHE": str(tmp_path / "cache"), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, *paths], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    for streamed, memory, mapped, table in (done.stdout.splitlines()[start : start + 4] for start in (0, 4)):
        assert streamed.startswith("Streamed 64 Prepared inputs are prepared anew in each epoch (streamed), because")
        assert "`ulimit -v`" in streamed
        assert memory.startswith("refused: prepared inputs take 120")
        assert mapped.startswith("refused: storage: mapped inputs take 120")
        assert table.startswith("refused: ")
        assert "memory" in table
