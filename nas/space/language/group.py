"""`layers: [...]`, and any part with `when`."""

from dataclasses import dataclass
from functools import cached_property

from nas.space.language.asks import Asks, asked
from nas.space.language.condition import Condition
from nas.space.language.forgetting import push_forgotten
from nas.space.language.tree import Agenda, Block, Moved, Part, Point, Push


@dataclass(frozen=True, eq=False)
class GroupPart(Part):
    """`layers: [...]`, and any part with `when`: the layers, left out if the condition does not hold.

    `forgets` as in `Forgetting`.
    """

    body: Block
    when: Condition | None
    forgets: bool

    @cached_property
    def asks(self) -> Asks:
        return asked(self.body, self.when)

    def step(self, point: Point, here: Agenda, push: Push) -> Moved:
        if self.when is not None and not self.when.holds(point.shape, point.facts, here.scope, here.path):
            return Moved(point)
        return Moved(point.doing(push_forgotten(self, push, self.body, here.path, point.agenda, here.scope)))
