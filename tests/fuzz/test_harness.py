"""The harness finds what it is there to find, and names the input."""

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from nas.errors import IntegrityError, StorageError
from tests.fuzz.harness import Target, fuzz, mutate_bytes, mutate_words, show


def _valid() -> list[bytes]:
    return [b"0: zero", b"1: one"]


def _count(data: bytes, others: Sequence[bytes], rng: np.random.Generator) -> bytes:
    return b"%d" % rng.integers(20)


def _at_seven(fault: Callable[[], object]) -> Callable[[bytes], None]:
    """Reads even numbers, refuses odd ones, and does something else at 7."""

    def read(data: bytes) -> None:
        if data == b"7":
            fault()
        if data in (b"1", b"3", b"5", b"9"):
            raise IntegrityError(data.decode())

    return read


def _endless() -> None:
    while True:
        pass


def _other() -> None:
    raise StorageError("not what a refusal is")


SOUND = Target(_valid, _at_seven(lambda: None), _count)
FAULTS = {
    "ERROR": Target(_valid, _at_seven(lambda: [].pop()), _count),
    "OTHER": Target(_valid, _at_seven(_other), _count),
    "MEMORY": Target(_valid, _at_seven(lambda: bytes(2**30)), _count),
    "TIME": Target(_valid, _at_seven(_endless), _count, most_seconds=1),
    "DEATH": Target(_valid, _at_seven(lambda: __import__("os").abort()), _count),
}
ERROR, OTHER, MEMORY, TIME, DEATH = FAULTS.values()
SAID = {
    "ERROR": "IndexError: pop",
    "OTHER": "StorageError",
    "MEMORY": "MemoryError",
    "TIME": "SIGPROF",
    "DEATH": "SIGABRT",
}
NOTHING = Target(_valid, lambda data: None, mutate_bytes)


@pytest.fixture(autouse=True)
def briefly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also under `make fuzz`; and what failed is not kept."""
    monkeypatch.delenv("ARCHWRIGHT_FUZZ_SECONDS", raising=False)
    monkeypatch.delenv("ARCHWRIGHT_FUZZ_FIRST", raising=False)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def test_what_is_read_and_refused_well(capsys: pytest.CaptureFixture[str]) -> None:
    fuzz(f"{__name__}:SOUND", cases=50)
    assert f"{__name__}:SOUND: " in capsys.readouterr().out


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_are_found(fault: str) -> None:
    name = f"{__name__}:{fault}"
    number = next(n for n in range(1000) if show(name, n) == b"7")
    with pytest.raises(AssertionError, match=rf"(?s)^input {number} of {name}.*, in .*b'7'") as caught:
        fuzz(name, cases=100)
    assert SAID[fault] in str(caught.value)


def test_inputs_of_one_kind_are_no_test() -> None:
    with pytest.raises(AssertionError, match="all inputs came to the same end"):
        fuzz(f"{__name__}:NOTHING", cases=10)


def test_inputs_follow_from_their_number() -> None:
    valid = [b"name: x\nlayers: [a, b]\n", b"other: 1\n"]
    for mutate in (mutate_bytes, mutate_words(["999", "{", "name"])):
        twice = [[mutate(valid[n % 2], valid, np.random.default_rng(n)) for n in range(200)] for _ in range(2)]
        assert twice[0] == twice[1]
        assert len(set(twice[0])) > 150
