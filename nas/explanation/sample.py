"""The trials of a long search that a controller is told for its explanation.

To be told a trial, and to be asked for a prediction in between, costs a controller milliseconds, and one that fits a
model to all trials more with each of them: 10,000 trials would take minutes to hours. It is told a sample instead, as
if the search had been shorter: the first and the last new networks, others at equal distances between them, and the
best.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace

from nas.trial import Trial, best_trials

MOST = 300
"""The number of new networks up to which a controller is told the whole log."""


def sample_of(trials: Sequence[Trial], most: int = MOST) -> Sequence[int]:
    """The places in a log of the trials that a controller is told, ascending; all of them up to `most` new networks.

    A trial that continues the training of another one is told if that one is.
    """
    first: dict[int, int] = {}
    for trial in trials:
        parent = trial.proposal.parent
        first[trial.number] = trial.number if parent is None else first.get(parent, trial.number)
    new = [number for number, root in first.items() if number == root]
    if len(new) <= most:
        return range(len(trials))
    kept = {new[place * (len(new) - 1) // max(1, most - 1)] for place in range(most)}
    kept |= {first[trial.number] for trial in best_trials(trials)}
    return [place for place, trial in enumerate(trials) if first[trial.number] in kept]


def shortened(trials: Sequence[Trial], places: Sequence[int]) -> Sequence[Trial]:
    """The trials at some places of a log, numbered as those of a search that had no others."""
    if len(places) == len(trials):
        return trials
    kept = [trials[place] for place in places]
    numbers = {number: new for new, number in enumerate(sorted(trial.number for trial in kept))}
    return [
        replace(
            trial,
            number=numbers[trial.number],
            proposal=replace(trial.proposal, parent=None if parent is None else numbers.get(parent)),
            asked_after=bisect_left(places, trial.asked_after),
        )
        for trial in kept
        for parent in [trial.proposal.parent]
    ]
