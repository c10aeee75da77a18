"""YAML, read as data with positions.

PyYAML parses; the tree is built here, because files may use only a subset of YAML: no tags, no anchors or aliases, no
duplicate keys, string keys only, one document, limited size and depth, and the scalars of YAML 1.2 (core schema,
https://yaml.org/spec/1.2.2/#103-core-schema), in which `no` is a string and not False. Nothing in a file is executed.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import yaml

from nas.errors import Diagnostic, Mark, SpecError, StorageError, UsageError

MAX_BYTES = 1 << 17
MAX_DEPTH = 64
MAX_VALUES = 10_000
MAX_INTEGER = 2**63 - 1
"""The greatest integer, as in NumPy and PyTorch."""
MAX_NAME = 200
"""Bytes of a key or a name. File names have at most 255, and consist of more than the name."""

Scalar = str | int | float | bool | None

_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_WORDS: Mapping[str, Scalar] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}


@dataclass(frozen=True, slots=True)
class Node:
    """A value and its place: a scalar, a list of nodes, or a dict of nodes (`keys`: the place of each key)."""

    value: "Scalar | list[Node] | dict[str, Node]"
    mark: Mark
    keys: Mapping[str, Mark] = field(default_factory=dict)

    def plain(self) -> Any:
        """The value as lists, dicts and scalars."""
        if isinstance(self.value, dict):
            return {key: child.plain() for key, child in self.value.items()}
        if isinstance(self.value, list):
            return [child.plain() for child in self.value]
        return self.value

    def at(self, path: tuple[str | int, ...]) -> "Node":
        """The node at `path`, or the last existing node on the way to it."""
        node = self
        for step in path:
            if isinstance(node.value, dict) and step in node.value:
                node = node.value[str(step)]
            elif isinstance(node.value, list) and isinstance(step, int) and step < len(node.value):
                node = node.value[step]
            else:
                break
        return node


@dataclass(frozen=True)
class Places:
    """Where the keys of a file are, for errors that are found once it was read.

    Attributes:
        node: the content of the file.
    """

    node: Node = Node(None, Mark(""))

    def at(self, path: tuple[str, ...] = (), text: str = "") -> Mark:
        """The place of a key, or of the last one on the way to it that the file has: of a scalar, the place of the
        value; without keys, the beginning of the file.

        Args:
            path: keys, from the outermost.
            text: an error. If it begins with keys below that one, as `distill.teacher: ...`, it is the place of these.
        """
        node, mark = self.node, self.node.mark
        for step in (*path, *_AFTER_KEYS.split(text, maxsplit=1)[0].split(".")):
            if not isinstance(node.value, dict) or step not in node.value:
                break
            child = node.value[step]
            mark = node.keys.get(step, child.mark) if isinstance(child.value, dict | list) else child.mark
            node = child
        return mark


_AFTER_KEYS = re.compile(r"[^\w.]")
"""The first character that cannot be one of keys with points between them."""

ONE_WORD = f"no slashes, colons or quotes, at most {MAX_NAME} bytes"


def one_word(name: str) -> bool:
    """Whether a name can be that of a file or folder."""
    plain = not set(name) & set('/\\:*?"<>|\0\n') and name not in ("", ".", "..")
    return plain and len(name.encode()) <= MAX_NAME


def describe(node: Node) -> str:
    """A short description of a node, for errors."""
    match node.value:
        case dict():
            return f"a mapping with {', '.join(map(repr, node.value)) or 'no keys'}"
        case list():
            return f"a list of {len(node.value)}"
        case str():
            return f"the text {shortened(node.value)!r}"
        case None:
            return "nothing"
        case bool():
            return str(node.value).lower()
        case _:
            return str(node.value)


def shortened(text: str) -> str:
    """The first 40 characters of a text."""
    return text if len(text) <= 40 else text[:40] + "…"


def read_document(path: Path) -> Node:
    """The content of a YAML file.

    Raises:
        UsageError: there is no such file.
        StorageError: the file cannot be read.
        SpecError: the text is not in the supported subset of YAML.
    """
    if not path.is_file():
        raise UsageError(f"{path}: there is no such file")
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise StorageError(f"{path}: cannot be read ({error.strerror})") from error
    mark = Mark(str(path), 1, 1)
    if len(data) > MAX_BYTES:
        raise SpecError([Diagnostic(mark, "", "the file is too large", f"at most {MAX_BYTES:,} bytes", "more")])
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - data.rfind(b"\n", 0, error.start)
        problem = Diagnostic(
            Mark(str(path), line, column), "", "the file is not UTF-8", got=f"byte {data[error.start]:#x}"
        )
        raise SpecError([problem]) from error
    return parse_document(text, str(path))


def parse_document(text: str, file: str = "<text>") -> Node:
    """The content of YAML text; `file` is its name in errors. Raises SpecError."""
    try:
        loader = yaml.SafeLoader(text)
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        mark = Mark(file, before.count("\n") + 1, len(before) - before.rfind("\n"))
        got = f"character {int(error.character):#06x}"
        raise SpecError([Diagnostic(mark, "", "the text has a character that YAML does not allow", got=got)]) from error
    try:
        return _Builder(file).build(_events(loader))
    except yaml.MarkedYAMLError as error:
        place = error.problem_mark or error.context_mark
        mark = Mark(file, place.line + 1, place.column + 1) if place else Mark(file, 1, 1)
        message = " ".join(part for part in (error.context, error.problem) if part)
        raise SpecError([Diagnostic(mark, "", f"this is not YAML: {message}", _expected(error))]) from error
    except (ValueError, OverflowError) as error:
        # PyYAML passes the numbers in escapes and directives to `chr` and `int` unchecked.
        place = loader.get_mark()
        mark = Mark(file, place.line + 1, place.column + 1)
        raise SpecError([Diagnostic(mark, "", "this is not YAML: a number is out of range")]) from error


def _expected(error: yaml.MarkedYAMLError) -> str:
    """The likely cause of a syntax error."""
    begun, problem = error.context_mark, error.problem or ""
    if "'\\t'" in problem:
        return "spaces, where a tab indents"
    if "cannot start any token" in problem or error.context == "while scanning a block scalar":
        return "quotes around the text"
    if "mapping values are not allowed" in problem:
        return "one 'key: value' here; several in braces or on lines of their own"
    if error.context in ("while parsing a flow sequence", "while parsing a flow mapping") and begun is not None:
        return f"a bracket that closes the one in line {begun.line + 1}"
    if "<block end>" in problem and "start>" in problem:
        return "the same indentation as in the lines above"
    return ""


def _events(loader: yaml.SafeLoader) -> Iterator[yaml.Event]:
    while loader.check_event():
        event: yaml.Event = loader.get_event()  # type: ignore[no-untyped-call]  # the stubs leave its result out
        yield event


def from_object(value: Any, file: str = "<object>", *, depth: int = 0) -> Node:
    """The tree of lists, dicts and scalars in Python. Raises SpecError for other types."""
    mark = Mark(file)
    if depth > MAX_DEPTH:
        raise SpecError([Diagnostic(mark, "", "the values are nested too deeply", f"at most {MAX_DEPTH} levels")])
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str):
                raise SpecError([Diagnostic(mark, "", "a key is not a string", got=repr(key))])
            _check_text(key, mark)
            _check_key(key, mark)
        children = {key: from_object(child, file, depth=depth + 1) for key, child in value.items()}
        return Node(children, mark, dict.fromkeys(value, mark))
    if isinstance(value, list | tuple):
        return Node([from_object(child, file, depth=depth + 1) for child in value], mark)
    if value is None or isinstance(value, str | int | float | bool):
        _check_text(value, mark)
        _check_integer(value, mark)
        return Node(value, mark)
    raise SpecError([Diagnostic(mark, "", "a value has a type that YAML does not have", got=type(value).__name__)])


class _Builder:
    """Builds the tree in one pass over the events of the parser, without recursion."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.values = 0

    def build(self, events: Iterator[yaml.Event]) -> Node:
        root: Node | None = None
        open_nodes: list[Node] = []
        open_keys: list[tuple[str, Mark] | None] = []
        for event in events:
            if isinstance(event, yaml.StreamStartEvent | yaml.StreamEndEvent | yaml.DocumentEndEvent):
                continue
            if isinstance(event, yaml.DocumentStartEvent):
                if root is not None:
                    self._refuse(event, "a second document begins here", "one document a file")
                continue
            if isinstance(event, yaml.SequenceEndEvent | yaml.MappingEndEvent):
                open_nodes.pop()
                open_keys.pop()
                continue
            if isinstance(event, yaml.AliasEvent):
                self._refuse(event, "aliases are not read", "the value written out", f"*{event.anchor}")
            node = self._node(event)
            if not open_nodes:
                root = node
            elif isinstance(parent := open_nodes[-1].value, list):
                parent.append(node)
            elif (key := open_keys[-1]) is None:
                if not isinstance(node.value, str):
                    self._refuse(event, "a key is not a string", "a word", describe(node))
                assert isinstance(parent, dict)  # noqa: S101  for the type checker
                _check_key(node.value, node.mark)
                if node.value in parent:
                    self._refuse(event, f"the key {node.value!r} is given twice")
                open_keys[-1] = node.value, node.mark
                continue
            else:
                assert isinstance(parent, dict)  # noqa: S101  for the type checker
                parent[key[0]] = node
                keys = open_nodes[-1].keys
                assert isinstance(keys, dict)  # noqa: S101  for the type checker
                keys[key[0]] = key[1]
                open_keys[-1] = None
            if not isinstance(event, yaml.ScalarEvent):
                if len(open_nodes) >= MAX_DEPTH:
                    self._refuse(event, "the values are nested too deeply", f"at most {MAX_DEPTH} levels")
                open_nodes.append(node)
                open_keys.append(None)
        if root is None:
            raise SpecError([Diagnostic(Mark(self.file, 1, 1), "", "the file is empty", "a mapping")])
        return root

    def _node(self, event: yaml.Event) -> Node:
        mark = self._mark(event)
        if not isinstance(event, yaml.ScalarEvent | yaml.SequenceStartEvent | yaml.MappingStartEvent):
            raise TypeError(f"an unknown event of the YAML parser: {event!r}")
        self.values += 1
        if self.values > MAX_VALUES:
            self._refuse(event, "the file holds too many values", f"at most {MAX_VALUES:,}")
        if event.anchor is not None:
            self._refuse(event, "anchors are not read", "the value written out", f"&{event.anchor}")
        if event.tag is not None:
            expected = "quotes around the text" if event.tag.startswith("!=") else "plain data"
            self._refuse(event, "tags are not read", expected, event.tag)
        if isinstance(event, yaml.ScalarEvent):
            _check_text(event.value, mark)
            value = _scalar(event.value) if event.implicit[0] else event.value
            _check_integer(value, mark)
            return Node(value, mark)
        return Node([] if isinstance(event, yaml.SequenceStartEvent) else {}, mark, {})

    def _mark(self, event: yaml.Event) -> Mark:
        place = event.start_mark
        return Mark(self.file, place.line + 1, place.column + 1) if place else Mark(self.file, 1, 1)

    def _refuse(self, event: yaml.Event, message: str, expected: str = "", got: str = "") -> NoReturn:
        raise SpecError([Diagnostic(self._mark(event), "", message, expected, got)])


def _check_text(value: Scalar, mark: Mark) -> None:
    if isinstance(value, str) and (found := yaml.reader.Reader.NON_PRINTABLE.search(value)):
        got = f"character {ord(found.group()):#06x}"
        raise SpecError([Diagnostic(mark, "", "the text has a character that YAML does not allow", got=got)])


def _check_key(key: str, mark: Mark) -> None:
    if len(key.encode()) > MAX_NAME:
        raise SpecError([Diagnostic(mark, "", "a key is too long", f"at most {MAX_NAME} bytes", repr(shortened(key)))])


def _check_integer(value: Scalar, mark: Mark) -> None:
    if isinstance(value, int) and abs(value) > MAX_INTEGER:
        got = str(value) if value.bit_length() < 100 else "a number with very many digits"
        raise SpecError([Diagnostic(mark, "", "a number is too large", f"-{MAX_INTEGER:,} to {MAX_INTEGER:,}", got)])


def _scalar(text: str) -> Scalar:
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text):
        # Python rejects numbers of thousands of digits (CVE-2020-10735); such a number is too large anyway.
        return int(text, 0 if text[:2] in ("0o", "0x") else 10) if len(text) <= 400 else 1 << 400
    if _FLOAT.fullmatch(text):
        return float(text)
    return text
