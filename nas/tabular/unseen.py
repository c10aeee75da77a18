"""What the recorded runs that a search did not see say of the architectures that it evaluated.

A search shows the architecture with the highest score, and that score is high by luck as well as by merit. The mean of
all recorded runs has that lucky run in it, and so flatters what was picked by it: on NAS-Bench-201 by about a tenth of
the regret of a random search, and by more where runs differ more. The mean of the runs that the search had not drawn is
free of it, because nothing was picked by them.
"""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nas.tabular.lookup import Tabular
from nas.trial import Trial


def unseen(tabular: Tabular, trials: Sequence[Trial]) -> NDArray[np.float64]:
    """For each trial the mean accuracy of its architecture in the recorded runs that none of the trials so far drew.

    Where the budgets of a table are moments of one training, a trial of any budget has drawn the run; where each is a
    training of its own, only one of the full budget has. Trials of one network with one seed are one draw, that of the
    first: a training that goes on, or an answer from memory, which may be that of another row of this network.

    Args:
        tabular: what evaluated them.
        trials: in the order in which they were finished.

    Returns:
        `(N,)` accuracies at the full budget; NaN where no run is left: of an architecture that was recorded once, or
        whose runs were all drawn.
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
