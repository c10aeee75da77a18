"""What keeps a space from having any member: all of its mistakes at once.

A walk that stops at a mistake goes on behind it, in each of the ways that may be right (`Part.otherwise`), until it
comes to the end. Of all walks those with the fewest mistakes tell what has to be mended; whatever else does not fit was
an option that nobody has to take, or follows from a mistake. Parts that could not be read at all (`Unclear`) cost
nothing, so that what is wrong with shapes is told together with what is wrong with words.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache, partial

from nas.errors import Mark, Problem
from nas.ops import Shape
from nas.space.language.condition import place_of
from nas.space.language.layer import LayerPart
from nas.space.language.tree import UNKNOWN, Misfit, Part, Point, Unclear, advance
from nas.space.walks.graph import interning_push, wrong_end

MAX_STEPS = 100_000
"""Steps after which the search ends, about a second; fifty times fewer when a walk has come to its end."""

LARGE = UNKNOWN >> 30
"""Whatever is larger came from an unknown size."""


class _TooLong(Exception):
    """The search has taken as many steps as it may."""


@dataclass(eq=False, slots=True)
class _Stop:
    """A point that was come to.

    Attributes:
        mistakes: by how many at the least.
        guessed: whether only one of the ways behind it is the right one, and not each an option.
        ways: the stops behind it, the likeliest first, each with the mistake that lies between.
        sources: where it was come from with the fewest mistakes.
    """

    mistakes: int
    guessed: bool = False
    ways: "list[tuple[_Stop, Misfit | None]]" = field(default_factory=list)
    sources: "list[_Stop]" = field(default_factory=list)


def find_misfits(start: Point, output: Shape | None, references: frozenset[str] = frozenset()) -> Sequence[Misfit]:
    """What does not fit on the walks with the fewest mistakes, one of each place; empty if that takes too long.

    The arguments are those of `build_graph`.
    """
    search = _Search(output, references)
    first = _Stop(0)
    stops: dict[Point | None, _Stop] = {start: first}
    now, later, count = [start], list[Point](), 0
    with suppress(_TooLong):
        while now or later:
            if not now:
                if _reached(stops, count):
                    break
                now, later, count = later, [], count + 1
            point = now.pop()
            stop = stops[point]
            if stop.mistakes < count:
                continue  # come to with fewer mistakes in the meantime
            ways, stop.guessed = search.follow(point)
            for behind, mistake in reversed(ways):  # what is put there last is taken first
                reached, known = count + (mistake is not None), stops.get(behind)
                if known is None or reached < known.mistakes:
                    known = stops[behind] = _Stop(reached)
                    if behind is not None:
                        (now if reached == count else later).append(behind)
                    elif reached == count:
                        search.left = min(search.left, MAX_STEPS // 50)
                if reached == known.mistakes:
                    known.sources.append(stop)
                    stop.ways.insert(0, (known, mistake))
        else:
            count += 1  # nothing is left that might have fewer
    if not _reached(stops, count):
        return ()
    found: dict[Mark, Misfit] = {}
    for mistake in sorted(_between(first, stops[None]), key=_unsized):
        found.setdefault(mistake.mark, mistake)
    return [Misfit(one.mark, one.path, _NUMBER.sub("…", one.message)) for one in found.values()]


def _reached(stops: Mapping[Point | None, _Stop], mistakes: int) -> bool:
    """Whether a walk came to the end with so few mistakes."""
    return None in stops and stops[None].mistakes <= mistakes


def as_problems(misfits: Iterable[Misfit], mark: Mark) -> list[Problem]:
    """The same as problems of a file; `mark` is the place of the layers, for what has none of its own."""
    return [Problem(one.mark if one.mark.file else mark, one.path, f"nothing fits: {one}") for one in misfits]


class _Search:
    """Walks on from points, in so many steps."""

    def __init__(self, output: Shape | None, references: frozenset[str]) -> None:
        self.output = output
        self.left = MAX_STEPS
        self.push = interning_push(self.tick)
        self.asked_at = cache(partial(place_of, references=references))

    def tick(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise _TooLong

    def follow(self, point: Point) -> tuple[list[tuple[Point | None, Misfit | None]], bool]:
        """The points behind this one, each with the mistake that lies between, and whether they are guesses.

        None is the end.
        """
        try:
            stop, _, question = advance(point, self.push, tick=self.tick, asked_at=self.asked_at)
        except Misfit as misfit:
            here, behind = misfit.stopped
            mistake = misfit if _sure(here.part, behind) else None
            return [(other, mistake) for other in here.part.otherwise(behind, here)], True
        if question is not None:
            return [(branch, None) for branch in question.branches if branch is not None], False
        output = self.output
        fits = output is None or stop.shape == output or (len(stop.shape) == len(output) and _large(stop.shape))
        return [(None, None if fits else wrong_end(stop.shape, output or ()))], True


def _sure(part: Part, behind: Point) -> bool:
    """Whether it is a mistake that a part does not fit, whatever could not be read before."""
    if isinstance(part, LayerPart):
        return not part.doubtful
    return not isinstance(part, Unclear) and not any(map(_large, (behind.shape, *behind.saved)))


def _large(shape: Shape) -> bool:
    """Whether a size is in it that is not known."""
    return max(shape, default=0) > LARGE


def _between(first: _Stop, end: _Stop) -> Iterator[Misfit]:
    """The mistakes on the ways from one stop to another, by the likeliest guesses and all options."""
    before, left = {id(end)}, [end]
    while left:
        fresh = [source for source in left.pop().sources if id(source) not in before]
        before.update(map(id, fresh))
        left += fresh
    seen, left = {id(first)}, [first]
    while left:
        stop = left.pop()
        ways = [way for way in stop.ways if id(way[0]) in before]
        for behind, mistake in ways[:1] if stop.guessed else reversed(ways):
            if mistake is not None:
                yield mistake
            if id(behind) not in seen:
                seen.add(id(behind))
                left.append(behind)


_NUMBER = re.compile(r"\d{9,}")


def _unsized(mistake: Misfit) -> bool:
    """Whether it speaks of sizes that are not known."""
    return bool(_NUMBER.search(mistake.message))
