"""Why a space is empty: all its mistakes at once.

A walk that reaches a mistake continues after it, in each of the ways that may be right (`Part.otherwise`), to the end.
The walks with the fewest mistakes show what has to be corrected. Whatever else does not fit is an option that need not
be taken, or a consequence of a mistake. Parts that could not be read (`Unclear`) do not count as mistakes, so that
errors of shapes are reported together with errors of syntax.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache, partial

from nas.errors import Diagnostic, Mark
from nas.ops import Shape
from nas.space.language.condition import place_of
from nas.space.language.layer import LayerPart
from nas.space.language.tree import UNKNOWN, Misfit, Part, Point, Unclear, advance
from nas.space.walks.graph import interning_push, wrong_end

MAX_STEPS = 100_000
"""Steps after which the search ends, about a second; a fiftieth of that once a walk has reached the end."""

LARGE = UNKNOWN >> 30
"""Sizes above this derive from an unknown size."""


class _TooLong(Exception):
    """The search has taken too many steps."""


@dataclass(eq=False, slots=True)
class _Stop:
    """A point that was reached.

    Attributes:
        mistakes: the least number of mistakes on the way.
        guessed: whether its ways are guesses, of which one is right, and not options.
        ways: the following stops, the likeliest first, each with the mistake in between.
        sources: the stops from which it was reached with the fewest mistakes.
    """

    mistakes: int
    guessed: bool = False
    ways: "list[tuple[_Stop, Misfit | None]]" = field(default_factory=list)
    sources: "list[_Stop]" = field(default_factory=list)


def find_misfits(start: Point, output: Shape | None, references: frozenset[str] = frozenset()) -> Sequence[Misfit]:
    """What does not fit on the walks with the fewest mistakes, once per place; empty if the search takes too long.

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
                continue  # reached with fewer mistakes in the meantime
            ways, stop.guessed = search.follow(point)
            for behind, mistake in reversed(ways):  # last in, first out
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
            count += 1  # nothing with fewer is left
    if not _reached(stops, count):
        return ()
    found: dict[Mark, Misfit] = {}
    for mistake in sorted(_between(first, stops[None]), key=_unsized):
        found.setdefault(mistake.mark, mistake)
    return [Misfit(one.mark, one.path, _NUMBER.sub("…", one.message)) for one in found.values()]


def _reached(stops: Mapping[Point | None, _Stop], mistakes: int) -> bool:
    """Whether a walk reached the end with at most this many mistakes."""
    return None in stops and stops[None].mistakes <= mistakes


def as_problems(misfits: Iterable[Misfit], mark: Mark) -> list[Diagnostic]:
    """Misfits as problems of a file; `mark` is the position of the layers, for those without their own."""
    return [
        Diagnostic(one.mark if one.mark.file else mark, one.path, f"no architecture fits: {one}") for one in misfits
    ]


class _Search:
    """Continues walks from points, in a limited number of steps."""

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
        """The points after this one (None: the end), each with the mistake in between, and whether they are guesses."""
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
    """Whether it is certain that a part that does not fit is a mistake, regardless of unreadable parts before it."""
    if isinstance(part, LayerPart):
        return not part.doubtful
    return not isinstance(part, Unclear) and not any(map(_large, (behind.shape, *behind.saved)))


def _large(shape: Shape) -> bool:
    """Whether the shape contains an unknown size."""
    return max(shape, default=0) > LARGE


def _between(first: _Stop, end: _Stop) -> Iterator[Misfit]:
    """The mistakes on the ways from one stop to another, by all options and the likeliest guesses."""
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
    """Whether the message contains unknown sizes."""
    return bool(_NUMBER.search(mistake.message))
