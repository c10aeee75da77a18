"""Estimates of the quality of evaluated architectures, from recorded runs that the search did not see.

A search selects the architecture with the highest score, which is biased upwards by noise. The mean of all recorded
runs includes the run that led to the selection, and is therefore biased as well: on NAS-Bench-201 by about a tenth of
the regret of random search, and more if runs vary more. The mean of the runs that the search did not draw is unbiased,
because the selection does not depend on them.
"""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nas.tabular.lookup import Tabular
from nas.trial import Trial


def unseen(tabular: Tabular, trials: Sequence[Trial]) -> NDArray[np.float64]:
    """The mean accuracy of each trial's architecture over the recorded runs that no trial so far has drawn.

    If the budgets of a table belong to the same training, a trial with any budget draws the run; if each budget is a
    separate training, only trials with the full budget do. Trials of one network with the same seed count as one draw,
    that of the first trial: they continue its training, or repeat its result from the cache, possibly from another row
    of the same network.

    Args:
        tabular: the evaluator of the trials.
        trials: the trials, in the order in which they finished.

    Returns:
        `(N,)` accuracies at the full budget; NaN if no run remains, because the architecture has a single run or all of
        its runs were drawn.
    """
    table = tabular.table
    full = table.epochs[-1]
    runs = range(table.val_acc.shape[1])
    drawn: defaultdict[int, set[int]] = defaultdict(set)
    origins: dict[tuple[str, int], int] = {}
    found = np.full(len(trials), np.nan)
    for place, trial in enumerate(trials):
        row = table.row(trial.architecture)
        if table.curves or trial.proposal.epochs in (None, full):
            origin = origins.setdefault((trial.architecture.id, trial.seed), row)
            drawn[origin].add(tabular.run(origin, seed=trial.seed))
        values = [table.val_acc.item(row, run, -1) for run in runs if run not in drawn[row]]
        recorded = [value for value in values if value == value]
        if recorded:
            found[place] = sum(recorded) / len(recorded)
    return found
