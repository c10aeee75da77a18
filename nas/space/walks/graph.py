"""The graph of all walks through a space, with the data for look-ahead.

A `State` is a decision in a given situation; an `Edge` is one of its options, with what it adds to the network. Walks
that reach the same point share a state, so the graph is far smaller than the space (a few hundred states for billions
of architectures), and sums over it are exact.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, partial

from nas.collector import paused_collector
from nas.errors import Mark, UsageError
from nas.ops import Cost, Shape
from nas.ops.op import FREE
from nas.space.choice import Value
from nas.space.language.condition import Scope, place_of
from nas.space.language.tree import Agenda, Event, Misfit, Part, Point, Push, Question, advance, new_agenda, read_by
from nas.space.network.layer import total

MAX_STEPS = 400_000
"""Steps of exploration (some three seconds) after which a space is rejected: a few lines of nested or shared repeats
can have more states than fit in memory. `mobilenet_like.yaml` takes 115,000."""


@dataclass(eq=False, slots=True)
class State:
    """A decision in a situation, or the end of a walk (`name` is empty).

    Attributes:
        name: path of the decision.
        values: all options of the decision in the file, legal here or not.
        edges: the options that lead to a complete network, regardless of limits.
        size: number of architectures below, regardless of limits.
        low, high: bounds of their remaining cost.
    """

    name: str = ""
    values: tuple[Value, ...] = ()
    edges: "list[Edge]" = field(default_factory=list)
    size: int = 0
    low: Cost = FREE
    high: Cost = FREE


@dataclass(eq=False, slots=True)
class Edge:
    """An option: what it adds to the network, and the state that it leads to."""

    value: Value
    events: tuple[Event, ...]
    cost: Cost
    state: State


@dataclass(frozen=True)
class Graph:
    """The states with members below, in topological order, and the reasons for dead ends."""

    root: Edge
    states: tuple[State, ...]
    misfits: tuple[Misfit, ...]


@paused_collector()
def build_graph(start: Point, output: Shape | None, references: frozenset[str] = frozenset()) -> Graph:
    """Explores all points that can be reached from `start`.

    Walks that end in a shape other than `output` are not members (None: any shape). If the space is empty, the state of
    the root has size 0, and `misfits` say why. `references` are the names by which conditions refer to earlier
    decisions.

    Raises:
        UsageError: exploration takes more than MAX_STEPS.
    """
    steps = 0

    def tick() -> None:
        nonlocal steps
        steps += 1
        if steps > MAX_STEPS:
            raise UsageError(
                f"the space has too many situations to explore (over {MAX_STEPS:,} steps); "
                "give fewer copies, or let fewer decisions be shared"
            )

    push = interning_push(tick)
    asked_at = cache(partial(place_of, references=references))
    states: dict[Point, State] = {}
    misfits: dict[tuple[str, str], Misfit] = {}
    end = State(size=1)
    dead = State()
    order: list[State] = []

    def follow(value: Value, point: Point) -> tuple[Edge, Question | None]:
        """The edge that begins at `point`, and the question at its end if that state is new."""
        try:
            stop, events, question = advance(point, push, tick=tick, asked_at=asked_at)
        except Misfit as misfit:
            misfits.setdefault((str(misfit.mark), str(misfit)), misfit)
            return Edge(value, (), FREE, dead), None
        cost = total(event.cost for event in events)
        if question is None:
            fits = output is None or stop.shape == output
            if not fits:
                misfits.setdefault(("", str(stop.shape)), wrong_end(stop.shape, output or ()))
            return Edge(value, tuple(events), cost, end if fits else dead), None
        state = states.get(stop)
        if state is not None:
            return Edge(value, tuple(events), cost, state), None
        states[stop] = state = State(question.name, question.values)
        return Edge(value, tuple(events), cost, state), question

    root, question = follow(None, start)
    # Depth first with an explicit stack: a state is finished (and appended) when everything below it is finished.
    stack: list[tuple[State, list[tuple[Value, Point]]]] = []
    if question is not None:
        stack.append((root.state, _reversed_options(question)))
    while stack:
        state, todo = stack[-1]
        if not todo:
            finish(state)
            if state.size:
                order.append(state)
            stack.pop()
            continue
        value, point = todo.pop()
        edge, question = follow(value, point)
        state.edges.append(edge)
        if question is not None:
            stack.append((edge.state, _reversed_options(question)))
    return Graph(root, tuple(reversed(order)), tuple(misfits.values()))


def finish(state: State) -> None:
    """Removes dead edges, and sums over the states below, which are finished."""
    state.edges = [edge for edge in state.edges if edge.state.size]
    state.size = sum(edge.state.size for edge in state.edges)
    if state.edges:
        state.low = Cost(*(min(edge.cost[i] + edge.state.low[i] for edge in state.edges) for i in range(len(FREE))))
        state.high = Cost(*(max(edge.cost[i] + edge.state.high[i] for edge in state.edges) for i in range(len(FREE))))


def _reversed_options(question: Question) -> list[tuple[Value, Point]]:
    pairs = zip(question.values, question.branches, strict=True)
    return [(value, branch) for value, branch in pairs if branch is not None][::-1]


def wrong_end(shape: Shape, output: Shape) -> Misfit:
    return Misfit(Mark(""), "", f"the output of the network has shape {shape}, expected {output}")


def interning_push(tick: Callable[[], None]) -> Push:
    made: dict[tuple[Part, str, Agenda | None, Scope, tuple[Value, ...]], Agenda] = {}

    def push(part: Part, path: str, rest: Agenda | None, *, scope: Scope = (), bound: tuple[Value, ...] = ()) -> Agenda:
        key = part, path, rest, scope, bound
        found = made.get(key)
        if found is None:
            read = read_by(part.asks, scope)
            if len(read) < len(scope):
                found = push(part, path, rest, scope=read, bound=bound)
            else:
                tick()
                found = new_agenda(part, path, rest, scope=scope, bound=bound)
            made[key] = found
        return found

    return push
