"""The subset of YAML that is read, what is refused, and where it says that the fault is."""

import math
import stat
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nas.document import (
    MAX_BYTES,
    MAX_DEPTH,
    MAX_INTEGER,
    MAX_NAME,
    MAX_VALUES,
    Node,
    Places,
    describe,
    from_object,
    one_word,
    parse_document,
    read_document,
)
from nas.errors import Mark, SpecError, StorageError, UsageError


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("No", "No"),
        ("yes", "yes"),
        ("on", "on"),
        ("off", "off"),
        ("y", "y"),
        ("true", True),
        ("True", True),
        ("FALSE", False),
        ("tRUE", "tRUE"),
        ("null", None),
        ("~", None),
        ("", None),
        ("1", 1),
        ("-17", -17),
        ("+5", 5),
        ("010", 10),
        ("0o17", 15),
        ("0x1F", 31),
        ("1_000", "1_000"),
        ("1:30", "1:30"),
        ("2024-01-01", "2024-01-01"),
        ("0b11", "0b11"),
        ("1.5", 1.5),
        (".5", 0.5),
        ("1.", 1.0),
        ("1e3", 1000.0),
        ("1E-2", 0.01),
        ("1e6", 1e6),
        ("-.inf", -math.inf),
        (".inf", math.inf),
        ("inf", "inf"),
        ("nan", "nan"),
        ("1.2.3", "1.2.3"),
        ("'no'", "no"),
        ('"1"', "1"),
        ("'true'", "true"),
        ('"~"', "~"),
        ("=", "="),
        ("<<", "<<"),
    ],
)
def test_scalars_are_those_of_yaml_1_2(text: str, value: Any) -> None:
    found = parse_document(f"key: {text}").plain()["key"]
    assert found == value
    assert type(found) is type(value)


def test_nan() -> None:
    assert math.isnan(parse_document("key: .nan").plain()["key"])


@pytest.mark.parametrize("sign", ["", "-"])
def test_integers_end_where_those_of_numpy_do(sign: str) -> None:
    assert parse_document(f"key: {sign}{MAX_INTEGER}").plain()["key"] == int(f"{sign}{MAX_INTEGER}")
    for digits in (str(MAX_INTEGER + 1), "9" * 300, "9" * 5000, f"0x{'f' * 17}", f"0o{'7' * 500}"):
        if sign and digits[1] in "xo":
            continue
        with pytest.raises(SpecError, match=r"^<text>:2:4: a number is too large \(expected -9,223,3.* to 9,223,3"):
            parse_document(f"a: 1\nb: {sign}{digits}")
    with pytest.raises(SpecError, match=r"^<object>: a number is too large"):
        from_object({"a": [int(f"{sign}{2**63}")]})
    with pytest.raises(SpecError, match=r"^<object>: a number is too large .*got a number with very many digits\)$"):
        from_object([(-1 if sign else 1) << 100_000])


def test_keys_and_names_are_bounded() -> None:
    longest = "é" * (MAX_NAME // 2)
    assert parse_document(f"{longest}: 1").plain() == {longest: 1}
    assert one_word(longest)
    assert not one_word(f"{longest}e")
    assert not any(map(one_word, ["", ".", "..", "a/b", "a\\b", "c:", "a\n", "a*"]))
    with pytest.raises(SpecError, match=rf"^<text>:1:1: a key is too long \(expected at most {MAX_NAME} bytes, got 'é"):
        parse_document(f"{longest}e: 1")
    with pytest.raises(SpecError, match=r"^<object>: a key is too long"):
        from_object({f"{longest}e": 1})


def test_places() -> None:
    node = parse_document("a: 1\nb:\n  - x\n  - {c: 2}\n", "f.yaml")
    assert node.plain() == {"a": 1, "b": ["x", {"c": 2}]}
    assert node.mark == Mark("f.yaml", 1, 1)
    assert node.keys == {"a": Mark("f.yaml", 1, 1), "b": Mark("f.yaml", 2, 1)}
    assert node.at(("a",)).mark == Mark("f.yaml", 1, 4)
    assert node.at(("b", 0)).mark == Mark("f.yaml", 3, 5)
    assert node.at(("b", 1, "c")).mark == Mark("f.yaml", 4, 9)


def test_at_stops_at_the_last_node_that_exists() -> None:
    node = parse_document("a: {b: [1]}")
    assert node.at(("a", "x", 3)).plain() == {"b": [1]}
    assert node.at(("a", "b", 5)).plain() == [1]
    assert node.at(("a", "b", "0")).plain() == [1]


# The whole message, so that a change of words is seen; the first two numbers are line and column.
REFUSED = {
    "empty": ("", "1:1: the file is empty (expected a mapping)"),
    "only a comment": ("# nothing\n", "1:1: the file is empty (expected a mapping)"),
    "duplicate key": ("a: 1\nb: 2\na: 3\n", "3:1: the key 'a' is given twice"),
    "duplicate key within": ("x: {a: 1, 'a': 2}", "1:11: the key 'a' is given twice"),
    "alias": ("a: &x 1\nb: *x\n", "1:4: anchors are not read (expected the value written out, got &x)"),
    "alias alone": ("a: 1\nb: *x\n", "2:4: aliases are not read (expected the value written out, got *x)"),
    "anchored list": ("a: &x [1]", "1:4: anchors are not read (expected the value written out, got &x)"),
    "alias as a key": ("*x : 1", "1:1: aliases are not read (expected the value written out, got *x)"),
    "tag": ("a: !!int 3", "1:4: tags are not read (expected plain data, got tag:yaml.org,2002:int)"),
    "python tag": (
        "a: !!python/object/apply:os.system ['true']",
        "1:4: tags are not read (expected plain data, got tag:yaml.org,2002:python/object/apply:os.system)",
    ),
    "own tag": ("a:\n  !mine {b: 1}", "2:3: tags are not read (expected plain data, got !mine)"),
    "bare tag": ("a: ! 3", "1:4: tags are not read (expected plain data, got !)"),
    "second document": ("a: 1\n---\nb: 2\n", "2:1: a second document begins here (expected one document a file)"),
    "number as a key": ("a: 1\n2: x\n", "2:1: a key is not a string (expected a word, got 2)"),
    "boolean as a key": ("true: x", "1:1: a key is not a string (expected a word, got true)"),
    "nothing as a key": ("~: x", "1:1: a key is not a string (expected a word, got nothing)"),
    "list as a key": ("? [a]\n: x\n", "1:3: a key is not a string (expected a word, got a list of 0)"),
    "NUL": ("a: 1\nb: x\0y\n", "2:5: the text has a character that YAML does not allow (got character 0x0000)"),
    "control character": ("a: \x07", "1:4: the text has a character that YAML does not allow (got character 0x0007)"),
    "escaped NUL": (
        'a: "x\\0"',
        "1:4: the text has a character that YAML does not allow (got character 0x0000)",
    ),
    "half a surrogate pair": (
        'a: "\\ud800"',
        "1:4: the text has a character that YAML does not allow (got character 0xd800)",
    ),
    "escape beyond Unicode": ('a: "\\UFFFFFFFF"', "1:7: this is not YAML: a number is out of range"),
    "version of many digits": (
        "%YAML 1." + "9" * 5000 + "\n---\na: 1",
        "1:9: this is not YAML: a number is out of range",
    ),
    "open bracket": (
        "a: [1,\n",
        "2:1: this is not YAML: while parsing a flow node expected the node content, but found '<stream end>'",
    ),
    "tab": (
        "a:\n\t- 1",
        "2:1: this is not YAML: while scanning for the next token found character '\\t' that cannot start any token "
        "(expected spaces, where a tab indents)",
    ),
    "two colons": (
        "a: b: c",
        "1:5: this is not YAML: mapping values are not allowed here "
        "(expected one 'key: value' here; several in braces or on lines of their own)",
    ),
    "comparison": (
        "b: {c: > 4}",
        "1:8: this is not YAML: while scanning for the next token found character '>' that cannot start any token "
        "(expected quotes around the text)",
    ),
    "comparison in a line": (
        "a: > 4",
        "1:6: this is not YAML: while scanning a block scalar expected a comment or a line break, but found '4' "
        "(expected quotes around the text)",
    ),
    "inequality": ("a: != 4", "1:4: tags are not read (expected quotes around the text, got !=)"),
    "bracket of another line": (
        "a: {b: 1\nc: 2\n",
        "2:2: this is not YAML: while parsing a flow mapping expected ',' or '}', but got ':' "
        "(expected a bracket that closes the one in line 1)",
    ),
    "indentation": (
        "a:\n  - 1\n - 2",
        "3:2: this is not YAML: while parsing a block mapping expected <block end>, but found '<block sequence start>' "
        "(expected the same indentation as in the lines above)",
    ),
    "open quote": (
        "a: 'x",
        "1:6: this is not YAML: while scanning a quoted scalar found unexpected end of stream",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    text, message = REFUSED[name]
    with pytest.raises(SpecError) as caught:
        parse_document(text, "f")
    assert str(caught.value) == f"f:{message}"


@pytest.mark.parametrize(
    "text",
    ["[" * 2000 + "]" * 2000, "{a: " * 2000 + "}" * 2000, "\n".join(" " * depth + "a:" for depth in range(400))],
    ids=["lists", "mappings", "blocks"],
)
def test_deep_nesting_is_refused(text: str) -> None:
    with pytest.raises(SpecError, match=rf"the values are nested too deeply \(expected at most {MAX_DEPTH} levels\)$"):
        parse_document(text)


def test_the_greatest_depth_is_read() -> None:
    text = "[" * MAX_DEPTH + "]" * MAX_DEPTH
    assert parse_document(text)
    with pytest.raises(SpecError, match=rf"^<text>:1:{MAX_DEPTH + 1}: the values are nested too deeply"):
        parse_document("[" + text + "]")


def test_the_number_of_values_is_limited() -> None:
    text = "- a\n" * (MAX_VALUES - 1)
    assert len(parse_document(text).plain()) == MAX_VALUES - 1
    with pytest.raises(SpecError, match=rf"^<text>:{MAX_VALUES}:3: the file holds too many values"):
        parse_document(text + "- a\n")


def test_a_large_file_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "large.yaml"
    path.write_bytes(b"a: 1\n" * 2_000_000)
    with pytest.raises(SpecError) as caught:
        read_document(path)
    assert str(caught.value) == f"{path}:1:1: the file is too large (expected at most {MAX_BYTES:,} bytes, got more)"


def test_the_largest_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "full.yaml"
    path.write_text("a: 1 #" + "x" * (MAX_BYTES - 6))
    assert read_document(path).plain() == {"a": 1}


def test_a_byte_order_mark_is_skipped(tmp_path: Path) -> None:
    path = tmp_path / "bom.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\n")
    node = read_document(path)
    assert node.plain() == {"a": 1}
    assert node.mark == Mark(str(path), 1, 1)


@pytest.mark.parametrize(
    ("data", "place", "got"),
    [
        (b"a: \xff\n", "1:4", "0xff"),
        (b"a: 1\nb: x\xc3(\n", "2:5", "0xc3"),
        ("a: 1\n".encode("utf-16"), "1:1", "0xff"),
    ],
)
def test_other_encodings_are_refused(tmp_path: Path, data: bytes, place: str, got: str) -> None:
    path = tmp_path / "latin.yaml"
    path.write_bytes(data)
    with pytest.raises(SpecError) as caught:
        read_document(path)
    assert str(caught.value) == f"{path}:{place}: the file is not UTF-8 (got byte {got})"


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no such file"):
        read_document(tmp_path / "none.yaml")
    with pytest.raises(UsageError, match="there is no such file"):
        read_document(tmp_path)


def test_unreadable_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "locked.yaml"
    path.write_text("a: 1")
    path.chmod(stat.S_IWUSR)

    def refuse(*args: object, **kwargs: object) -> None:
        raise PermissionError(13, "Permission denied")

    # The superuser can read every file, so the mode alone does not show what happens.
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(StorageError, match=r"locked\.yaml: cannot be read \(Permission denied\)$"):
        read_document(path)


def test_nothing_is_executed(tmp_path: Path) -> None:
    witness = tmp_path / "witness"
    for tag in ("!!python/object/apply:os.mkdir", "!!python/object/new:os.mkdir", "!!python/name:os.mkdir"):
        with pytest.raises(SpecError):
            parse_document(f"a: {tag} ['{witness}']")
    assert not witness.exists()


def test_from_object_makes_the_same_tree() -> None:
    value = {"a": 1, "b": [True, None, "x", 2.5], "c": {"d": ()}}
    node = from_object(value)
    assert node.plain() == {"a": 1, "b": [True, None, "x", 2.5], "c": {"d": []}}
    assert str(node.at(("b", 2)).mark) == "<object>"
    assert set(node.keys) == {"a", "b", "c"}


def test_from_object_refuses_what_yaml_has_not() -> None:
    with pytest.raises(SpecError, match=r"^<object>: a key is not a string \(got 1\)$"):
        from_object({"a": {1: 2}})
    with pytest.raises(SpecError, match=r"^<object>: a value has a type that YAML does not have \(got set\)$"):
        from_object({"a": [{1}]})
    for value in ({"a": "\0"}, {"\ud800": 1}):
        with pytest.raises(SpecError, match=r"^<object>: the text has a character that YAML does not allow"):
            from_object(value)
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(SpecError, match="nested too deeply"):
        from_object(endless)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{a: 1, b: 2}", "a mapping with 'a', 'b'"),
        ("{}", "a mapping with no keys"),
        ("[1, 2]", "a list of 2"),
        ("word", "the text 'word'"),
        ("w" * 50, "the text '" + "w" * 40 + "…'"),
        ("~", "nothing"),
        ("true", "true"),
        ("2.5", "2.5"),
    ],
)
def test_describe(text: str, words: str) -> None:
    assert describe(parse_document(f"k: {text}").at(("k",))) == words


NUMBERS = st.integers(-(10**9), 10**9) | st.floats(allow_nan=False)
SCALARS = st.none() | st.booleans() | NUMBERS | st.text("abno: 1-", max_size=8)
KEYS = st.text("abc", min_size=1, max_size=3)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@settings(deadline=None, derandomize=True, max_examples=150, database=None)
@given(value=VALUES)
def test_what_is_written_is_read(value: Any) -> None:
    text = yaml.safe_dump({"value": value}, allow_unicode=True, default_flow_style=None)
    read = parse_document(text)
    assert read.plain() == from_object({"value": value}).plain()

    def places(node: Node) -> None:
        assert 1 <= node.mark.line <= text.count("\n") + 1
        assert node.mark.column >= 1
        if isinstance(node.value, list | dict):
            for child in node.value.values() if isinstance(node.value, dict) else node.value:
                places(child)

    places(read)


@settings(deadline=None, derandomize=True, max_examples=400, database=None)
@given(text=st.text(st.sampled_from("ab:-{}[],&*!|>'\"%@`?# \n\t\\xuU0189\0\ufeff\x85"), max_size=40))
@example(text='"\\U99999999"')
@example(text="%TAG ! tag:a\n--- !b c")
@example(text="- &\n")
@example(text="!<%FF>")
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        marks = [parse_document(text).mark]
    except SpecError as error:
        marks = [problem.mark for problem in error.problems]
    assert all(mark.line >= 1 and mark.column >= 1 for mark in marks)


def test_errors_are_at_the_lines_of_the_keys_that_they_begin_with() -> None:
    text = "seed: 1\nfinal:\n  epochs: 3\n  distill: {teacher: here,\n    by: {hints: {weight: 2}}}\nlist: [a]\n"
    places = Places(parse_document(text, "f"))
    found = {
        words: str(places.at(("final",), words))
        for words in (
            "distill.teacher: it does not exist",
            "distill.by.hints.layers: none",
            "distill.by.hints compares",
            "distill.view: no",
            "epochs: few",
            "seed: of another part",
            "Any text",
            "",
        )
    }
    assert list(found.values()) == ["f:4:22", "f:5:10", "f:5:10", "f:4:3", "f:3:11", "f:2:1", "f:2:1", "f:2:1"]
    assert str(places.at(("budget",), "epochs: few")) == "f:1:1"
    assert str(places.at(("list", "0"))) == "f:6:1"
    assert str(places.at()) == "f:1:1"
    assert str(Places().at(("final",), "distill")) == ""
