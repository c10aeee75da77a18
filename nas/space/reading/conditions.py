"""Reads conditions: `when: {size: ">= 4", norm: [batch_norm, group_norm]}`."""

import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from nas.document import Node, describe
from nas.errors import Diagnostic, Mark
from nas.space.choice import Value
from nas.space.language.condition import MEASURES, OPERATORS, Compare, Condition, OneOf, Word, is_number
from nas.space.language.formula import NUMBER, TEXT, Formula, read_formula, words_of
from nas.space.language.tree import join
from nas.space.reading.aliases import nearest
from nas.space.reading.arithmetic import read_arithmetic
from nas.space.reading.place import OUTPUTS, Place
from nas.space.reading.values import ValueReader

COMPARISON = re.compile(rf"({'|'.join(OPERATORS)})\s*([-+]?{NUMBER.pattern}|[A-Za-z_][A-Za-z0-9_]*|{TEXT})")
_SIGNS = {"=>": ">=", "=<": "<=", "==": ""}
_REFERENCE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*")


@dataclass
class _Asked:
    """A test of a decision or of a word.

    Attributes:
        name: name of the decision or word.
        node, test, tested: the node of the name, the test, and its node.
        place: place of the condition.
        made: number of decisions made when a walk first reaches the condition.
        again: decisions made when a walk returns to it: from one number to another, without those at a path.
    """

    name: str
    node: Node
    test: OneOf | Compare
    tested: Node
    place: Place
    made: int
    again: list[tuple[int, int, str | None]]

    def sees(self, pattern: str, number: int) -> bool:
        """Whether a decision may have been made when the condition is evaluated."""
        return number < self.made or any(
            first <= number < last and (path is None or not f"{pattern}.".startswith(f"{path}."))
            for first, last, path in self.again
        )


class ConditionReader:
    """Reads conditions, and records the decisions that they refer to.

    Attributes:
        references: the names of these decisions.
        never: the tests that never hold, by identity of their nodes; conditions with such tests count as unreadable.
    """

    def __init__(self, reader: ValueReader, never: Collection[int] = ()) -> None:
        self.reader = reader
        self.references: set[str] = set()
        self.never = set(never)
        self._asked: list[_Asked] = []

    @contextmanager
    def copies(self, path: str | None) -> Iterator[None]:
        """Marks what is read in this context as repeated: later copies see the decisions of earlier ones.

        Decisions at `path` are made by each copy for itself, and are unknown to the others.
        """
        asked, decided = len(self._asked), len(self.reader.decisions)
        yield
        last = len(self.reader.decisions)
        if last > decided:
            for one in self._asked[asked:]:
                one.again.append((decided, last, path))

    def condition(self, node: Node, place: Place) -> Condition | None:
        """`{subject: test}`; a subject is a measure, a known word, or the name of an earlier decision."""
        path = join(place.path, "when")
        if not isinstance(node.value, dict) or not node.value:
            expected = "a mapping such as {size: '>= 4'}"
            self.reader.problem(node, path, "a condition must be a mapping", expected, describe(node))
            return None
        tests: list[tuple[str, OneOf | Compare]] = []
        for subject, child in node.value.items():
            if subject == OUTPUTS and subject in place.data:
                mark = node.keys.get(subject, child.mark)
                expected = f"{', '.join(MEASURES)}, a parameter, or the name of a decision"
                self.reader.problems.append(Diagnostic(mark, path, "the number of outputs is not a decision", expected))
                continue
            test = self._test(child, place, path)
            if subject not in MEASURES or subject in place.scope:
                self._ask(Node(subject, node.keys.get(subject, child.mark)), test, child, place)
            if subject in MEASURES and subject not in place.scope and isinstance(test, OneOf):
                self._check_kind(subject, test, child, path)
            if test is not None:
                tests.append((subject, test))
        given = node.value.values()
        return Condition(tuple(tests)) if len(tests) == len(given) and self.never.isdisjoint(map(id, given)) else None

    def _check_kind(self, measure: str, test: OneOf, node: Node, path: str) -> None:
        """Reports values that a measure never has."""
        for value in test.values:
            fits = isinstance(value, bool) if measure == "flat" else is_number(value)
            if not fits and not isinstance(value, Word | Formula):
                expected = "true or false" if measure == "flat" else "a number, or text such as '>= 4'"
                self.reader.problem(node, path, f"{measure} never has this value", expected, describe(node))

    def _ask(self, node: Node, test: OneOf | Compare | None, tested: Node, place: Place) -> None:
        """Records a reference to a decision or a word."""
        name, path = str(node.value), join(place.path, "when")
        if name not in place.scope:
            if place.cell:
                expected = ", ".join([*MEASURES, *place.scope])
                self.reader.problem(node, path, "a condition in a cell cannot refer to decisions", expected, name)
                return
            if not _REFERENCE.fullmatch(name):
                expected = "names with dots between; the numbers of copies are left out"
                if any(sign in name for sign in OPERATORS):
                    expected = "the test behind a colon, as in {size: '>= 4'}"
                self.reader.problem(node, path, f"{name!r} is not the name of a decision", expected)
                return
            self.references.add(name)
        if test is not None:
            self._asked.append(_Asked(name, node, test, tested, place, len(self.reader.decisions), []))

    def _test(self, node: Node, place: Place, path: str) -> OneOf | Compare | None:
        value = node.value
        if isinstance(value, list) and value and not any(isinstance(one.value, list | dict) for one in value):
            return OneOf(tuple(self._value(one, place) for one in value))
        if isinstance(value, list | dict):
            expected = "a value, a list of values, or text such as '>= 4'"
            self.reader.problem(node, path, "not a test", expected, describe(node))
            return None
        if isinstance(value, str) and value[:1] in "<>!=":
            found, before = COMPARISON.fullmatch(value), len(self.reader.problems)
            number = None if found is None else self._number(found[2], node, place)
            if found is not None and number is not None:
                return Compare(found[1], number)
            if len(self.reader.problems) > before:
                return None
            expected = f"one of {', '.join(OPERATORS)} and a number"
            sign, rest, got = value[:2], value[2:], describe(node)
            suggestion = f"{_SIGNS[sign]}{rest}".strip() if sign in _SIGNS else ""
            self.reader.problems.append(Diagnostic(node.mark, path, "not a comparison", expected, got, suggestion))
            return None
        return OneOf((self._value(node, place),))

    def _number(self, text: str, node: Node, place: Place) -> float | Word | Formula | None:
        """A number, a word or arithmetic, given as text."""
        if read_formula(text) is not None:
            return read_arithmetic(self.reader, node, text, None, place / "when")
        if place.knows(text):
            found = self._value(Node(text, node.mark), place)
            return found if isinstance(found, int | float | Word) else None
        try:
            return float(text)
        except ValueError:
            return None

    def _value(self, node: Node, place: Place) -> Value | Word | Formula:
        """A literal, a word, or arithmetic on words; words of the data are known when the file is read."""
        value = node.value
        assert not isinstance(value, list | dict)  # noqa: S101  the caller has looked
        if isinstance(value, str) and value in place.scope:
            return Word(value)
        given = place.data.get(value) if isinstance(value, str) else None
        if is_number(given):
            return given
        if isinstance(value, str) and read_formula(value) is not None and all(map(place.knows, words_of(value))):
            return read_arithmetic(self.reader, node, value, None, place / "when")
        return value

    def check(self) -> None:
        """Reports conditions that never hold, because a decision is made later or lacks the option.

        A condition in a definition need only hold in some use.
        """
        uses: dict[int, list[_Asked]] = {}
        for asked in self._asked:
            uses.setdefault(id(asked.tested), []).append(asked)
        for tested, several in uses.items():
            found = [self._mistakes(asked) for asked in several]
            if all(found):
                self.reader.problems.extend(found[0])
                self.never.add(tested)

    def _mistakes(self, asked: _Asked) -> list[Diagnostic]:
        """The problems of a test that never holds; empty if it may hold."""
        if asked.name in asked.place.scope:
            values = asked.place.scope[asked.name]
            # A word with a single value is set by the use of the definition, so no value is a mistake.
            several = len(values) > 1 and asked.name not in asked.place.open
            return self._without_option(asked, values) if several else []
        path, name = join(asked.place.path, "when"), asked.name
        decisions, broken = self.reader.decisions, self.reader.broken
        meant = {pattern: one for pattern, one in decisions.items() if _means(name, pattern, asked.place.pattern)}
        if not meant:
            if any(name.partition(".")[0] in pattern.split(".") for pattern in broken):
                return []  # the part that should decide on it has its own problem
            known = [*MEASURES, *sorted({decision.split(".")[-1] for decision in decisions})]
            known = [word for word in known if not word.isdigit() and word != "*"]
            expected = f"{', '.join(MEASURES)}, or the name of a decision"
            close = nearest(name, [word for word in known if word != name])
            return [Diagnostic(asked.node.mark, path, f"no decision is named {name!r}", expected, "", close)]
        seen = {pattern: one for pattern, one in meant.items() if asked.sees(pattern, one.number)}
        if not seen:
            expected = "an earlier decision"
            return [Diagnostic(asked.node.mark, path, f"{name!r} is decided later", expected)]
        if not broken.isdisjoint(seen):
            return []
        return self._without_option(asked, [option for one in seen.values() for option in one.options.values()])

    def _without_option(self, asked: _Asked, options: Sequence[Value]) -> list[Diagnostic]:
        """A problem for each value that is not an option, or for a comparison that no option satisfies."""
        test = asked.test
        path, expected = join(asked.place.path, "when"), _listed(options)
        values: Sequence[Value | Word | Formula] = (test.number,) if isinstance(test, Compare) else test.values
        if any(self.reader.is_open(value, asked.place) for value in values):
            return []

        def possible(value: Value | Word | Formula) -> Sequence[Value]:
            return self.reader.possible(value, asked.place)

        if isinstance(test, Compare):
            tests = [Compare(test.relation, number) for number in possible(test.number) if is_number(number)]
            if any(one.holds(option, ()) for one in tests for option in options):
                return []
            message = f"no option of {asked.name!r} satisfies this"
            return [Diagnostic(asked.tested.mark, path, message, expected, describe(asked.tested))]
        nodes = asked.tested.value if isinstance(asked.tested.value, list) else [asked.tested]
        problems: list[Diagnostic] = []
        for node, value in zip(nodes, test.values, strict=True):
            if not any(OneOf((one,)).holds(option, ()) for one in possible(value) for option in options):
                close = nearest(str(node.value), [option for option in options if isinstance(option, str)])
                message = f"{asked.name!r} has no such option"
                problems.append(Diagnostic(node.mark, path, message, expected, describe(node), close))
        return problems


def _listed(options: Sequence[Value]) -> str:
    """The options, abbreviated."""
    shown = [describe(Node(option, Mark(""))).removeprefix("the text ").strip("'") for option in options[:8]]
    return ", ".join([*shown, *([f"or one of {len(options) - 8:,} more"] if len(options) > 8 else [])])


def _means(name: str, decision: str, pattern: str) -> bool:
    """Whether a name at a place may refer to a decision: the decision ends in it, and the rest of its path encloses."""
    if decision == name:
        return True
    above = decision.removesuffix(f".{name}")
    return above != decision and f"{pattern}.".startswith(f"{above}.")
