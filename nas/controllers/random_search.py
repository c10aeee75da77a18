"""Random search: every proposal is uniform over the architectures of the space (Bergstra & Bengio, JMLR 2012)."""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from nas.arguments import checked
from nas.controllers.controller import draw_other
from nas.space import Space
from nas.trial import Proposal, Trial


@checked
class RandomSearch:
    """The baseline for every other controller. It learns nothing."""

    name: ClassVar = "random"

    def __init__(self, space: Space) -> None:
        self.space = space

    def ask(self, rng: np.random.Generator, pending: Sequence[Proposal] = ()) -> Proposal:
        return Proposal(draw_other(lambda: self.space.sample(rng), self.space, rng, pending))

    def tell(self, trial: Trial) -> None:
        pass
