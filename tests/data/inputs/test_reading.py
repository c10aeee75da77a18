"""Lines and paths from a file, or from a pipe."""

import io
from pathlib import Path

import pytest

from nas.data import from_texts
from nas.data.inputs import read_inputs
from nas.data.inputs.reading import Reading
from nas.data.inputs.seen import Seen
from nas.data.reading.opened import Flow
from nas.errors import UsageError

INTAKE = from_texts(["one two", "two three"] * 10, ["a", "b"] * 10).intake


def _flow(content: bytes) -> Flow:
    return Flow(io.BufferedReader(io.BytesIO(content)), "standard input")


def test_lines_are_those_of_a_file(tmp_path: Path) -> None:
    content = b"eins\r\n\n  zwei\ndrei"
    (tmp_path / "a.txt").write_bytes(content)
    reading = Reading(INTAKE, Seen(), 2)
    wanted = [[(1, "eins"), (3, "zwei")], [(4, "drei")]]
    assert [*reading.lines(tmp_path / "a.txt")] == [*reading.lines(_flow(content))] == wanted


def test_paths() -> None:
    reading = Reading(INTAKE, Seen(), 9)
    assert [*reading.paths(_flow(b"a b.png\n\nc/d.png\n"))] == [[Path("a b.png"), Path("c/d.png")]]
    with pytest.raises(UsageError, match=r"standard input, line 2: expected the path of a file, got 'b\\x00'"):
        [*reading.paths(_flow(b"a\nb\0\n"))]


def test_several_inputs_are_batched_together_and_named(tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text("one\ntwo\nthree\n")
    given = [tmp_path / "a.txt", io.BytesIO(b"four\n"), tmp_path / "b.txt", tmp_path]
    batches = [*read_inputs(INTAKE, given, Seen(), 4)]
    assert [len(batch) for batch in batches] == [4, 4, 1]
    names = [name for batch in batches for name in batch.names]
    assert names[2:5] == [f"{tmp_path}/a.txt, line 3", "inputs, line 1", f"{tmp_path}/b.txt, line 1"]
    assert names[-1] == f"{tmp_path}/b.txt"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([Path("none.txt")], r"none\.txt: there is no such file"),
        (io.StringIO("one"), "expected a binary file, got one of text"),
        (io.BytesIO(b"\n \n"), "inputs has no samples"),
        (io.BytesIO(b"\xff\xff"), "inputs is not UTF-8"),
        (b"one", "expected a path, or samples in memory, got"),
    ],
)
def test_what_is_no_input(given: object, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        [*read_inputs(INTAKE, given, Seen(), 4)]
