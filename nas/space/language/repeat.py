"""`repeat: N`: copies in a row."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from nas.space.language.arguments import Argument, settle
from nas.space.language.asks import Asks, asked
from nas.space.language.forgetting import Forget, push_forgotten
from nas.space.language.tree import Agenda, Block, Moved, Part, Point, Push, Question, join, push_block, unknown


@dataclass(frozen=True, eq=False)
class RepeatPart(Part):
    """`repeat: N` ... `of: [...]`: N copies in sequence; with `share: true`, the first one decides for all.

    `forgets` as in `Forgetting`.
    """

    times: Argument
    body: Block
    share: bool
    forgets: bool

    @cached_property
    def asks(self) -> Asks:
        return asked(self.times, self.body)

    def step(self, point: Point, here: Agenda, push: Push) -> Moved | Question:
        settled = settle(self, [("repeat", self.times)], point, here, push, here.path)
        if isinstance(settled, Question):
            return settled
        (times,) = settled
        assert isinstance(times, int)  # noqa: S101  the loader admits nothing else
        agenda = point.agenda
        if self.share:
            if self.forgets:
                agenda = push(Forget(self.mark), here.path, agenda)
            if times > 1:
                agenda = push(_EndOfSharing(self.mark, here.path), here.path, agenda)
                point = point._replace(sharing=point.sharing + 1)
            for _ in range(times):
                agenda = push_block(push, self.body, here.path, agenda, here.scope)
            return Moved(point.doing(agenda))
        for copy in reversed(range(times)):
            path = join(here.path, str(copy))
            agenda = push_forgotten(self, push, self.body, path, agenda, here.scope)
        return Moved(point.doing(agenda))

    def otherwise(self, point: Point, here: Agenda) -> Iterator[Point]:
        return unknown(point)


@dataclass(frozen=True)
class _EndOfSharing(Part):
    """The end of copies that share their decisions: those `within` this path are shared until here."""

    within: str

    @property
    def asks(self) -> Asks:
        return Asks(shared=frozenset((self.within,)))

    def step(self, point: Point, here: Agenda, push: Push) -> Moved:
        return Moved(point._replace(sharing=point.sharing - 1))
