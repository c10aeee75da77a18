"""Values that stand in a file in another form than that of their type."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import pytest

from nas.errors import UsageError
from nas.settings import Counted, ExistingFile, Keyed, Labels, OneOf, OneWord, Reader
from nas.settings.forms import WRONG
from tests.settings.conftest import Read


@dataclass(frozen=True)
class Aim:
    """An aim."""

    what: str
    way: str = "up"
    limit: float | None = None

    def __post_init__(self) -> None:
        if self.what == "bad":
            raise UsageError("this is bad")


WORD = "expected no slashes, colons or quotes, at most 200 bytes"
NAME = Annotated[str, OneWord()]
FILE = Annotated[Path, ExistingFile()]
LABELS = Annotated[dict[str, int], Labels()]
AIMS = Annotated[tuple[Aim, ...], Keyed("what", short="way")]
AMOUNT = Annotated[Any, OneOf({"steps": int, "share": float}, make=lambda kind, amount: (kind, amount), parts=tuple)]
NUMBERS = Annotated[tuple[int, ...], Counted("number", 9)]


@pytest.mark.parametrize(
    ("text", "hint", "value", "plain"),
    [
        ("a name", NAME, "a name", "a name"),
        ("{a: 1, b: 2}", LABELS, {"a": 1, "b": 2}, {"a": 1, "b": 2}),
        (
            "{a: down, b: {limit: 3}}",
            AIMS,
            (Aim("a", "down"), Aim("b", "up", 3.0)),
            {"a": "down", "b": {"way": "up", "limit": 3.0}},
        ),
        ("{share: 1}", AMOUNT, ("share", 1.0), {"share": 1.0}),
        ("3", NUMBERS, (0, 1, 2), 3),
        ("[3, 1]", NUMBERS, (3, 1), [3, 1]),
    ],
)
def test_what_is_read_and_written(text: str, hint: Any, value: Any, plain: Any, read: Read, reader: Reader) -> None:
    from nas.settings import plain as written

    assert read(text, hint) == value
    assert not reader.problems
    assert hint.__metadata__[0].plain(value, written) == plain


@pytest.mark.parametrize(
    ("text", "hint", "expected"),
    [
        ("a/b", NAME, [f"key: the name is invalid ({WORD}, got 'a/b')"]),
        ("none.txt", FILE, ["key: there is no file {folder}/none.txt"]),
        ("3", FILE, ["key: a value does not fit (expected a valid string, got 3)"]),
        ("~", LABELS, ["key: key need labels (expected a mapping of one or more, {label: ...}, got nothing)"]),
        (
            "{a/b: 1, c: x}",
            LABELS,
            [
                f"key: the label is invalid ({WORD}, got 'a/b')",
                "key.c: a value does not fit (expected a valid integer, got the text 'x')",
            ],
        ),
        ("{bad: up}", AIMS, ["key.bad: this is bad"]),
        ("{a: {wya: up}}", AIMS, ["key.a: no such key: 'wya' (expected way, limit; did you mean 'way'?)"]),
        ("3", AMOUNT, ["key: a value does not fit (expected one of {steps: ...}, {share: ...}, got 3)"]),
        ("{step: 1}", AMOUNT, ["key: no such key: 'step' (expected steps, share; did you mean 'steps'?)"]),
        ("0", NUMBERS, ["key: a value does not fit (expected 1 or more, got 0)"]),
        ("10", NUMBERS, ["key: a value does not fit (expected 9 or less, got 10)"]),
        ("many", NUMBERS, ["key: a value does not fit (expected their number, or a list, got the text 'many')"]),
        ("[1, 1]", NUMBERS, ["key: the number 1 is given twice"]),
    ],
)  # fmt: skip
def test_what_is_wrong(text: str, hint: Any, expected: list[str], read: Read, reader: Reader, tmp_path: Path) -> None:
    read(text, hint)
    found = [str(problem).split(": ", 1)[1].replace(str(tmp_path), "{folder}") for problem in reader.problems]
    assert found == expected


def test_a_file_that_is_there(read: Read, tmp_path: Path) -> None:
    (tmp_path / "it.txt").touch()
    assert read("it.txt", FILE) == tmp_path / "it.txt"
    assert read("[]", LABELS) is WRONG
