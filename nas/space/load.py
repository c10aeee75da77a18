"""Reads a space from YAML, and reports everything that is wrong with it at once.

A file has `layers` (a list) and may have `name`, `input` (shape of one sample), `classes` and `limits`. A layer is the
name of an op, `op: {arguments}`, or one of the keywords `choice`, `repeat` … `of`, `residual`; docs/spaces.md is the
reference.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from functools import cache
from pathlib import Path
from typing import Any, Protocol, get_type_hints

from pydantic import ConfigDict, TypeAdapter, ValidationError

from nas.document import Node, describe, from_object, parse_document, read_document
from nas.errors import Mark, Problem, SpecError, nearest
from nas.ops import OPS, Cost, Op, Shape
from nas.space.architecture import Value
from nas.space.limits import Bound, Limits
from nas.space.space import Space
from nas.space.tree import Block, ChoicePart, LayerPart, Part, RepeatPart, ResidualPart, Values, join

TOP_KEYS = ("name", "input", "classes", "limits", "layers")
KEYWORDS: Mapping[str, tuple[str, ...]] = {"choice": (), "repeat": ("of", "share"), "residual": ("project",)}
"""Keywords that begin a part, and the further keys of each."""

CLASSES = "classes"
"""Stands for the number of classes wherever an op takes an integer: `linear: {units: classes}`."""

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Task(Protocol):
    """What a space has to know of a data set: the shape of one sample and the names of the classes."""

    @property
    def shape(self) -> Shape: ...
    @property
    def classes(self) -> tuple[str, ...]: ...


def load_space(
    source: str | Path | Mapping[str, Any],
    *,
    data: Task | None = None,
    input: Shape | None = None,
    classes: int | None = None,
    ops: Mapping[str, type[Op]] = OPS,
) -> Space:
    """The space that a YAML file, or the same as a mapping, describes.

    Args:
        source: path of a file, or its content as a mapping.
        data: data set that gives the input shape and the number of classes.
        input: shape of one sample without the batch; goes before `data`, and `data` before the file.
        classes: number of classes; likewise.
        ops: the table of ops, to add some of your own.

    Raises:
        SpecError: the file has problems, or no architecture fits its shapes and limits.
        UsageError: there is no such file.
        StorageError: the file cannot be read.
    """
    node = from_object(source) if isinstance(source, Mapping) else read_document(Path(source))
    stem = "space" if isinstance(source, Mapping) else Path(source).stem
    if data is not None:
        input, classes = input or tuple(data.shape), classes or len(data.classes)
    return _Reader(ops, input, classes).space(node, stem)


def parse_space(text: str, *, file: str = "<text>", input: Shape | None = None, classes: int | None = None) -> Space:
    """The space that YAML text describes; `file` is the name that errors give. Raises SpecError."""
    return _Reader(OPS, input, classes).space(parse_document(text, file), "space")


@cache
def _field_types(op: type[Op]) -> Mapping[str, TypeAdapter[Any]]:
    hints = get_type_hints(op, include_extras=True)
    return {item.name: TypeAdapter(hints[item.name], config=ConfigDict(strict=True)) for item in fields(op)}


class _Reader:
    """Turns nodes into parts; problems are collected, and a part that has one becomes None."""

    def __init__(self, ops: Mapping[str, type[Op]], input: Shape | None, classes: int | None) -> None:
        self.ops, self.input, self.classes = ops, input, classes
        self.problems: list[Problem] = []

    def space(self, node: Node, stem: str) -> Space:
        value = node.value
        if not isinstance(value, dict):
            raise SpecError([Problem(node.mark, "", "a space is a mapping", "a mapping with 'layers'", describe(node))])
        self.unknown_keys(node, TOP_KEYS, "")
        name = self.typed(value["name"], "name", str, "a name") if "name" in value else stem
        if "input" in value and self.input is None:
            sizes = self.typed(value["input"], "input", list[int], "a list of 1 to 3 positive sizes, channels first")
            if sizes is not None and not (1 <= len(sizes) <= 3 and min(sizes) > 0):
                self.problem(value["input"], "input", "no such shape", "1 to 3 positive sizes, channels first")
            self.input = tuple(sizes or ())
        if "classes" in value and self.classes is None:
            self.classes = self.typed(value["classes"], "classes", int, "a positive number of classes")
            if self.classes is not None and self.classes < 1:
                self.problem(value["classes"], "classes", "no such number of classes", "1 or more")
        if self.input is None:
            self.problem(node, "input", "the shape of a sample is unknown", "`input:` here, or a data set")
        limits = self.limits(value["limits"]) if "limits" in value else Limits({})
        block: Block | None = ()
        if "layers" not in value:
            self.problem(node, "", "there is no network", "'layers'", describe(node))
        else:
            block = self.block(value["layers"], "")
        if self.problems:
            raise SpecError(self.problems)
        space = Space(
            name=name or stem,
            input=self.input or (),
            output=None if self.classes is None else (self.classes,),
            block=block or (),
            limits=limits,
            source={key: child.plain() for key, child in value.items() if key not in ("input", "classes")},
            mark=value["layers"].mark,
        )
        space.check()
        return space

    def limits(self, node: Node) -> Limits:
        """`limits: {params: 50000, macs: {min: ..., max: ...}}`; a number alone is the maximum."""
        bounds: dict[str, Bound] = {}
        if not isinstance(node.value, dict):
            self.problem(node, "limits", "limits are a mapping", "a mapping such as {params: 50000}")
            return Limits({})
        self.unknown_keys(node, Cost._fields, "limits")
        for name, child in node.value.items():
            path = f"limits.{name}"
            if not isinstance(child.value, dict):
                bounds[name] = Bound(0, self.amount(child, path))
                continue
            self.unknown_keys(child, ("min", "max"), path)
            ends = {key: self.amount(end, f"{path}.{key}") for key, end in child.value.items()}
            least, greatest = ends.get("min") or 0, ends.get("max")
            if greatest is not None and least > greatest:
                self.problem(child, path, "the minimum is above the maximum", f"at most {greatest:,}", f"{least:,}")
            bounds[name] = Bound(least, greatest)
        return Limits({name: bound for name, bound in bounds.items() if name in Cost._fields})

    def amount(self, node: Node, path: str) -> int:
        """A count that is not negative; `1e6` is one too."""
        value = node.value
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            self.problem(node, path, "this is not a count", "a whole number, 0 or more", describe(node))
            return 0
        return value

    def block(self, node: Node, path: str) -> Block | None:
        """A list of layers; each has its `name` or its place in the list as its segment of the path."""
        if not isinstance(node.value, list):
            self.problem(node, path or "layers", "layers are a list", "a list of layers", describe(node))
            return None
        found: list[tuple[str, Part]] = []
        names: set[str] = set()
        for index, child in enumerate(node.value):
            segment = str(index)
            if isinstance(child.value, dict) and "name" in child.value:
                given = child.value["name"]
                if not isinstance(given.value, str) or not _WORD.fullmatch(given.value):
                    expected = "a word of letters, digits and underscores"
                    self.problem(given, join(path, segment), "a part has no such name", expected, describe(given))
                elif given.value in KEYWORDS:
                    self.problem(given, join(path, segment), "a part is named like a keyword", got=given.value)
                elif given.value in names:
                    self.problem(given, join(path, segment), f"two parts here are named {given.value!r}")
                else:
                    segment = given.value
                    names.add(segment)
            part = self.part(child, join(path, segment))
            if part is not None:
                found.append((segment, part))
        return tuple(found)

    def part(self, node: Node, path: str) -> Part | None:
        if isinstance(node.value, str):
            return self.layer(node, node, None, path)
        if not isinstance(node.value, dict):
            self.problem(node, path, "this is no layer", "an op, a choice, a repeat or a residual", describe(node))
            return None
        heads = [key for key in node.value if key in KEYWORDS or key in self.ops]
        if len(heads) != 1:
            known = [*KEYWORDS, *self.ops]
            if heads:
                self.problem(node, path, "a layer is one thing", "one op or keyword", " and ".join(heads))
            else:
                for key in node.value:
                    if key != "name" or len(node.value) == 1:
                        mark = node.keys.get(key, node.mark)
                        self.problems.append(
                            Problem(mark, path, f"no op or keyword is named {key!r}", suggestion=nearest(key, known))
                        )
                if not node.value:
                    self.problem(node, path, "this is no layer", "an op, a choice, a repeat or a residual", "{}")
            return None
        head = heads[0]
        self.unknown_keys(node, (head, "name", *KEYWORDS.get(head, ())), path)
        if head not in KEYWORDS:
            return self.layer(node, Node(head, node.keys.get(head, node.mark)), node.value[head], path)
        keyword: Callable[[Node, dict[str, Node], str], Part | None] = getattr(self, head)
        return keyword(node, node.value, path)

    def layer(self, node: Node, head: Node, arguments: Node | None, path: str) -> Part | None:
        """`op` or `op: {arguments}`."""
        op = self.ops.get(str(head.value))
        if op is None:
            if head.value in KEYWORDS:
                self.problem(head, path, f"{head.value} is a keyword", f"'{head.value}: ...'", "the word alone")
            else:
                known = nearest(str(head.value), [*KEYWORDS, *self.ops])
                self.problems.append(Problem(head.mark, path, f"no op is named {head.value!r}", suggestion=known))
            return None
        path = join(path, op.name)
        given = arguments.value if arguments is not None and arguments.value is not None else {}
        types = _field_types(op)
        if not isinstance(given, dict):
            assert arguments is not None  # noqa: S101  for the type checker
            first = next(iter(types), "")
            expected = f"{{{first}: {describe(arguments)}}}" if first else "no arguments"
            self.problem(arguments, path, "arguments are a mapping", expected, describe(arguments))
            return None
        if arguments is not None and given:
            self.unknown_keys(arguments, tuple(types), path)
        before = len(self.problems)
        found: list[tuple[str, Value | Values]] = []
        for item in fields(op):
            if item.name not in given:
                if item.default is MISSING:
                    names = ", ".join(map(repr, given)) or "no arguments"
                    self.problem(arguments or head, path, "an argument is missing", repr(item.name), names)
                continue
            argument = self.argument(given[item.name], types[item.name], join(path, item.name))
            found.append((item.name, argument))
        order = list(given)
        found.sort(key=lambda pair: order.index(pair[0]))
        return None if len(self.problems) > before else LayerPart(node.mark, op, tuple(found))

    def argument(self, node: Node, type_: TypeAdapter[Any], path: str) -> Value | Values:
        """A literal, or `choice: [...]` of literals."""
        if not isinstance(node.value, dict):
            return self.literal(node, type_, path)
        if set(node.value) != {"choice"}:
            self.problem(node, path, "this is no value", "a value, or {choice: [...]}", describe(node))
            return None
        options = node.value["choice"]
        if not isinstance(options.value, list) or not options.value:
            self.problem(options, path, "a choice has no options", "a list of values", describe(options))
            return None
        values: list[Value] = []
        for option in options.value:
            value = self.literal(option, type_, path)
            if value in values:
                self.problem(option, path, "an option is given twice", got=describe(option))
            values.append(value)
        return Values(tuple(values))

    def literal(self, node: Node, type_: TypeAdapter[Any], path: str) -> Value:
        value = node.plain()
        if value == CLASSES and self.classes is not None:
            value = self.classes
        try:
            valid: Value = type_.validate_python(value)
        except ValidationError as error:
            if value == CLASSES:
                self.problem(node, path, "the number of classes is unknown", "`classes:` in the file, or a data set")
                return None
            expected = " or ".join(
                dict.fromkeys(one["msg"].removeprefix("Input should be ") for one in error.errors(include_url=False))
            )
            self.problem(node, path, "a value does not fit", expected, describe(node))
            return None
        return valid

    def choice(self, node: Node, value: dict[str, Node], path: str) -> Part | None:
        """`choice: [...]` or `choice: {label: ...}` between layers or lists of layers."""
        options = value["choice"]
        if not isinstance(options.value, list | dict) or not options.value:
            self.problem(options, path, "a choice has no options", "a list of layers, or labels with layers")
            return None
        before = len(self.problems)
        found: list[tuple[str, str, Block]] = []
        if isinstance(options.value, dict):
            for label, child in options.value.items():
                if not _WORD.fullmatch(label):
                    mark = options.keys.get(label, child.mark)
                    self.problems.append(Problem(mark, path, f"{label!r} is no label", "letters, digits, underscores"))
                block = self.option(child, join(path, label))
                found.append((label, label, block or ()))
        else:
            heads = Counter(map(_head, options.value))
            labels: set[str] = set()
            for index, child in enumerate(options.value):
                head = _head(child)
                alone = heads[head] == 1 and not isinstance(child.value, list)
                label = head if alone else _text(child)
                if label in labels:
                    self.problem(child, path, f"two options are {label!r}", "a label each, as in {label: layers}")
                labels.add(label)
                # An op adds its own name to the path; of a keyword the path must show it, or a choice in a choice
                # would have the name of the outer one.
                segment = str(index) if not alone else head if head in KEYWORDS else ""
                block = self.option(child, join(path, segment))
                found.append((label, segment, block or ()))
        return None if len(self.problems) > before else ChoicePart(node.mark, tuple(found))

    def option(self, node: Node, path: str) -> Block | None:
        if isinstance(node.value, list):
            return self.block(node, path)
        if isinstance(node.value, dict) and "name" in node.value:
            self.problem(node.value["name"], path, "an option has no name", "a label, as in {label: layers}")
        part = self.part(node, path)
        return None if part is None else (("", part),)

    def repeat(self, node: Node, value: dict[str, Node], path: str) -> Part | None:
        """`repeat: N` with `of: [...]` and perhaps `share: true`."""
        before = len(self.problems)
        count: TypeAdapter[Any] = TypeAdapter(int, config=ConfigDict(strict=True))
        times = self.argument(value["repeat"], count, join(path, "repeat"))
        for number in times.options if isinstance(times, Values) else (times,):
            if isinstance(number, int) and not 0 <= number <= 1000:
                self.problem(value["repeat"], path, "no such number of copies", "0 to 1000", str(number))
        share = self.flag(value, "share", path)
        if "of" not in value:
            self.problem(node, path, "nothing is repeated", "'of: [...]' beside 'repeat'")
            return None
        body = self.block(value["of"], path)
        if len(self.problems) > before or not isinstance(times, int | Values):
            return None
        return RepeatPart(node.mark, times, body or (), share)

    def residual(self, node: Node, value: dict[str, Node], path: str) -> Part | None:
        """`residual: [...]` and perhaps `project: true`."""
        project = self.flag(value, "project", path)
        body = self.block(value["residual"], path)
        return None if body is None else ResidualPart(node.mark, body, project)

    def flag(self, value: dict[str, Node], name: str, path: str) -> bool:
        return bool(self.typed(value[name], join(path, name), bool, "true or false")) if name in value else False

    def typed(self, node: Node, path: str, type_: Any, expected: str) -> Any:
        adapter: TypeAdapter[Any] = TypeAdapter(type_, config=ConfigDict(strict=True))
        try:
            return adapter.validate_python(node.plain())
        except ValidationError:
            self.problem(node, path, "a value does not fit", expected, describe(node))
            return None

    def unknown_keys(self, node: Node, known: tuple[str, ...], path: str) -> None:
        for key in node.value if isinstance(node.value, dict) else ():
            if key not in known:
                mark: Mark = node.keys.get(key, node.mark)
                expected = ", ".join(known) or "no keys"
                self.problems.append(Problem(mark, path, f"no such key: {key!r}", expected, "", nearest(key, known)))

    def problem(self, node: Node, path: str, message: str, expected: str = "", got: str = "") -> None:
        self.problems.append(Problem(node.mark, path, message, expected, got))


def _head(node: Node) -> str:
    """The op or keyword of an option: the shortest label that it can have."""
    if isinstance(node.value, dict):
        keyword = next((key for key in node.value if key in KEYWORDS), "")
        return keyword or next((key for key in node.value if key != "name"), "")
    return "" if isinstance(node.value, list) else str(node.value)


def _text(node: Node) -> str:
    """An option in one line: `max_pool(kernel=2)`, `conv(width=…)`, `conv + relu`."""
    if isinstance(node.value, list):
        return " + ".join(map(_text, node.value)) or "nothing"
    head = _head(node)
    arguments = node.value.get(head) if isinstance(node.value, dict) else None
    if arguments is None or not isinstance(arguments.value, dict) or not arguments.value:
        return head
    inner = ", ".join(
        f"{key}={'…' if isinstance(child.value, dict | list) else child.value}"
        for key, child in arguments.value.items()
    )
    return f"{head}({inner})"
