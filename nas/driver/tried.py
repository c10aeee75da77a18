"""Whether there is anything left to try in a space."""

from collections.abc import Iterable

from nas.space import Space
from nas.trial import Proposal, Trial

LOOKS = 1000
"""Members that are looked at each time, in a space that spells few networks in very many ways."""


class Tried:
    """Which networks of a space were evaluated with their full training, failed or not, and whether these are all.

    The members are gone through in the order of the space, as far as they were tried: in a space that is much larger
    than the search, this ends at once at one of the first.

    Args:
        space: where the search takes place.

    Attributes:
        networks: ids of those that were tried.
    """

    def __init__(self, space: Space) -> None:
        self._left = iter(space)
        self._next = next(self._left, None)
        self.networks: set[str] = set()

    def add(self, proposal: Proposal) -> None:
        """Learns of an evaluation, in flight or finished."""
        if proposal.epochs is None:
            self.networks.add(proposal.architecture.id)

    @property
    def all(self) -> bool:
        """Whether every network was tried; False also where that is not known yet."""
        for _ in range(LOOKS):
            if self._next is None:
                return True
            if self._next.id not in self.networks:
                return False
            self._next = next(self._left, None)
        return False


def all_tried_after(space: Space, trials: Iterable[Trial]) -> int | None:
    """The number of trials after which every network of the space had been tried; None: there are others."""
    tried = Tried(space)
    for count, trial in enumerate(trials, start=1):
        tried.add(trial.proposal)
        if tried.all:
            return count
    return None
