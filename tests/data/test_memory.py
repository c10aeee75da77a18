"""How much memory is left."""

from pathlib import Path

import pytest

from nas.data import memory
from nas.data.memory import available_bytes


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A system with 1,000 KiB available, without a container."""
    (tmp_path / "meminfo").write_text("MemTotal: 5000 kB\nMemAvailable:  1000 kB\n")
    monkeypatch.setattr(memory, "_SYSTEM", tmp_path / "meminfo")
    monkeypatch.setattr(memory, "_GROUP", tmp_path)
    return tmp_path


def test_it_is_what_the_system_or_the_container_leaves(system: Path) -> None:
    assert available_bytes() == 1000 * 1024
    (system / "memory.current").write_text("300000\n")
    for limit, left in (("max", 1000 * 1024), ("500000", 200_000), ("9000000", 1000 * 1024)):
        (system / "memory.max").write_text(f"{limit}\n")
        assert available_bytes() == left


def test_a_system_that_does_not_say(system: Path) -> None:
    (system / "meminfo").unlink()
    assert available_bytes() is None
