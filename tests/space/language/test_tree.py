"""How a walk goes through parts, whatever they are."""

from dataclasses import dataclass

import numpy as np
import pytest

from nas.errors import Mark, ShapeError
from nas.ops import Linear, ReLU
from nas.space import Choice, Value, parse_space
from nas.space.language.asks import NOTHING, Asks
from nas.space.language.condition import Fact
from nas.space.language.tree import (
    Action,
    Agenda,
    Deferred,
    Event,
    Misfit,
    Moved,
    Part,
    Point,
    Push,
    Question,
    advance,
    join,
    new_agenda,
    push_block,
)

MARK = Mark("f", 1, 2)


@dataclass(frozen=True)
class _Apply(Part):
    """A layer; raises what ops raise where it does not fit."""

    units: int
    asks: Asks = NOTHING

    def step(self, point: Point, here: Agenda, push: Push) -> Moved:
        op = Linear(self.units)
        shape = op.shape(point.shape)
        return Moved(point._replace(shape=shape), (Event(Action.APPLY, op, shape, op.cost(point.shape)),))


@dataclass(frozen=True)
class _Ask(Part):
    """A decision between widths, of which 0 is not allowed; always shared if `shared`."""

    shared: bool = False
    name: str = ""
    values: tuple[int, ...] = (2, 0, 3)

    @property
    def asks(self) -> Asks:
        return Asks(shared=frozenset((self.name,)))

    def step(self, point: Point, here: Agenda, push: Push) -> Question:
        branches = tuple(
            point.doing(push(_Apply(MARK, value), here.path, point.agenda)) if value else None for value in self.values
        )
        return Question(self.name or here.path, self.values, branches, self.shared)


def _point(*parts: Part, shape: tuple[int, ...] = (4,)) -> Point:
    return Point(
        push_block(new_agenda, tuple((f"p{index}", part) for index, part in enumerate(parts)), "", None, ()), shape
    )


def _take(question: Question | None, value: Value) -> Point:
    assert question is not None
    point = question.branches[question.values.index(value)]
    assert point is not None
    return point


def test_join() -> None:
    assert [join("a.b", "c"), join("", "c"), join("a", ""), join("", "")] == ["a.b.c", "c", "a", ""]


def test_a_block_is_done_in_order_and_then_the_rest() -> None:
    rest = new_agenda(_Apply(MARK, 9), "rest", None)
    block = ("", _Apply(MARK, 1, Asks(frozenset({"w"})))), ("x", _Apply(MARK, 2, Asks(frozenset({"v", "w"}))))
    agenda = push_block(new_agenda, block, "a.b", rest, (("v", 1), ("w", 2)))
    seen = []
    while agenda is not None:
        seen.append((agenda.path, agenda.scope, agenda.bound))
        agenda = agenda.rest
    assert seen == [("a.b", (("w", 2),), ()), ("a.b.x", (("v", 1), ("w", 2)), ()), ("rest", (), ())]


def test_an_agenda_asks_for_what_all_of_it_asks_for() -> None:
    one, other = Asks(decisions=frozenset({"a"})), Asks(shared=frozenset({"b"}))
    rest = new_agenda(_Apply(MARK, 1, one), "", None)
    agenda = new_agenda(_Apply(MARK, 2, other), "", rest)
    assert (rest.asks, agenda.asks) == (one, one | other)
    assert new_agenda(_Apply(MARK, 3), "", agenda).asks is agenda.asks


def test_a_walk_goes_on_to_the_next_decision_and_to_the_end() -> None:
    point, events, question = advance(_point(_Apply(MARK, 5), _Ask(MARK), _Apply(MARK, 7)), new_agenda)
    assert [event.op for event in events] == [Linear(5)]
    assert question is not None
    assert (question.name, question.values, question.branches[1]) == ("p1", (2, 0, 3), None)
    _, events, again = advance(point, new_agenda)
    assert again is not None
    assert (events, again.name) == ([], "p1"), "where a walk stops it asks again, and builds nothing twice"
    end, events, last = advance(_take(question, 3), new_agenda)
    assert [event.op for event in events] == [Linear(3), Linear(7)]
    assert (end.agenda, end.shape, last) == (None, (7,), None)


def test_what_does_not_fit_carries_its_place() -> None:
    with pytest.raises(Misfit) as caught:
        advance(_point(_Apply(MARK, 5), _Apply(MARK, 2), shape=(4, 4)), new_agenda)
    misfit = caught.value
    assert (misfit.mark, misfit.path) == (MARK, "p0")
    assert str(misfit) == misfit.message
    assert misfit.message.startswith("linear needs a flat input (F,), got 4×4")
    assert isinstance(misfit, ShapeError)


def test_while_copies_share_the_first_decides() -> None:
    parts = _Ask(MARK, name="same"), _Ask(MARK, name="other"), _Ask(MARK, name="same")
    _, _, first = advance(_point(*parts)._replace(sharing=1), new_agenda)
    _, _, second = advance(_take(first, 3), new_agenda)
    assert second is not None
    assert second.name == "other"
    _, events, last = advance(_take(second, 2), new_agenda)
    assert [event.op for event in events] == [Linear(2), Linear(3)]
    assert last is None


def test_a_decision_that_is_always_shared_is_made_once() -> None:
    parts = _Ask(MARK, shared=True, name="same"), _Ask(MARK), _Ask(MARK, shared=True, name="same")
    _, _, first = advance(_point(*parts), new_agenda)
    _, _, second = advance(_take(first, 3), new_agenda)
    _, events, last = advance(_take(second, 2), new_agenda)
    assert ([event.op for event in events], last) == ([Linear(2), Linear(3)], None)


def test_a_walk_remembers_what_something_later_asks_for() -> None:
    ask = _Ask(MARK, shared=True, name="same")
    shared, facts = (("same", 0), ("other.x", 1)), (Fact("a.norm", 1, "a"), Fact("act", 2, ""))

    def come_to(*later: Part, deferred: tuple[Deferred, ...] = ()) -> Point:
        return advance(_point(*later)._replace(shared=shared, facts=facts, deferred=deferred), new_agenda)[0]

    ends = come_to(_Apply(MARK, 1))
    assert (ends.shared, ends.facts) == ((), ())
    asks = come_to(_Ask(MARK), _Apply(MARK, 1, Asks(decisions=frozenset({"norm"}))), ask)
    assert (asks.shared, asks.facts) == (shared[:1], facts[:1])
    owner = _Owner(Asks(decisions=frozenset({"act"}), shared=frozenset({"other"})))
    asks = come_to(_Ask(MARK), deferred=(Deferred("x", owner, ()),))
    assert (asks.shared, asks.facts) == (shared[1:], facts[1:])


def test_what_was_shared_may_not_be_allowed_later() -> None:
    later = _Ask(MARK, shared=True, name="same", values=(0, 2))
    _, _, question = advance(_point(_Ask(MARK, shared=True, name="same", values=(2, 3)), later), new_agenda)
    with pytest.raises(Misfit, match=r"^0, shared by all copies, is not allowed$"):
        advance(_take(question, 2), new_agenda)


def test_only_decisions_that_are_asked_for_are_remembered() -> None:
    condition = _Apply(MARK, 1, Asks(decisions=frozenset({"a", "b"})))
    parts = _Ask(MARK, name="a"), _Ask(MARK, name="b"), _Ask(MARK, name="a"), condition

    def asked_at(name: str) -> str | None:
        return "x.y" if name == "a" else None

    point = _point(*parts)
    facts = []
    for value in (2, 3, 3):
        _, _, question = advance(point, new_agenda, asked_at=asked_at)
        point = _take(question, value)
        facts.append(point.facts)
    assert facts == [(Fact("a", value, "x.y"),) for value in (2, 2, 3)], "the last decision of a name counts"


@dataclass(frozen=True)
class _Owner:
    """Copies that are decided together: one layer as wide as there are copies."""

    asks: Asks = NOTHING

    def decide(self, copies: tuple[tuple[object, int], ...]) -> Part:
        return _Apply(MARK, sum(count for _, count in copies))


def test_what_was_deferred_is_decided_at_the_end() -> None:
    deferred = Deferred("x", _Owner(), (("one", 2), ("other", 3))), Deferred("y", _Owner(), (("one", 1),))
    point = _point(_Apply(MARK, 9))._replace(deferred=deferred)
    end, events, question = advance(point, new_agenda)
    assert [event.op for event in events] == [Linear(9), Linear(5), Linear(1)]
    assert (end.deferred, question) == ((), None)


def test_each_step_ticks() -> None:
    ticks = []
    advance(_point(_Apply(MARK, 1), _Apply(MARK, 2), _Ask(MARK)), new_agenda, tick=lambda: ticks.append(1))
    assert len(ticks) == 3


def test_doing_changes_the_agenda_alone() -> None:
    agenda = new_agenda(_Apply(MARK, 1), "", None)
    point = Point(None, (4,), ((5,),), (6,), (("a", 1),), 2, (Fact("b", True, ""),))
    assert point.doing(agenda) == point._replace(agenda=agenda)
    assert type(point.doing(None)) is Point


def test_walks_are_the_same_whichever_picker_makes_them() -> None:
    space = parse_space(
        "input: [4]\nlayers: [{repeat: {choice: [1, 2]}, of: [{linear: {units: {choice: [1, 2]}}}, relu]}]"
    )
    seen: list[str] = []

    def last(choice: Choice) -> Value:
        seen.append(choice.name)
        return choice.options[-1]

    arch = space.walk(last)
    assert seen == [name for name, _ in arch.choices] == ["0.repeat", "0.0.0.linear.units", "0.1.0.linear.units"]
    assert [layer.op for layer in arch.layers] == [Linear(2), ReLU()] * 2
    assert space.rebuild(dict(arch.choices)) == arch
    assert space.sample(np.random.default_rng(0)) in list(space)
