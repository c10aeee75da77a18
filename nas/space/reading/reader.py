"""Turns the nodes of a space file into parts; problems are collected, and a part that has one becomes None."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import MISSING, fields, replace

from pydantic import ValidationError

from nas.document import MAX_DEPTH, MAX_NAME, Node, describe
from nas.errors import Mark, Problem
from nas.ops import MERGES, Merge, Op
from nas.space.choice import Value
from nas.space.language.arguments import Argument, Values
from nas.space.language.branches import BranchesPart
from nas.space.language.choice import ChoicePart, Option
from nas.space.language.condition import MEASURES, Condition
from nas.space.language.definition import SharedPart, UsePart
from nas.space.language.group import GroupPart
from nas.space.language.layer import LayerPart
from nas.space.language.repeat import RepeatPart
from nas.space.language.tree import UNKNOWN, Block, Part, Unclear, join
from nas.space.reading.aliases import nearest
from nas.space.reading.cells import read_cell
from nas.space.reading.conditions import ConditionReader
from nas.space.reading.place import OUTPUTS, WORD, Copies, Place, Scope, adapter, field_types
from nas.space.reading.sequences import read_sequence
from nas.space.reading.values import ValueReader

KEYWORDS: Mapping[str, tuple[str, ...]] = {
    "choice": (),
    "repeat": ("of", "share"),
    "residual": ("merge", "project"),
    "parallel": ("merge", "project"),
    "sequence": ("depth", "dropout"),
    "cell": (),
    "layers": (),
}
"""Keywords that begin a part, and the further keys of each. `name` and `when` may stand beside any."""

_EXPECTED = "an op, a definition or a keyword"

MAX_PARTS = 20_000
"""Layers and keywords of a file, those of a definition counted as often as it is used."""


class LayerReader(ValueReader):
    """Reads layers.

    Args:
        ops: the table of ops.
        never: see `ConditionReader`.

    Attributes:
        conditions: reads conditions, and knows which decisions they ask for.
        forgets: whether any does.
    """

    def __init__(self, ops: Mapping[str, type[Op]], never: Collection[int] = ()) -> None:
        super().__init__(ops)
        self.conditions = ConditionReader(self, never)
        self.forgets = False
        self._shared: dict[str, Block] = {}
        self._shared_choices: dict[tuple[str, str], Values] = {}
        self._parts = 0

    def space(self, define: Node | None, layers: Node | None, scope: Scope) -> Block:
        """The layers of a file."""
        self.forgets = any(node is not None and _has_condition(node) for node in (define, layers))
        if define is not None:
            self.definitions = self._define(define)
        block = self.block(layers, Place("", scope), list(self.definitions)) if layers is not None else ()
        if not self.problems:
            for name, node in self.definitions.items():
                if name not in self.used:
                    self.problem(node, f"define.{name}", "this definition is never used")
        self.conditions.check()
        # A mistake in a definition is found wherever it is used; of an object there are no places to tell it by.
        once: dict[tuple[Mark, str, str, str], Problem] = {}
        for problem in self.problems:
            path = "" if problem.mark.line else problem.path
            once.setdefault((problem.mark, path, problem.message, problem.expected), problem)
        self.problems = list(once.values())
        return block

    def _define(self, node: Node) -> Mapping[str, Node]:
        if not isinstance(node.value, dict):
            self.problem(node, "define", "definitions are a mapping", "a mapping of names to layers", describe(node))
            return {}
        for name, child in node.value.items():
            taken = name in self.ops or name in KEYWORDS or name in MEASURES or name in (OUTPUTS, "name", "when")
            if taken or not WORD.fullmatch(name):
                message = f"{name!r} has a meaning already" if taken else f"{name!r} is no name"
                mark = node.keys.get(name, child.mark)
                self.problems.append(
                    Problem(mark, "define", message, "another word of letters, digits and underscores")
                )
        return node.value

    @property
    def too_many(self) -> bool:
        """Whether the file has more parts than are read."""
        return self._parts > MAX_PARTS

    # Lists of layers.

    def block(self, node: Node, place: Place, taken: list[str] | None = None) -> Block:
        """A list of layers; each has its `name` or its place in the list as its segment of the path."""
        if not isinstance(node.value, list):
            self.problem(node, place.path or "layers", "layers are a list", "a list of layers", describe(node))
            return (("", Unclear(node.mark)),)
        found: list[tuple[str, Part]] = []
        names = {*(taken or ()), *place.taken}
        for index, child in enumerate(node.value):
            segment = self._segment(child, str(index), names, place)
            found.append((segment, self.part(child, place / segment)))
        return tuple(found)

    def _segment(self, node: Node, index: str, names: set[str], place: Place) -> str:
        if not isinstance(node.value, dict) or "name" not in node.value:
            return index
        given = node.value["name"]
        path = (place / index).path
        if not isinstance(given.value, str) or not WORD.fullmatch(given.value) or len(given.value) > MAX_NAME:
            expected = f"a word of letters, digits and underscores, at most {MAX_NAME}"
            self.problem(given, path, "a part has no such name", expected, describe(given))
        elif given.value in KEYWORDS:
            self.problem(given, path, "a part is named like a keyword", got=given.value)
        elif given.value in names:
            self.problem(given, path, f"two parts here are named {given.value!r}")
        else:
            names.add(given.value)
            return given.value
        return index

    def inner(self, node: Node, place: Place) -> Block:
        """A list of layers, or one layer."""
        if isinstance(node.value, list):
            return self.block(node, place)
        if isinstance(node.value, dict) and "name" in node.value:
            self.problem(node.value["name"], place.path, "what stands alone has no name", "a label, or a list")
        return (("", self.part(node, place)),)

    # One layer.

    def part(self, node: Node, place: Place) -> Part:
        """The part that a node describes. What cannot be read of it is `Unclear`, and there is a problem."""
        before = len(self.problems)
        part = self._part(node, place)
        if len(self.problems) > before:
            self.broken.add(place.pattern)
        return Unclear(node.mark) if part is None else part

    def _part(self, node: Node, place: Place) -> Part | None:
        self._parts += 1
        if self.too_many:
            if self._parts == MAX_PARTS + 1:
                self.problem(node, place.path, "definitions make too many layers", f"at most {MAX_PARTS:,}")
            return None
        if isinstance(node.value, str):
            return self._named(node, Node(node.value, node.mark), None, place)
        if not isinstance(node.value, dict):
            several = ", or {layers: [...]} for several" if isinstance(node.value, list) else ""
            self.problem(node, place.path, "this is no layer", _EXPECTED + several, describe(node))
            return None
        head = self._head(node, place)
        if head is None:
            return None
        value, before = node.value, len(self.problems)
        inside = field_types(self.ops[head]) if head in self.ops and head not in self.definitions else {}
        known = (head, "name", "when", *KEYWORDS.get(head, ()))
        self.unknown_keys(node, known, place.path, dict.fromkeys(inside, f"in {head}: {{...}}, or indented further"))
        when = self.condition(node, place)
        doubtful = len(self.problems) > before or (when is None and "when" in value)
        part: Part | None
        if head in KEYWORDS:
            read: Callable[[Node, dict[str, Node], Place], Part | None] = getattr(self, f"_{head}")
            part = read(node, value, place)
        else:
            part = self._named(node, Node(head, node.keys.get(head, node.mark)), value[head], place)
        if part is None:
            return None
        if not doubtful:
            return part if when is None else GroupPart(node.mark, (("", part),), when, self.forgets)
        # What is meant is not known: not even whether it is there.
        options = (Option("there", "", (("", part),), None), Option("not there", "", (), None))
        choice = ChoicePart(node.mark, options, self.forgets)
        return GroupPart(node.mark, (("", choice), ("", Unclear(node.mark))), None, self.forgets)

    def _head(self, node: Node, place: Place) -> str | None:
        """The one key that says what a layer is."""
        assert isinstance(node.value, dict)  # noqa: S101  the caller has looked
        known = [*KEYWORDS, *self.definitions, *self.ops]
        beside = {further for key in node.value for further in KEYWORDS.get(key, ())}
        heads = [key for key in node.value if key in known and key not in beside]
        if len(heads) == 1:
            return heads[0]
        if heads:
            expected = "'of: [...]' beside 'repeat'" if set(heads) == {"repeat", "layers"} else _EXPECTED
            self.problem(node, place.path, "a layer is one thing", expected, " and ".join(heads))
            return None
        others = [key for key in node.value if key not in ("name", "when")]
        for key in others:
            mark = node.keys.get(key, node.mark)
            message = f"no op, definition or keyword is named {key!r}"
            self.problems.append(Problem(mark, place.path, message, suggestion=nearest(key, known)))
        if not others:
            self.problem(node, place.path, "this is no layer", _EXPECTED, describe(node))
        return None

    def _named(self, node: Node, head: Node, arguments: Node | None, place: Place) -> Part | None:
        """An op or a definition, with its arguments."""
        name = str(head.value)
        if name in self.definitions:
            return self._use(node, name, arguments, place)
        op = self.ops.get(name)
        if op is not None:
            return self._layer(node, head, op, arguments, place / op.name)
        if name in KEYWORDS:
            self.problem(head, place.path, f"{name} is a keyword", f"'{name}: ...'", "the word alone")
        else:
            known = nearest(name, [*KEYWORDS, *self.definitions, *self.ops])
            self.problems.append(Problem(head.mark, place.path, f"no op is named {name!r}", suggestion=known))
        return None

    def _layer(self, node: Node, head: Node, op: type[Op], arguments: Node | None, place: Place) -> Part | None:
        """`op` or `op: {arguments}`."""
        given = arguments.value if arguments is not None and arguments.value is not None else {}
        types = field_types(op)
        if not isinstance(given, dict):
            assert arguments is not None  # noqa: S101  for the type checker
            first = next(iter(types), "")
            expected = f"{{{first}: {describe(arguments)}}}" if first else "no arguments"
            self.problem(arguments, place.path, "arguments are a mapping", expected, describe(arguments))
            return None
        before = len(self.problems)
        if arguments is not None and given:
            beside = dict.fromkeys(("name", "when"), f"beside {op.name}, not in it")
            self.unknown_keys(arguments, tuple(types), place.path, beside)
        for item in fields(op):
            if item.name not in given and item.default is MISSING:
                names = ", ".join(map(repr, given)) or "no arguments"
                self.problem(arguments or head, place.path, "an argument is missing", repr(item.name), names)
        found: dict[str, Argument] = {}
        for name, child in given.items():
            count = len(self.problems)
            argument = self.argument(child, types[name], place / name) if name in types else None
            if name in types and len(self.problems) == count:
                found[name] = argument
        if len(self.problems) == before:
            return LayerPart(node.mark, op, tuple(found.items()))
        return self._doubtful_layer(node, op, found)

    def _doubtful_layer(self, node: Node, op: type[Op], found: dict[str, Argument]) -> Part | None:
        """The layer as far as it could be read: the rank of what it gives may be right, the sizes need not be."""
        for item in fields(op):
            if item.default is MISSING and item.name not in found:
                try:
                    found[item.name] = field_types(op)[item.name].validate_python(UNKNOWN)
                except ValidationError:
                    return None
        part = LayerPart(node.mark, op, tuple(found.items()), doubtful=True)
        return GroupPart(node.mark, (("", part), ("", Unclear(node.mark, ranked=True))), None, self.forgets)

    # Definitions.

    def _use(self, node: Node, name: str, arguments: Node | None, place: Place) -> Part | None:
        """A definition in the place of a layer."""
        self.used.add(name)
        definition = self.definitions[name]
        if name in place.definitions:
            self.problem(node, place.path, f"{name!r} is defined by itself", got=" → ".join([*place.definitions, name]))
            return None
        if len(place.definitions) >= MAX_DEPTH:
            expected = f"at most {MAX_DEPTH} levels"
            self.problem(node, place.path, "definitions are nested too deeply", expected)
            return None
        value = definition.value if isinstance(definition.value, dict) else {}
        share = self.flag(value, "share", f"define.{name}")
        if share and place.cell:
            self.problem(node, place.path, "a cell decides for itself", "a definition without 'share'", repr(name))
            return None
        place = replace(place, pattern=name) if share else place / name
        before = len(self.problems)
        parameters = self._parameters(node, name, value.get("parameters"), arguments, place)
        words: Scope = {
            **{word: values for word, values in place.scope.items() if word == OUTPUTS},
            **{word: self.possible(argument, place) for word, argument in parameters},
        }
        inside = replace(
            place,
            scope=words,
            definitions=(*place.definitions, name),
            taken=tuple(word for word, _ in parameters),
            open=frozenset(word for word, argument in parameters if self.is_open(argument, place)),
        )
        if len(self.problems) > before:
            self._misspelled(name, definition)
            return None
        body = self.inner(_without(definition, "parameters", "share"), inside)
        if share:
            # One part for all uses: copies of it are told by the part that they are copies of.
            body = self._shared.setdefault(name, body)
            self._check_shared(node, name, parameters)
            if len(self.problems) > before:
                return None  # what the first use could be may be what this one cannot
            return SharedPart(node.mark, UsePart(node.mark, name, parameters, body, self.forgets))
        return UsePart(node.mark, name, parameters, body, self.forgets)

    def _check_shared(self, node: Node, name: str, parameters: tuple[tuple[str, Argument], ...]) -> None:
        """A parameter of a shared definition is decided once, so that no two uses may give it different choices."""
        for word, argument in parameters:
            if isinstance(argument, Values):
                first = self._shared_choices.setdefault((name, word), argument)
                if first != argument:
                    expected, got = str(list(first.options)), str(list(argument.options))
                    self.problem(node, name, f"uses of a shared definition give {word!r} other choices", expected, got)

    def _misspelled(self, name: str, definition: Node) -> None:
        """A definition whose uses give it what it does not know may have its `parameters` under another key."""
        for key in definition.value if isinstance(definition.value, dict) else ():
            if key not in ("parameters", "share") and nearest(key, ("parameters",)):
                mark = definition.keys.get(key, definition.mark)
                self.problems.append(Problem(mark, f"define.{name}", f"no such key: {key!r}", suggestion="parameters"))

    def _parameters(
        self, node: Node, name: str, declared: Node | None, arguments: Node | None, place: Place
    ) -> tuple[tuple[str, Argument], ...]:
        """What a definition is given, or its defaults, in the order of its parameters."""
        known = declared.value if declared is not None else {}
        if not isinstance(known, dict):
            assert declared is not None  # noqa: S101  for the type checker
            expected = "a mapping of names to defaults"
            self.problem(declared, f"define.{name}", "parameters are a mapping", expected, describe(declared))
            return ()
        given = arguments.value if arguments is not None and arguments.value is not None else {}
        if not isinstance(given, dict):
            assert arguments is not None  # noqa: S101  for the type checker
            expected = f"{{{next(iter(known))}: {describe(arguments)}}}" if known else "no arguments"
            self.problem(arguments, place.path, "arguments are a mapping", expected, describe(arguments))
            return ()
        if arguments is not None and given:
            self.unknown_keys(arguments, tuple(known), place.path)
        found: list[tuple[str, Argument]] = []
        for word, default in known.items():
            if not WORD.fullmatch(word) or word in KEYWORDS or word == OUTPUTS:
                mark = (declared or node).keys.get(word, default.mark)
                expected = "another word of letters, digits and underscores"
                self.problems.append(Problem(mark, f"define.{name}", f"{word!r} is no name of a parameter", expected))
                continue
            child = given.get(word, default)
            if child.value is None and word not in given:
                names = ", ".join(map(repr, given)) or "no arguments"
                self.problem(arguments or node, place.path, "an argument is missing", repr(word), names)
                continue
            found.append((word, self.argument(child, adapter(Value), place / word)))
        return tuple(found)

    # Keywords. Each method is called for the keyword of its name.

    def _sequence(self, node: Node, value: dict[str, Node], place: Place) -> Part | None:
        """`sequence: {step: {layers: [...], ...}, ...}` with `depth` and perhaps `dropout`."""
        return read_sequence(self, node, value, place)

    def _cell(self, node: Node, value: dict[str, Node], place: Place) -> Part | None:
        """`cell: {...}`, with layers on its edges or in its nodes."""
        return read_cell(self, node, value, place)

    def _layers(self, node: Node, value: dict[str, Node], place: Place) -> Part | None:
        """`layers: [...]`, as one part."""
        return GroupPart(node.mark, self.block(value["layers"], place), None, self.forgets)

    def _choice(self, node: Node, value: dict[str, Node], place: Place) -> Part | None:
        """`choice: [...]` or `choice: {label: ...}` between layers or lists of layers."""
        given = value["choice"]
        if not isinstance(given.value, list | dict) or not given.value:
            self.problem(given, place.path, "a choice has no options", "a list of layers, or labels with layers")
            return None
        labelled = self._labelled(given, given.value, place)
        conditions = [self.condition(child, place) for _, _, child in labelled]
        self.decides(place.pattern, tuple(label for label, _, _ in labelled))
        found = [
            Option(label, segment, self.inner(_without(child, "when"), place / segment), when)
            for (label, segment, child), when in zip(labelled, conditions, strict=True)
        ]
        return ChoicePart(node.mark, tuple(found), self.forgets)

    def _labelled(self, node: Node, options: dict[str, Node] | list[Node], place: Place) -> list[tuple[str, str, Node]]:
        """The options of a choice, each with its label and its segment of the path."""
        if isinstance(options, dict):
            self.labels(node, place)
            return [(label, label, child) for label, child in options.items()]
        heads = Counter(map(_label, options))
        found: dict[str, tuple[str, str, Node]] = {}
        for index, child in enumerate(options):
            head = _label(child)
            alone = heads[head] == 1 and head != ""
            label = head if alone else _text(child)
            if label in found:
                self.problem(child, place.path, f"two options are {label!r}", "a label each, as in {label: layers}")
            # An op adds its own name to the path; of a keyword the path must show it, or a choice in a choice
            # would have the name of the outer one.
            segment = str(index) if not alone else head if head in KEYWORDS else ""
            found.setdefault(label, (label, segment, child))
        return list(found.values())

    def condition(self, node: Node, place: Place) -> Condition | None:
        """What stands under `when`, if anything does."""
        when = node.value.get("when") if isinstance(node.value, dict) else None
        return None if when is None else self.conditions.condition(when, place)

    def _repeat(self, node: Node, value: dict[str, Node], place: Place) -> Part | None:
        """`repeat: N` with `of: [...]` and perhaps `share: true`."""
        before = len(self.problems)
        times = self.argument(value["repeat"], adapter(Copies), place / "repeat")
        share = self.flag(value, "share", place.path)
        if "of" not in value:
            self.problem(node, place.path, "nothing is repeated", "'of: [...]' beside 'repeat'")
            return None
        doubtful = len(self.problems) > before
        inside = place if share else place / "*"
        with self.conditions.copies(None if share else inside.pattern):
            body = self.block(value["of"], inside)
        if doubtful:  # one copy, or some other number of them
            return GroupPart(
                node.mark,
                (("*", GroupPart(node.mark, body, None, self.forgets)), ("", Unclear(node.mark))),
                None,
                self.forgets,
            )
        return RepeatPart(node.mark, times, body, share, self.forgets)

    def _residual(self, node: Node, value: dict[str, Node], place: Place) -> Part | None:
        """`residual: [...]`: the input beside the layers."""
        merge, project = self._merge(value, place)
        body = self.block(value["residual"], place)
        return self._branches(node, (("", ()), ("", body)), merge, project=project)

    def _parallel(self, node: Node, value: dict[str, Node], place: Place) -> Part | None:
        """`parallel: [...]` or `parallel: {label: ...}`, lists of layers."""
        merge, project = self._merge(value, place)
        branches = value["parallel"]
        if not isinstance(branches.value, list | dict) or len(branches.value) < 2:
            expected = "two or more lists of layers"
            self.problem(branches, place.path, "there are no branches", expected, describe(branches))
            return None
        self.labels(branches, place)
        labelled = branches.value if isinstance(branches.value, dict) else dict(enumerate(branches.value))
        found = tuple((str(label), self.inner(child, place / str(label))) for label, child in labelled.items())
        return self._branches(node, found, merge, project=project)

    def _branches(
        self, node: Node, branches: tuple[tuple[str, Block], ...], merge: Merge | None, *, project: bool
    ) -> Part:
        if merge is not None:
            return BranchesPart(node.mark, branches, merge, project, self.forgets)
        last = GroupPart(node.mark, branches[-1][1], None, self.forgets)
        return GroupPart(
            node.mark, ((branches[-1][0], last), ("", Unclear(node.mark, ranked=True))), None, self.forgets
        )

    def _merge(self, value: dict[str, Node], place: Place) -> tuple[Merge | None, bool]:
        """`merge: add` and `project: true`; no merge where there is a problem."""
        before = len(self.problems)
        project = self.flag(value, "project", place.path)
        if len(self.problems) > before:
            return None, project
        if "merge" not in value:
            return MERGES["add"](), project
        name = str(value["merge"].value)
        if name in MERGES:
            return MERGES[name](), project
        suggestion = nearest(name, list(MERGES))
        message, known = "no such merge", ", ".join(MERGES)
        mark, got = value["merge"].mark, describe(value["merge"])
        self.problems.append(Problem(mark, join(place.path, "merge"), message, known, got, suggestion))
        return None, project


def _without(node: Node, *left_out: str) -> Node:
    """A mapping less these keys; all else as it is."""
    if not isinstance(node.value, dict):
        return node
    return Node({key: child for key, child in node.value.items() if key not in left_out}, node.mark, node.keys)


def _label(node: Node) -> str:
    """The op, definition or keyword of an option: the shortest label that it can have; empty if it has none."""
    if isinstance(node.value, dict):
        heads = [key for key in node.value if key not in ("name", "when")]
        keyword = next((key for key in heads if key in KEYWORDS), "")
        head = keyword or next(iter(heads), "")
        return "" if head == "layers" else head
    return "" if isinstance(node.value, list) else str(node.value)


def _text(node: Node) -> str:
    """An option in one line: `max_pool(kernel=2)`, `conv(width=…)`, `conv + relu`."""
    if isinstance(node.value, dict) and "layers" in node.value:
        node = node.value["layers"]
    if isinstance(node.value, list):
        return " + ".join(map(_text, node.value)) or "nothing"
    head = _label(node)
    arguments = node.value.get(head) if isinstance(node.value, dict) else None
    if arguments is None or not isinstance(arguments.value, dict) or not arguments.value:
        return head
    inner = ", ".join(
        f"{key}={'…' if isinstance(child.value, dict | list) else child.value}"
        for key, child in arguments.value.items()
    )
    return f"{head}({inner})"


def _has_condition(node: Node) -> bool:
    """Whether a condition stands anywhere in it."""
    if isinstance(node.value, dict):
        return "when" in node.value or any(map(_has_condition, node.value.values()))
    return isinstance(node.value, list) and any(map(_has_condition, node.value))
