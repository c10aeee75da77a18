"""How much memory is left."""

import ctypes
import resource
from pathlib import Path
from types import SimpleNamespace

import pytest

from nas.data import memory
from nas.data.memory import available_bytes, mappable_bytes, release_unused


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A system with 1,000 KiB available, without a container."""
    (tmp_path / "meminfo").write_text("MemTotal: 5000 kB\nMemAvailable:  1000 kB\n")
    monkeypatch.setattr(memory, "_SYSTEM", tmp_path / "meminfo")
    monkeypatch.setattr(memory, "_GROUP", tmp_path / "groups")
    monkeypatch.setattr(memory, "_OWN_GROUP", tmp_path / "own")
    monkeypatch.setattr(resource, "getrlimit", lambda _: (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    (tmp_path / "own").write_text("1:name=systemd:/some\n0::/users/one\n")
    (tmp_path / "groups" / "users" / "one").mkdir(parents=True)
    return tmp_path


@pytest.mark.parametrize("group", ["", "users", "users/one"])
def test_it_is_what_the_system_or_a_group_leaves(system: Path, group: str) -> None:
    assert available_bytes() == 1000 * 1024
    folder = system / "groups" / group
    (folder / "memory.current").write_text("300000\n")
    for limit, left in (("max", 1000 * 1024), ("500000", 200_000), ("9000000", 1000 * 1024), ("200000", 0)):
        (folder / "memory.max").write_text(f"{limit}\n")
        assert available_bytes() == left
    (folder / "memory.max").write_text("500000\n")
    (folder / "memory.stat").write_text("active_file 7000\ninactive_file 50000\n")
    assert available_bytes() == 250_000


@pytest.mark.parametrize(("limit", "used"), [(resource.RLIMIT_AS, 10), (resource.RLIMIT_DATA, 6)])
def test_limits_of_the_process_count(system: Path, monkeypatch: pytest.MonkeyPatch, limit: int, used: int) -> None:
    (system / "statm").write_text("10 9 8 7 0 6 0\n")
    monkeypatch.setattr(memory, "_SIZES", system / "statm")
    assert mappable_bytes() is None
    page = resource.getpagesize()
    for pages, left in ((used + 4, 4), (used - 1, 0)):
        limits = {limit: (pages * page, pages * page)}
        monkeypatch.setattr(resource, "getrlimit", lambda one, limits=limits: limits.get(one, (-1, -1)))
        assert available_bytes() == mappable_bytes() == left * page


def test_a_system_that_does_not_say(system: Path) -> None:
    (system / "meminfo").unlink()
    (system / "own").unlink()
    assert available_bytes() is None


def test_what_is_freed_goes_back_to_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the C library has no function for that, nothing happens."""
    asked: list[int] = []
    monkeypatch.setattr(ctypes, "CDLL", lambda _: SimpleNamespace(malloc_trim=asked.append))
    release_unused()
    assert asked == [0]
    monkeypatch.setattr(ctypes, "CDLL", lambda _: object())
    release_unused()
