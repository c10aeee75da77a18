"""The contract of controllers."""

from collections.abc import Callable, Sequence

import numpy as np

from nas.controllers import Controller
from nas.errors import UsageError
from nas.space import Architecture, Space
from nas.testing.random_states import global_random_untouched
from nas.testing.requirement import require
from nas.trial import Proposal, Trial


def check_controller(
    make: Callable[[], Controller],
    space: Space,
    *,
    trials: int = 40,
    seed: int = 0,
    scores: Callable[[Architecture], tuple[float, ...]] | None = None,
) -> None:
    """Checks the protocol of controllers in three searches, in which none, a third, or all of the trials fail.

    * `ask` has no side effects, with or without `pending`.
    * A pending architecture is not proposed again, unless the space has no other.
    * Every proposal is a member of the space.
    * A new controller that is told the same trials makes the same proposals.
    * No global random generator is read or seeded.

    Args:
        make: returns a new controller that has been told no trials.
        space: the space that the controller searches.
        trials: number of trials in each search; it should exceed the controller's initial phase.
        seed: seed of the check.
        scores: returns the scores of an architecture, one for each objective; higher is better. By default there is one
            objective, and the score is a number in [0, 1) derived from the id of the architecture.

    Raises:
        AssertionError: the controller violates one of these; says which, and at which proposal.
    """
    scored = scores or (lambda arch: (int(arch.id, 16) / 16**16,))
    for failing in ("none", "a third", "all"):
        with global_random_untouched("the controller"):
            _check_search(make, space, trials=trials, seed=seed, failing=failing, scores=scored)


def _check_search(
    make: Callable[[], Controller],
    space: Space,
    *,
    trials: int,
    seed: int,
    failing: str,
    scores: Callable[[Architecture], tuple[float, ...]],
) -> None:
    controller = make()
    told: list[Trial] = []
    rng = np.random.default_rng(seed)
    several = len({space.sample(rng).id for _ in range(20)}) > 1
    where = f"where {failing} of the trials fail"
    for number in range(trials):
        at = f"{where}, proposal {number}"
        proposal = controller.ask(np.random.default_rng([seed, number]))
        _check_proposal(proposal, space, told, at)
        for pending in ((), (proposal,), (proposal, proposal)):
            other = controller.ask(np.random.default_rng([seed, number, 1]), pending)
            _check_proposal(other, space, told, f"{at}, asked with {len(pending)} pending")
            new = not several or other.architecture.id not in {one.architecture.id for one in pending}
            require(new, f"{at}: asked with {len(pending)} pending, it proposes a pending architecture")
        again = controller.ask(np.random.default_rng([seed, number]))
        require(proposal == again, f"{at}: two equal calls of ask return different proposals: ask changes the state")
        fails = failing == "all" or (failing == "a third" and number % 3 == 1)
        told.append(_trial(number, proposal, None if fails else scores(proposal.architecture)))
        controller.tell(told[-1])
    # A controller that was told the same trials, and was never asked, has the same state.
    for length in sorted({0, 1, trials // 2, trials}):
        fresh = make()
        for trial in told[:length]:
            fresh.tell(trial)
        proposal = fresh.ask(np.random.default_rng([seed, length]))
        expected = told[length].proposal if length < trials else controller.ask(np.random.default_rng([seed, length]))
        require(
            proposal == expected,
            f"{where}: a new controller that was told the first {length} trials makes another proposal than the "
            "controller that was also asked: its state does not follow from the trials alone",
        )


def _check_proposal(proposal: Proposal, space: Space, told: Sequence[Trial], at: str) -> None:
    arch = proposal.architecture
    try:
        rebuilt = space.rebuild(dict(arch.choices))
    except UsageError as error:
        raise AssertionError(f"{at}: the proposal is not a member of the space: {error}") from error
    require(rebuilt.id == arch.id, f"{at}: the proposal's layers differ from those that its decisions define")
    parent = proposal.parent
    require(parent is None or 0 <= parent < len(told), f"{at}: parent is {parent}, and {len(told)} trials were told")


def _trial(number: int, proposal: Proposal, scores: tuple[float, ...] | None) -> Trial:
    """An invented trial, which failed if there are no scores."""
    return Trial(
        number=number,
        proposal=proposal,
        seed=number,
        metrics={} if scores is None else {"val_acc": scores[0]},
        scores=scores,
        seconds=1.0,
        error="CRASH: made up" if scores is None else None,
        asked_after=number,
    )
