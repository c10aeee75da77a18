"""Code of the user's own: found, hashed, imported where that is allowed, and never where a stored file says so."""

import pickle
import sys
from pathlib import Path
from typing import Any

import pytest

from nas.document import parse_document
from nas.errors import UsageError
from nas.files import sha256
from nas.settings import Code, Reader, Setting, identity, plain, read_file
from nas.settings.code import names_code
from tests.settings.conftest import SHAPES, Drawing, Shape

MINE = '''
from dataclasses import dataclass
from pathlib import Path

Path("{folder}/imported").touch()


from tests.settings.conftest import Shape


def square(scale: int, *, side: int = 3, unit: str) -> Shape:
    """A square."""
    return Shape("square", scale=scale, side=side, unit=unit)


def other(scale: int, *, wrong: str = "type"):
    return {"type": 3, "value": Shape("x") if wrong != "value" else 1 / 0}[wrong]


@dataclass
class Odd:
    size: "Unknown"


word = 3
'''


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    path = tmp_path / "mine.py"
    path.write_text(MINE.replace("{folder}", str(tmp_path)))
    return path


def was_imported(folder: Path) -> bool:
    return (folder / "imported").exists()


def shape_of(found: Setting[Any], scale: int) -> tuple[object, ...]:
    made = found.make({"scale": scale}, "key")
    return (made.name, *made.what.values())


def setting(text: str, folder: Path, stored: dict[str, str] | None = None) -> tuple[Setting[Any], list[str]]:
    reader = Reader(folder / "file.yaml", (SHAPES,), stored=stored)
    found = reader.value(parse_document(text, "f"), Shape, "key")
    return found, [str(problem).replace(f"{folder}/", "") for problem in reader.problems]


def test_a_factory_in_a_file(mine: Path, tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    found, problems = setting("{../mine.py:square: {unit: cm}}", tmp_path / "deep")
    assert not problems
    assert (found.name, found.full) == ("mine.py:square", {"side": 3, "unit": "cm"})
    assert shape_of(found, 2) == ("square", 2, 3, "cm")
    assert isinstance(found.maker, Code)
    assert found.maker.sha256 == sha256(mine.read_bytes())
    again = pickle.loads(pickle.dumps(found))  # noqa: S301  as processes of a comparison get it
    assert shape_of(again, 1) == ("square", 1, 3, "cm")


def test_a_factory_in_a_module(mine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "some_package"
    package.mkdir()
    (package / "__init__.py").write_text("from some_package.inner import square\n")
    mine.rename(package / "inner.py")
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in ("some_package.square", "some_package.inner.square"):
        found, problems = setting(f"{{{name}: {{unit: cm}}}}", tmp_path)
        assert not problems
        assert shape_of(found, 2) == ("square", 2, 3, "cm")
        assert isinstance(found.maker, Code)
        assert found.maker.sha256 == sha256((package / "inner.py").read_bytes()), "where it is defined"
    for name in [name for name in sys.modules if name.startswith("some_package")]:
        monkeypatch.delitem(sys.modules, name)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "{mine.py:square: {sied: 3, unit: cm}}",
            "f:1:19: key.mine.py:square: no such key: 'sied' (expected side, unit; did you mean ",
        ),
        (
            "{mine.py:square: {unit: 3}}",
            "f:1:25: key.mine.py:square.unit: a value does not fit (expected a valid string, ",
        ),
        ("mine.py:square", "f:1:1: key.mine.py:square: 'unit' is missing"),
        ("mine.py:sqare", "f:1:1: key: mine.py has no class or function 'sqare'; did you mean 'square'?"),
        ("mine.py:word", "f:1:1: key: mine.py has no class or function 'word'; it has square, other, Odd"),
        ("mine.py:Odd", "f:1:1: key.mine.py:Odd: an annotation cannot be evaluated: name 'Unknown' is not defined"),
        ("none.py:square", "f:1:1: key: there is no file none.py"),
        ("broken.py:x", "f:1:1: key: broken.py cannot be imported: line 5: ZeroDivisionError: division by zero"),
        ("leaving.py:x", "f:1:1: key: leaving.py cannot be imported: line 2: SystemExit: 3"),
        ("no_python.py:x", "f:1:1: key: no_python.py cannot be imported: SyntaxError: "),
        (
            "no_such_package.square",
            "f:1:1: key: no shape is named 'no_such_package.square' (expected a registered name,",
        ),
        ("nas.no_such_module.square", "f:1:1: key: the module nas.no_such_module cannot be imported: Module"),
    ],
)
def test_what_cannot_be_had(text: str, expected: str, mine: Path, tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("import math\n\n\ndef f():\n    return 1 / 0\n\n\nmath.prod([f()])\n")
    (tmp_path / "leaving.py").write_text("import sys\nsys.exit(3)\n")
    (tmp_path / "no_python.py").write_text("def\n")
    _, problems = setting(text, tmp_path)
    (found,) = problems
    assert found.startswith(expected)
    assert not [name for name in sys.modules if name.startswith(("broken_", "leaving_", "no_python_"))]


def test_an_error_in_a_module_is_told_with_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "failing_package"
    package.mkdir()
    (package / "__init__.py").write_text("import failing_package.inner\n")
    (package / "inner.py").write_text("\n\n{}['key']\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    _, (found,) = setting("failing_package.square", tmp_path)
    assert found == (
        "f:1:1: key: the module failing_package cannot be imported: failing_package/inner.py, line 3: KeyError: 'key'"
    )


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ("type", "expected an instance of Shape, got 3"),
        ("value", "mine.py failed: line 17: ZeroDivisionError: division by zero"),
        ("none", "mine.py failed: line 17: KeyError: 'none'"),
    ],
)
def test_what_makes_something_else_or_fails(wrong: str, expected: str, mine: Path, tmp_path: Path) -> None:
    found, problems = setting(f"{{mine.py:other: {{wrong: {wrong}}}}}", tmp_path)
    assert not problems
    framed, _ = setting(f"{{framed: {{shape: {{mine.py:other: {{wrong: {wrong}}}}}}}}}", tmp_path)
    for one in (found, framed):
        with pytest.raises(UsageError) as caught:
            one.make({"scale": 1}, "key")
        assert str(caught.value).replace(f"{tmp_path}/", "").endswith(expected)


def test_a_stored_file_imports_nothing(mine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "hostile_package.py").write_text(mine.read_text())
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in ("mine.py:square", "hostile_package.square", "nas.anything"):
        text = f"{{group: {{shapes: [circle, {{{name}: {{unit: [anything], alien: 1}}}}]}}}}"
        found, problems = setting(text, tmp_path, stored={name: "abc"})
        assert not problems
        inner = found.arguments["shapes"][1]
        assert (inner.name, inner.full) == (name, {"unit": ["anything"], "alien": 1})
        assert inner.maker.sha256 == "abc"
        with pytest.raises(UsageError, match=rf"{name.split('.')[0]}.*--allow-code"):
            found.make({"scale": 1}, "key")
        (code,) = found.codes()
        with pytest.raises(UsageError, match="which is not imported because a stored file names it"):
            code.load()
    assert not was_imported(tmp_path)
    assert "hostile_package" not in sys.modules


def test_code_that_changes_while_it_is_used_is_refused(mine: Path, tmp_path: Path) -> None:
    found, _ = setting("{mine.py:square: {unit: cm}}", tmp_path)
    mine.write_text(mine.read_text().replace('"square", scale', '"other", scale'))
    with pytest.raises(UsageError, match=r"mine\.py was changed"):
        found.make({"scale": 2}, "key")
    changed, _ = setting("{mine.py:square: {unit: cm}}", tmp_path)
    assert changed.make({"scale": 2}, "key").name == "other"


def test_the_identity_has_the_hash_and_no_folder(mine: Path, tmp_path: Path) -> None:
    (tmp_path / "p.txt").touch()
    node = parse_document("paper: p.txt\nshape: {framed: {shape: {mine.py:square: {unit: cm}}}}\n")
    drawing = read_file(Drawing, node, tmp_path / "d.yaml", (SHAPES,)).whole()
    inner = identity(drawing)["shape"]["framed"]["shape"]
    assert inner == {
        "mine.py:square": {"side": 3, "unit": "cm"},
        "source of mine.py:square": sha256(mine.read_bytes()),
    }
    assert plain(drawing)["shape"]["framed"]["shape"] == {"mine.py:square": {"side": 3, "unit": "cm"}}


def test_what_names_code() -> None:
    assert names_code("mine.py:Hill")
    assert names_code("../a b/mine.py:Hill")
    assert names_code("nas.anything")
    assert not names_code("no_such_package.thing")
    assert not names_code("random")
    assert not names_code("table.npz")
    assert not names_code("mine.py")
