"""The seed of a trial, and the trial whose training it goes on with."""

from collections.abc import Mapping

import numpy as np

from nas.errors import UsageError
from nas.trial import Proposal, Trial


def trial_seed(seed: int, number: int) -> int:
    """The seed of a trial's evaluation: 32 bits that differ from those which the controller is asked with."""
    return int(np.random.SeedSequence([seed, number, 1]).generate_state(1)[0])


def parent_of(proposal: Proposal, told: Mapping[int, Trial]) -> Trial | None:
    """The trial whose training a proposal goes on with; None: it begins from scratch.

    Raises:
        UsageError: that trial was not told, is one of another architecture, or had as many epochs already.
    """
    if proposal.parent is None:
        return None
    parent = told.get(proposal.parent)
    if parent is None:
        raise UsageError(f"a proposal goes on with trial {proposal.parent}, which has not been told")
    if parent.architecture.choices != proposal.architecture.choices:
        raise UsageError(f"a proposal goes on with trial {parent.number}, which is one of another architecture")
    if parent.proposal.fidelity >= proposal.fidelity:
        raise UsageError(
            f"a proposal goes on with trial {parent.number} to {proposal.epochs or 'all'} epochs, "
            f"and it had {parent.proposal.epochs or 'all'}"
        )
    return parent
