"""Values on the command line that replace those of a file: `budget.trials=20`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from nas.document import Node, describe, parse_document
from nas.errors import Diagnostic, Mark, SpecError


@dataclass(frozen=True)
class Override:
    """A value for one place in a file. All other values stay as they are.

    Attributes:
        path: keys, and indices of lists, from the outermost.
        value: the new value.
        mark: the argument or the option, for errors.
    """

    path: tuple[str, ...]
    value: Node
    mark: Mark

    @classmethod
    def parsed(cls, text: str) -> "Override":
        """The override in `key=value`. Raises SpecError if the text has another form."""
        key, equals, value = text.partition("=")
        mark = Mark(f"argument {text!r}")
        if not equals or not all(key.split(".")):
            raise SpecError([Diagnostic(mark, "", "this is not an override", "key=value, as in budget.trials=20")])
        return cls._of(key, value, mark)

    @classmethod
    def of_option(cls, option: str, key: str, value: object) -> "Override":
        """The override of an option such as `--trials 20`. Raises SpecError."""
        return cls._of(key, str(value), Mark(f"option '{option} {value}'"))

    @classmethod
    def _of(cls, key: str, value: str, mark: Mark) -> "Override":
        node = parse_document(value, mark.file) if value else Node(None, mark)
        return cls(tuple(key.split(".")), _at(node, mark), mark)

    @property
    def key(self) -> str:
        """The path as text."""
        return ".".join(self.path)

    def replaces(self, other: "Override") -> bool:
        """Whether this override discards another one that came before it."""
        return other.path[: len(self.path)] == self.path

    def put(self, node: Node) -> Node:
        """The file with this value. Raises SpecError if the path leads through a value without keys."""
        return self._put(node, 0)

    def _put(self, node: Node, depth: int) -> Node:
        if depth == len(self.path):
            return self.value
        step, after = self._step(node, depth)
        if isinstance(node.value, list) and step.isdecimal() and int(step) < len(node.value):
            place = int(step)
            items = [*node.value[:place], self._put(node.value[place], after), *node.value[place + 1 :]]
            return Node(items, node.mark)
        if isinstance(node.value, dict) or node.value is None:
            children = node.value or {}
        elif node.value == step:  # a name without settings
            children = {step: Node({}, node.mark)}
        else:
            done = ".".join(self.path[:depth])
            expected = f"{done}={{{step}: ...}}, which replaces it"
            raise SpecError([Diagnostic(self.mark, done, f"there is no {step!r} in {describe(node)}", expected)])
        child = self._put(children.get(step, Node(None, self.mark)), after)
        # The override may be the reason for problems of every value on its path.
        return Node({**children, step: child}, node.mark, {**node.keys, step: self.mark})

    def _step(self, node: Node, depth: int) -> tuple[str, int]:
        """The next key, and the depth after it. A key of the file may have dots itself: `mine.py:HillClimbing`."""
        known = node.value if isinstance(node.value, dict) else (node.value,)
        for after in range(len(self.path), depth + 1, -1):
            key = ".".join(self.path[depth:after])
            if key in known:
                return key, after
        return self.path[depth], depth + 1


def override(node: Node, overrides: Iterable[Override]) -> Node:
    """The file with all overrides. Raises SpecError if one discards another, or leads through a value without keys."""
    given: list[Override] = []
    problems: list[Diagnostic] = []
    for one in overrides:
        problems += _repeated(one, given)
        given.append(one)
        try:
            node = one.put(node)
        except SpecError as error:
            problems += error.problems
    if problems:
        raise SpecError(problems)
    return node


def _repeated(one: Override, given: Sequence[Override]) -> list[Diagnostic]:
    return [
        Diagnostic(one.mark, one.key, f"this value is given twice, also by {other.mark}")
        for other in given
        if one.replaces(other)
    ]


def _at(node: Node, mark: Mark) -> Node:
    """The same values, all with one mark."""
    if isinstance(node.value, dict):
        children = {key: _at(child, mark) for key, child in node.value.items()}
        return Node(children, mark, dict.fromkeys(children, mark))
    if isinstance(node.value, list):
        return Node([_at(child, mark) for child in node.value], mark)
    return Node(node.value, mark)
