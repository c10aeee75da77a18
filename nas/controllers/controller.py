"""What every controller is: something that is asked what to try next, and told what came of it."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from nas.trial import Proposal, Trial


class Controller(Protocol):
    """A search algorithm. It owns no loop, no files and no random generator.

    Everything that a controller knows follows from the trials that it was told, in the order of telling: a search is
    resumed by telling the stored trials again. `nas.testing.check_controller` holds a controller to all of this.
    """

    def ask(self, rng: np.random.Generator, pending: Sequence[Proposal] = ()) -> Proposal:
        """What to try next. Changes no state: the same history and generator give the same proposal.

        Args:
            rng: the only source of randomness.
            pending: proposals that are being evaluated.
        """

    def tell(self, trial: Trial) -> None:
        """Learns from a trial. Failed trials (`scores` is None) are told too."""
