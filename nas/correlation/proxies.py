"""Proxies held against trained or recorded networks.

A sample of a space is evaluated as in a search: in worker processes, within limits, and with a log that a later call
goes on with.
"""

from collections.abc import Sequence
from typing import Annotated

import numpy as np

from nas.arguments import Positive, Seed, checked
from nas.controllers import Distinct, RandomSearch
from nas.correlation.judged import RESAMPLES, ProxyComparison, judge
from nas.data import Dataset
from nas.driver.executors.resources import EvaluationLimits, WorkerCount
from nas.driver.search import search
from nas.driver.study import Study
from nas.errors import UsageError
from nas.evaluate import PROXIES, Evaluator, WithProxies, ZeroCost
from nas.evaluate.evaluator import known_to
from nas.events import OnEvent, StageBegan
from nas.settings.forms import Named
from nas.space import Space
from nas.statistics.correlation import FEWEST
from nas.tabular import Table
from nas.training.device import Device
from nas.trial import ACCURACY, Objective, Trial

WINDOW = 64
"""Proposals in flight. Random proposals do not depend on results, so that it only has to keep all workers busy."""


@checked
def compare_proxies(
    evaluator: Evaluator | Table,
    data: Dataset | None = None,
    *,
    space: Space | None = None,
    trials: Positive = 100,
    proxies: Sequence[Annotated[str, Named(tuple(PROXIES))]] = (),
    study: Study | None = None,
    seed: Seed = 0,
    device: Device = "auto",
    workers: WorkerCount = "in_process",
    limits: EvaluationLimits | None = None,
    on_event: OnEvent | None = None,
) -> ProxyComparison:
    """How well zero-cost proxies rank a random sample of networks.

    Args:
        evaluator: measures the quality of networks, such as a brief training by `nas.Train`; or a table, whose mean
            validation accuracies at the full budget are the quality.
        data: the data set of the proxies; None: that of the evaluator. For a table without it, only proxies that need
            no data are computed.
        space: the space; None: that of the table.
        trials: the number of networks; fewer if the space has fewer.
        proxies: the proxies; empty: all that the data allow. `params` is always among them.
        study: the log; None: one in memory.
        seed: of the sample, of trainings, of initial weights and of the bootstrap.
        device: where proxies are computed; `auto`: CUDA, if it is available.
        workers, limits: see `nas.search`.
        on_event: called with each event of the sample.

    Raises:
        UsageError: there is no space, or fewer than 4 networks could be evaluated.
        StorageError, WorkersFailed: as `nas.search`.
    """
    table = evaluator if isinstance(evaluator, Table) else None
    space = space or known_to(evaluator, "space")
    if space is None:
        raise UsageError("proxies are compared on a space: pass space=...")
    data = data or known_to(evaluator, "data")
    objective = sought(evaluator)
    # Accuracies of a table are looked up here: workers need not have it.
    measuring: Evaluator = (
        ZeroCost(data, proxies=proxies, device=device)
        if isinstance(evaluator, Table)
        else WithProxies(evaluator, data, proxies=proxies, device=device)
    )
    study = search_sample(
        measuring,
        space,
        objective,
        trials=trials,
        study=study,
        seed=seed,
        workers=workers,
        limits=limits,
        on_event=on_event,
    )
    valid = [trial for trial in study if trial.score is not None]
    if len(valid) < FEWEST:
        causes = {trial.error.partition(":")[0] for trial in study if trial.error is not None}
        raise UsageError(
            f"a rank correlation needs at least {FEWEST} networks, and of {len(study)} only {len(valid)} could be "
            f"evaluated{': ' if causes else ''}{', '.join(sorted(causes))}"
        )
    quality = [table.truth(one.architecture) if table is not None else one.score for one in valid]
    wanted = [name for name in PROXIES if any(name in trial.metrics for trial in valid)]
    scores = {name: np.array([_score(trial, name) for trial in valid]) for name in wanted}
    judged, between = judge(scores, np.array(quality, dtype=np.float64), resamples=RESAMPLES, seed=seed)
    source = "trained here" if table is None else f"table {table.name}"
    named = "val_acc" if table is not None else f"{'' if objective.direction == 'maximize' else '-'}{objective.metric}"
    return ProxyComparison(space.name, named, source, len(valid), len(study) - len(valid), judged, between)


def sought(evaluator: Evaluator | Table) -> Objective:
    """What the log of a sample has as its objective: the quality, or the parameters where a table has the quality."""
    if isinstance(evaluator, Table):
        return Objective("params")
    found: Objective = known_to(evaluator, "objective") or ACCURACY
    return found


def search_sample(
    evaluator: Evaluator,
    space: Space,
    objective: Objective,
    *,
    trials: int,
    study: Study | None,
    seed: int,
    workers: WorkerCount,
    limits: EvaluationLimits | None,
    on_event: OnEvent | None,
) -> Study:
    """Evaluates different random networks."""
    if on_event is not None:
        on_event(StageBegan("network", trials, len(study or ()), (objective,)))
    return search(
        Distinct(space, RandomSearch(space)),
        evaluator,
        study,
        trials=trials,
        seed=seed,
        objectives=(objective,),
        space=space,
        workers=workers,
        window=WINDOW if workers != "in_process" else 1,
        limits=limits,
        on_event=on_event,
    )


def _score(trial: Trial, name: str) -> float:
    """A proxy of a network; -∞ if it is undefined."""
    value = trial.metrics.get(name)
    return float(value) if isinstance(value, int | float) else -np.inf
