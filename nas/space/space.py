"""A space of architectures. Everything is a walk through it."""

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.arguments import checked
from nas.errors import Diagnostic, Mark, SizeUnknown, SpecError, UsageError
from nas.ops import Cost, Shape
from nas.space.architecture import Architecture
from nas.space.choice import Choice, Choices, Outline, Pick, Value
from nas.space.encode import encode, encode_cell
from nas.space.language.assemble import assemble
from nas.space.language.tree import Block, Point, new_agenda, push_block
from nas.space.network.layer import total
from nas.space.picks import crossover, every_walk, mutation, mutations
from nas.space.walks.ahead import Ahead
from nas.space.walks.graph import Graph, build_graph
from nas.space.walks.kept import Kept
from nas.space.walks.limits import Budget, Limits
from nas.space.walks.misfits import as_problems, find_misfits
from nas.space.walks.offers import Branch, Offer, Offers
from nas.space.walks.reached import reached
from nas.space.walks.sampling import Drawn, draw, estimated
from nas.space.walks.survey import Survey


@checked
@dataclass(frozen=True, eq=False)
class Space:
    """The set of architectures that a space file allows.

    Created by `nas.load_space`. The graph of the space is explored by the first walk.

    Attributes:
        name: the space's name.
        input: shape of one sample, without the batch dimension.
        output: required output shape; None: any.
        block: the parts of the space file.
        limits: bounds on every architecture.
        references: the names by which conditions refer to earlier decisions.
        source: the content of the file, as plain data.
        mark: position of the layers in the file.
        kept: the decisions of its members, if it is restricted to some; None: all that the file allows.
        whole: the unrestricted space.
        words: the words of the data that the file reads, such as `tokens`, with their values.
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
    words: Mapping[str, Value | tuple[int, ...]] = field(default_factory=dict)

    @cached_property
    def graph(self) -> Graph:
        """The states and edges of all walks.

        Raises:
            SpecError: no architecture fits the shapes or the limits; the message says why.
        """
        if self.whole is not None:
            return self.whole.graph
        start = Point(push_block(new_agenda, self.block, "", None, ()), self.input)
        try:
            graph = build_graph(start, self.output, self.references)
        except UsageError as error:
            raise SpecError([Diagnostic(self.mark, "", str(error))]) from error
        if not graph.root.state.size:
            misfits = find_misfits(start, self.output, self.references) or graph.misfits
            raise SpecError(as_problems(misfits, self.mark))
        return graph

    @cached_property
    def _ahead(self) -> Ahead | None:
        """The look-ahead for limits or kept members; None if there are neither."""
        if self.kept is not None:
            return Kept(self.graph, self.kept)
        if not self.limits.bounds:
            return None
        graph = self.graph
        try:
            budget = Budget(graph, self.limits)
        except UsageError as error:
            raise SpecError([Diagnostic(self.mark, "limits", str(error))]) from error
        if not budget.follow([graph.root], budget.whole):
            lows, highs = self._bounds()
            got = ", ".join(
                f"{name} from {getattr(lows, name):,} to {getattr(highs, name):,}" for name in self.limits.bounds
            )
            raise SpecError([Diagnostic(self.mark, "limits", "no architecture meets the limits", got=got)])
        return budget

    def __getstate__(self) -> dict[str, Any]:
        """For another process: without what follows from the fields, which is explored there by the first walk."""
        return {one.name: getattr(self, one.name) for one in fields(self)}

    def _bounds(self) -> tuple[Cost, Cost]:
        root = self.graph.root
        return (
            Cost(*map(int.__add__, root.cost, root.state.low)),
            Cost(*map(int.__add__, root.cost, root.state.high)),
        )

    def check(self) -> None:
        """Explores the space. Raises SpecError if it is empty."""
        _ = self.graph, self._ahead

    @cached_property
    def _offers(self) -> Offers:
        return Offers(self.graph.root, self._ahead)

    def walk(self, pick: Pick) -> Architecture:
        """The architecture that results if `pick` picks an option of each choice that is reached.

        Raises:
            UsageError: `pick` returned something that is not an option.
        """
        return self._walk(lambda offer: offer.take(pick(offer.choice)))

    def outline(self, pick: Pick) -> Outline:
        """The decisions of `walk` and their cost, without creating layers, in a tenth of the time.

        Raises:
            UsageError: `pick` returned something that is not an option.
        """
        choices, edges = self._offers.walk(lambda offer: offer.take(pick(offer.choice)))
        return Outline(choices, total(edge.cost for edge in edges))

    def _walk(self, step: Callable[[Offer], Branch]) -> Architecture:
        choices, edges = self._offers.walk(step)
        events = [event for edge in edges for event in edge.events]
        return Architecture(choices, assemble(events, choices)[0], self.input)

    def sample(self, rng: np.random.Generator) -> Architecture:
        """A uniformly random architecture (up to rounding if `size` is unknown)."""
        return self._walk(lambda offer: offer.draw(rng))

    def rebuild(self, choices: Mapping[str, Value]) -> Architecture:
        """The architecture with these decisions, as in `Architecture.choices`.

        Raises:
            UsageError: a decision is missing, illegal, or never reached.
        """
        left = dict(choices)

        def stored(choice: Choice) -> Value:
            if choice.name not in left:
                options = ", ".join(map(repr, choice.options))
                raise UsageError(f"{choice.name}: this decision is missing; the options are {options}")
            return left.pop(choice.name)

        arch = self.walk(stored)
        if left:
            raise UsageError(f"no such decision is reached: {', '.join(sorted(left))}")
        return arch

    def choices_of(self, arch: Architecture | Outline) -> list[Choice]:
        """The choices on the walk to `arch`, with their legal options."""
        left = iter(arch.choices)
        choices: list[Choice] = []

        def again(offer: Offer) -> Branch:
            choices.append(offer.choice)
            name, value = next(left, ("", None))
            if name != offer.choice.name:
                raise UsageError(f"{offer.choice.name}: this decision is missing in an architecture of another space")
            return offer.take(value)

        self._offers.walk(again)
        return choices

    def mutate(self, arch: Architecture, rng: np.random.Generator) -> Architecture:
        """`arch` with one decision changed; the decision and its new option are drawn uniformly.

        Other decisions are kept. Those that become illegal, or are reached only now, are drawn. Returns `arch` itself
        if no decision has another legal option.
        """
        pick = mutation(arch.choices, self.choices_of(arch), rng)
        return arch if pick is None else self.walk(pick)

    def cross(self, a: Architecture, b: Architecture, rng: np.random.Generator) -> Architecture:
        """Uniform crossover (Syswerda 1989): each decision is taken from `a` or from `b` with equal probability.

        If the chosen parent lacks the decision, or it is illegal, the other parent's is taken; failing that, it is
        drawn.
        """
        return self.walk(crossover(a.choices, b.choices, rng))

    def neighbours(self, arch: Architecture) -> Iterator[Architecture]:
        """All architectures that `mutate` can return for `arch`, in order."""
        for allowed in mutations(arch.choices, self.choices_of(arch)):
            yield from every_walk(self.walk, allowed)

    def __iter__(self) -> Iterator[Architecture]:
        """All architectures, in the order of the options in the file; the last decision changes fastest."""
        return every_walk(self.walk, lambda choice: choice.options)

    @cached_property
    def counted(self) -> int | None:
        """The exact number of architectures, None if limits make counting too costly.

        Architectures are counted by their decisions: equal networks count several times.
        """
        root, ahead = self.graph.root, self._ahead
        if ahead is None:
            return root.state.size
        return ahead.count(root.state, self._offers.start) if ahead.exact else None

    @property
    def size(self) -> int:
        """The exact number of architectures, as in `counted`.

        Raises:
            SizeUnknown: the limits make counting too costly; the message gives an estimate and its standard error.
        """
        if self.counted is None:
            raise SizeUnknown(self._size_note)
        return self.counted

    @cached_property
    def _size_note(self) -> str:
        return estimated(self._draw(0))

    def _draw(self, seed: int, samples: int | None = None) -> Drawn:
        return draw(self.outline, np.random.default_rng(seed), samples, exact=self.counted is not None)

    def without_limits(self) -> "Space":
        """The space without its limits."""
        return replace(self, limits=Limits({}))

    def keep(self, members: Collection[Choices]) -> "Space":
        """The space restricted to these members, given by their decisions, as in `Architecture.choices`.

        Members are checked by the first walk. Sampling, mutation and everything else stay within them.

        Raises:
            UsageError: the space has limits.
        """
        if self.limits.bounds:
            raise UsageError(f"the space {self.name} has limits; keep members of the space without them")
        return replace(self, kept=members, whole=self.whole or self)

    @cached_property
    def universe(self) -> Mapping[str, tuple[Value, ...]]:
        """All decisions that are reached without limits, with all options in the file, in order of the walk."""
        found: dict[str, tuple[Value, ...]] = {}
        for state in self.graph.states:
            found.setdefault(state.name, state.values)
        return found

    @cached_property
    def reached(self) -> Mapping[str, tuple[Value, ...]]:
        """For each decision of `universe`, the options that some architecture takes; see `nas.space.walks.reached`."""
        found = reached(self.graph, self._ahead, self._offers.start)
        return {name: tuple(one for one in options if one in found[name]) for name, options in self.universe.items()}

    def encode(self, arch: Architecture) -> NDArray[np.float32]:
        """The decisions of `arch` as one vector: see `nas.space.encode.encode`."""
        return encode(self.universe, arch)

    def encode_cell(self, arch: Architecture, name: str) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """A cell of `arch` as adjacency and op matrix: see `nas.space.encode.encode_cell`."""
        return encode_cell(self.universe, arch, name)

    @cached_property
    def fingerprint(self) -> str:
        """64 hexadecimal digits: SHA-256 of the content of the file, what it takes from data, and the kept members."""
        digest = hashlib.sha256(repr((self.source, self.input, self.output)).encode())
        if self.words:
            digest.update(repr(sorted(self.words.items())).encode())
        for choices in sorted(map(repr, self.kept or ())):
            digest.update(choices.encode())
        return digest.hexdigest()

    def survey(self, *, samples: int | None = None, seed: int = 0) -> Survey:
        """The size and the options of the space, and the costs of a uniform sample.

        Args:
            samples: number of architectures in the sample; None: 1,000, or fewer if walks are long.
            seed: seed of the sample.
        """
        drawn = self._draw(seed, samples)
        return Survey(
            name=self.name,
            input=self.input,
            output=self.output,
            size=self.counted,
            size_note="exact" if self.counted is not None else estimated(drawn),
            universe=self.universe,
            reached=self.reached,
            outlines=drawn.outlines,
            example=self.rebuild(dict(drawn.outlines[0].choices)),
        )

    def describe(self, *, samples: int | None = None, seed: int = 0) -> dict[str, Any]:
        """The `survey` of the space as plain data.

        Returns:
            `name`, `input`, `output`, `size` (an int; None if unknown), `size_note`, `choices` (name to
            options), `unreached` (name to options that no architecture takes), `samples`, `params` and `macs` (each
            with `min`, `q25`, `median`, `q75`, `max` of the samples).
        """
        return self.survey(samples=samples, seed=seed).to_dict()
