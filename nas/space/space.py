"""A space of architectures, and the one walk that everything goes through."""

import hashlib
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import accumulate
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from nas.arguments import checked
from nas.errors import Mark, Problem, SizeUnknown, SpecError, UsageError
from nas.ops import Cost, Shape
from nas.space.architecture import Architecture, Value, total
from nas.space.encode import encode, encode_cell
from nas.space.language.assemble import assemble
from nas.space.language.tree import Block, Point, new_agenda, push_block
from nas.space.walks.graph import Edge, Graph, State, build_graph
from nas.space.walks.kept import Choices, Kept
from nas.space.walks.limits import Budget, Limits
from nas.space.walks.misfits import as_problems, find_misfits
from nas.space.walks.reached import Ahead, reached
from nas.space.walks.survey import draw, size_note, survey

MAX_OFFERS = 10_000
"""Choices that a space remembers at the most, so that memory stays bounded however long the search."""


@dataclass(frozen=True)
class Choice:
    """A decision met during a walk.

    Attributes:
        name: its path in the space file, unique within the space.
        options: the legal ones: from each of them at least one complete architecture can be reached.
        weigh: counts the architectures below each option; called when `weights` is first read.
    """

    name: str
    options: tuple[Value, ...]
    weigh: Callable[[], tuple[int, ...]] = field(repr=False, compare=False)

    @cached_property
    def weights(self) -> tuple[int, ...]:
        """How many architectures lie below each option."""
        return self.weigh()

    @cached_property
    def _cumulative(self) -> tuple[float, ...]:
        total = sum(self.weights)
        return tuple(part / total for part in accumulate(self.weights))

    def draw(self, rng: np.random.Generator) -> Value:
        """An option, with the probability that makes all architectures of the space equally likely."""
        return self.options[self.draw_index(rng)]

    def draw_index(self, rng: np.random.Generator) -> int:
        """The place of such an option."""
        last = len(self.options) - 1
        return min(bisect_right(self._cumulative, rng.random()), last) if last else 0


Pick = Callable[[Choice], Value]
"""Takes one of the options of a choice. Sampling, mutation, policies and replay differ in nothing else."""


class Outline(NamedTuple):
    """The decisions of an architecture, as in `Architecture.choices`, and what it costs."""

    choices: Choices
    cost: Cost


class _Branch(NamedTuple):
    """An option: the edge, what is left then (None: limits do not matter), and how the decision is recorded."""

    edge: Edge
    left: Any
    decided: tuple[str, Value]


class _Ahead(Ahead, Protocol):
    """Says which options still lead to a member: limits that must be kept, or members that are."""

    @property
    def exact(self) -> bool:
        """Whether counts are exact."""

    @property
    def whole(self) -> Any:
        """What is left of a walk before it begins."""

    def count(self, state: State, left: Any) -> int:
        """How many members lie there."""


@dataclass(frozen=True)
class _Offer:
    """A choice, and its options in order."""

    choice: Choice
    branches: tuple[_Branch, ...]

    def take(self, value: Value) -> _Branch:
        """The branch of an option. Raises UsageError if it is none."""
        for branch in self.branches:
            if branch.decided[1] == value:
                return branch
        options = self.choice.options
        raise UsageError(f"{self.choice.name}: {value!r} is not an option here; the options are {options}")

    def draw(self, rng: np.random.Generator) -> _Branch:
        """A branch, drawn as by `Choice.draw`."""
        return self.branches[self.choice.draw_index(rng)]


@checked
@dataclass(frozen=True, eq=False)
class Space:
    """The set of architectures that a space file allows.

    Use `nas.load_space` to make one. Nothing is explored before it is needed; the first walk explores the graph.

    Attributes:
        name: the space's name.
        input: shape of one sample, without the batch.
        output: shape that every architecture must end in; None: any.
        block: the parts of the space file.
        limits: bounds that every architecture keeps.
        references: the names under which conditions of the file ask for earlier decisions.
        source: the text or the object that the space was read from, in plain data.
        mark: where the space begins in its file.
        kept: the decisions of the only members that it has; None: all that its file allows.
        whole: the space that these were kept of.
    """

    name: str
    input: Shape
    output: Shape | None
    block: Block
    limits: Limits
    source: Mapping[str, Any]
    references: frozenset[str] = frozenset()
    mark: Mark = field(default_factory=lambda: Mark("<space>"))
    kept: Collection[Choices] | None = None
    whole: "Space | None" = None

    @cached_property
    def graph(self) -> Graph:
        """The states and edges of all walks.

        Raises:
            SpecError: no architecture fits the shapes or the limits; says why.
        """
        if self.whole is not None:
            return self.whole.graph
        start = Point(push_block(new_agenda, self.block, "", None, ()), self.input)
        try:
            graph = build_graph(start, self.output, self.references)
        except UsageError as error:
            raise SpecError([Problem(self.mark, "", str(error))]) from error
        if not graph.root.state.size:
            misfits = find_misfits(start, self.output, self.references) or graph.misfits
            raise SpecError(as_problems(misfits, self.mark))
        return graph

    @cached_property
    def _budget(self) -> "_Ahead | None":
        if self.kept is not None:
            return Kept(self.graph, self.kept)
        if not self.limits.bounds:
            return None
        graph = self.graph
        try:
            budget = Budget(graph, self.limits)
        except UsageError as error:
            raise SpecError([Problem(self.mark, "limits", str(error))]) from error
        if not budget.follow([graph.root], budget.whole):
            lows, highs = self._bounds()
            got = ", ".join(
                f"{name} from {getattr(lows, name):,} to {getattr(highs, name):,}" for name in self.limits.bounds
            )
            raise SpecError([Problem(self.mark, "limits", "no architecture keeps the limits", got=got)])
        return budget

    def _bounds(self) -> tuple[Cost, Cost]:
        root = self.graph.root
        return (
            Cost(*map(int.__add__, root.cost, root.state.low)),
            Cost(*map(int.__add__, root.cost, root.state.high)),
        )

    def check(self) -> None:
        """Explores the space. Raises SpecError if it has no member."""
        _ = self.graph, self._budget

    @cached_property
    def _start(self) -> Any:
        """What is left at the first decision."""
        budget = self._budget
        return None if budget is None else budget.follow([self.graph.root], budget.whole)[0][1]

    @cached_property
    def _offers(self) -> dict[tuple[State, Any], _Offer]:
        return {}

    def _make_offer(self, state: State, left: Any) -> _Offer:
        """The choice at a state; `left` is None where the limits cannot be broken any more."""
        if len(self._offers) >= MAX_OFFERS:
            self._offers.clear()
        budget, name = self._budget, state.name
        if left is None or budget is None:
            branches = tuple([_Branch(edge, None, (name, edge.value)) for edge in state.edges])

            def weigh() -> tuple[int, ...]:
                return tuple([edge.state.size for edge, _, _ in branches])
        else:
            followed = budget.follow(state.edges, left)
            branches = tuple([_Branch(edge, rest, (name, edge.value)) for edge, rest in followed])

            def weigh() -> tuple[int, ...]:
                known: dict[tuple[State, Any], int] = {}  # layers without parameters often lead to one state
                for edge, rest, _ in branches:
                    if (edge.state, rest) not in known:
                        known[edge.state, rest] = budget.count(edge.state, rest)
                return tuple([known[edge.state, rest] for edge, rest, _ in branches])

        offer = _Offer(Choice(name, tuple([value for _, _, (_, value) in branches]), weigh), branches)
        self._offers[state, left] = offer
        return offer

    def walk(self, pick: Pick) -> Architecture:
        """The architecture that comes out when `pick` takes one of the legal options of each choice that is reached.

        Raises:
            UsageError: `pick` gave something that is not among the options.
        """
        return self._walk(lambda offer: offer.take(pick(offer.choice)))

    def outline(self, pick: Pick) -> Outline:
        """What `walk` decides and what that costs; no layers are made, which takes a tenth of the time.

        Raises:
            UsageError: `pick` gave something that is not among the options.
        """
        choices, edges = self._visit(lambda offer: offer.take(pick(offer.choice)))
        return Outline(choices, total(edge.cost for edge in edges))

    def _walk(self, step: Callable[[_Offer], _Branch]) -> Architecture:
        choices, edges = self._visit(step)
        events = [event for edge in edges for event in edge.events]
        return Architecture(choices, assemble(events, choices)[0], self.input)

    def _visit(self, step: Callable[[_Offer], _Branch]) -> tuple[Choices, list[Edge]]:
        """What is decided on a walk, and the edges that it takes, the one to the first decision among them."""
        edge, left, offers = self.graph.root, self._start, self._offers
        decided: list[tuple[str, Value]] = []
        edges = [edge]
        while (state := edge.state).name:
            edge, left, made = step(offers.get((state, left)) or self._make_offer(state, left))
            decided.append(made)
            edges.append(edge)
        return tuple(decided), edges

    def sample(self, rng: np.random.Generator) -> Architecture:
        """An architecture, each one equally likely (up to rounding where `size` is unknown)."""
        return self._walk(lambda offer: offer.draw(rng))

    def rebuild(self, choices: Mapping[str, Value]) -> Architecture:
        """The architecture with these decisions, as in `Architecture.choices`.

        Raises:
            UsageError: a decision is missing, is illegal, or is never reached.
        """
        left = dict(choices)

        def stored(choice: Choice) -> Value:
            if choice.name not in left:
                raise UsageError(f"{choice.name}: this decision is missing; the options are {choice.options}")
            return left.pop(choice.name)

        arch = self.walk(stored)
        if left:
            raise UsageError(f"no such decision is reached: {', '.join(sorted(left))}")
        return arch

    def choices_of(self, arch: Architecture | Outline) -> list[Choice]:
        """The choices that are met on the walk to `arch`, with the options that are legal there."""
        left = iter(arch.choices)
        choices: list[Choice] = []

        def again(offer: _Offer) -> _Branch:
            choices.append(offer.choice)
            name, value = next(left, ("", None))
            if name != offer.choice.name:
                raise UsageError(f"{offer.choice.name}: this decision is missing in an architecture of another space")
            return offer.take(value)

        self._visit(again)
        return choices

    def mutate(self, arch: Architecture, rng: np.random.Generator) -> Architecture:
        """`arch` with one decision that it reached changed, each decision and each other option equally likely.

        The other decisions stay; those that the change opens, or makes illegal, are drawn anew. Where no decision has
        another legal option, `arch` itself.
        """
        open_ = [choice for choice in self.choices_of(arch) if len(choice.options) > 1]
        if not open_:
            return arch
        old = dict(arch.choices)
        target = open_[rng.integers(len(open_))]
        others = [option for option in target.options if option != old[target.name]]
        changed = others[rng.integers(len(others))]

        def pick(choice: Choice) -> Value:
            if choice.name == target.name:
                return changed
            kept = old.get(choice.name)
            return kept if choice.name in old and kept in choice.options else choice.draw(rng)

        return self.walk(pick)

    def cross(self, a: Architecture, b: Architecture, rng: np.random.Generator) -> Architecture:
        """Each decision from `a` or from `b`, as a coin falls (uniform crossover; Syswerda 1989).

        Where the chosen parent has no such decision or it is illegal here, the other one's; else it is drawn anew.
        """
        parents = dict(a.choices), dict(b.choices)

        def pick(choice: Choice) -> Value:
            first = int(rng.integers(2))
            for parent in (parents[first], parents[1 - first]):
                if choice.name in parent and parent[choice.name] in choice.options:
                    return parent[choice.name]
            return choice.draw(rng)

        return self.walk(pick)

    def neighbours(self, arch: Architecture) -> Iterator[Architecture]:
        """Every architecture that `mutate` can make of `arch`, in order."""
        old = dict(arch.choices)
        for target in self.choices_of(arch):
            for changed in target.options:
                if changed == old[target.name]:
                    continue

                def allowed(choice: Choice, target: Choice = target, changed: Value = changed) -> Sequence[Value]:
                    if choice.name == target.name:
                        return (changed,)
                    kept = old.get(choice.name)
                    return (kept,) if choice.name in old and kept in choice.options else choice.options

                yield from self._all(allowed)

    def __iter__(self) -> Iterator[Architecture]:
        """All architectures, in the order of the options in the file, the last decision changing fastest."""
        return self._all(lambda choice: choice.options)

    def _all(self, allowed: Callable[[Choice], Sequence[Value]]) -> Iterator[Architecture]:
        """Every walk that keeps to the options `allowed`: an odometer over the decisions of the last walk."""
        wheels: list[tuple[Sequence[Value], int]] = []
        place = 0

        def pick(choice: Choice) -> Value:
            nonlocal place
            if place == len(wheels):
                wheels.append((allowed(choice), 0))
            options, index = wheels[place]
            place += 1
            return options[index]

        while True:
            place = 0
            yield self.walk(pick)
            while wheels and wheels[-1][1] + 1 == len(wheels[-1][0]):
                wheels.pop()
            if not wheels:
                return
            options, index = wheels.pop()
            wheels.append((options, index + 1))

    @cached_property
    def counted(self) -> int | None:
        """The exact number of architectures, by decisions: networks that coincide are counted as often as spelled.

        None where limits make that too costly.
        """
        root, budget = self.graph.root, self._budget
        if budget is None:
            return root.state.size
        return budget.count(root.state, self._start) if budget.exact else None

    @property
    def size(self) -> int:
        """`counted`, where it is known.

        Raises:
            SizeUnknown: the limits make exact counting too costly; the message holds an estimate and its error.
        """
        if self.counted is None:
            raise SizeUnknown(self._size_note)
        return self.counted

    @cached_property
    def _size_note(self) -> str:
        return size_note(draw(self, np.random.default_rng(0)))

    def without_limits(self) -> "Space":
        """The same space with no limits."""
        return replace(self, limits=Limits({}))

    def keep(self, members: Collection[Choices]) -> "Space":
        """The space that has these members alone, given by their decisions, as in `Architecture.choices`.

        They are looked at by the first walk. Sampling, mutation and all else stay within them.

        Raises:
            UsageError: the space has limits, which would have to be kept as well.
        """
        if self.limits.bounds:
            raise UsageError(f"the space {self.name} has limits; keep members of the space without them")
        return replace(self, kept=members, whole=self.whole or self)

    @cached_property
    def universe(self) -> Mapping[str, tuple[Value, ...]]:
        """Every decision that is reached, limits aside, with all of its options in the file, in order of the walk."""
        found: dict[str, tuple[Value, ...]] = {}
        for state in self.graph.states:
            found.setdefault(state.name, state.values)
        return found

    @cached_property
    def reached(self) -> Mapping[str, tuple[Value, ...]]:
        """The options of each decision of `universe` that some architecture takes; see `nas.space.walks.reached`."""
        found = reached(self.graph, self._budget, self._start)
        return {name: tuple(one for one in options if one in found[name]) for name, options in self.universe.items()}

    def encode(self, arch: Architecture) -> NDArray[np.float32]:
        """The decisions of `arch` as one vector: see `nas.space.encode.encode`."""
        return encode(self.universe, arch)

    def encode_cell(self, arch: Architecture, name: str) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """A cell of `arch` as adjacency and op matrix: see `nas.space.encode.encode_cell`."""
        return encode_cell(self.universe, arch, name)

    @cached_property
    def fingerprint(self) -> str:
        """64 hexadecimal digits (SHA-256) of what the space means: its file's data, input, output, members kept."""
        digest = hashlib.sha256(repr((self.source, self.input, self.output)).encode())
        for choices in sorted(map(repr, self.kept or ())):
            digest.update(choices.encode())
        return digest.hexdigest()

    def describe(self, *, samples: int | None = None, seed: int = 0) -> dict[str, Any]:
        """Name, size, choices, and quantiles of parameters and MACs over uniform architectures.

        Args:
            samples: how many are drawn; None: 1,000, or fewer where walks are long.
            seed: of the sample.

        Returns:
            `name`, `input`, `output`, `size` (an int; None where it is unknown), `size_note`, `choices` (name to
            options), `unreached` (name to options that no architecture takes), `samples`, `params` and `macs` (each
            with `min`, `q25`, `median`, `q75`, `max` of the samples).
        """
        return survey(self, samples=samples, seed=seed).to_dict()
