"""The final stage of a search: the best architectures are trained at full length, and one of them is selected.

Finalists are the first `top` networks of `winners`: the best on a single objective, or the first of the Pareto front.
Of the finalists that satisfy the limits of all objectives after their full training, the best on the first objective is
selected; ties are broken by the next objectives.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from nas.arguments import Positive, Seed, checked
from nas.data import Dataset
from nas.data.pool import check_joins
from nas.errors import EvaluationFailed, NoValidTrial
from nas.events import EpochEnded, FinalistBegan, FinalistEnded, OnEvent, StageBegan, unread
from nas.final.finalist import Final, Finalist, final_seed, finalist_of
from nas.final.full_training import train_in_full
from nas.final.judging import judged
from nas.final.last_step import Ensemble, check_last_step
from nas.final.networks import stored_form
from nas.final.order import Stage, searched_order
from nas.final.replacing import Made, Make, ensemble_made, joined_made
from nas.final.selection import NOTHING, probabilities_of_best, select, trained_order
from nas.final.winner import Count, Winner, check_count, winners
from nas.model import Network
from nas.objectives import Objectives, check_scored, same_objectives
from nas.space import Space
from nas.tasks.metrics import asked_by
from nas.training.device import Device, Precision
from nas.training.recipe import FULL_LENGTH, Recipe
from nas.training.workbench import Workbench
from nas.trial import Objective, Trial


@checked
def fine_tune(
    candidates: Iterable[Trial],
    data: Dataset,
    *,
    objectives: Objectives | None = None,
    top: Count = 3,
    winner: Winner = "observed",
    space: Space | None = None,
    recipe: Recipe = FULL_LENGTH,
    seeds: Positive = 1,
    join: bool = False,
    ensemble: Ensemble = "none",
    seed: Seed = 0,
    device: Device = "auto",
    precision: Precision = "auto",
    metrics: Sequence[str] = (),
    on_event: OnEvent | None = None,
) -> Final:
    """Trains the best architectures of a search from scratch at full length, and selects one by the objectives.

    The test data are used once, after the selection: for what is handed over, and for each training of the selected
    network.

    Args:
        candidates: trials, for instance a study.
        data: the data set.
        objectives: the objectives of the search; None: those of the study, or else the default of the data's task.
        top: the number of networks to train; with several objectives also `front`: all of the Pareto front.
        winner: how the best networks are determined, see `winners`.
        space: the space of the trials; required for the winner `posterior`.
        recipe: the training recipe.
        seeds: the number of trainings of each network, with different seeds. Networks are compared by the means of
            their metrics; the network of the first training is returned and tested.
        join: whether the selected network is trained once more, on the training and the validation samples together.
            That network is returned (`Final.network`) and tested; thresholds of labels are tuned before.
        ensemble: several networks as one, whose prediction is the mean of theirs: `seeds`, those of all trainings of
            the selected network, or `finalists`, that of the selected network and the other finalists within the
            limits, each by its first training. It is returned (`Final.network`) and tested.
        seed: of the trainings; each finalist has a seed derived from it.
        device: `auto`: CUDA, if it is available.
        precision: see `nas.training.workbench.Workbench`.
        metrics: further metrics to measure, by their names in the table of metrics.
        on_event: called with each event (`nas.events`): `StageBegan`, then for each network `FinalistBegan`, an
            `EpochEnded` for each epoch, and `FinalistEnded`.

    Raises:
        NoValidTrial: no trial has a score, or no finalist was trained successfully and satisfies the limits.
        UsageError: the trials were scored by other objectives, `winner` or `top` is not possible, the data cannot be
            joined, or CUDA was requested and is not available.
    """
    wanted = same_objectives(candidates, objectives, data.task.objective)
    trials = tuple(candidates)
    check_scored(trials, wanted)
    check_count(top, len(wanted))
    check_last_step(join=join, ensemble=ensemble, seeds=seeds, top=top, recipe=recipe)
    if join:
        check_joins(data.train)
    best = winners(trials, top, how=winner, space=space)
    if not best:
        raise NoValidTrial("no trial has a score, so there is nothing to train at full length")
    bench = Workbench(data, device=device, precision=precision, metrics=[*asked_by(wanted, data.task), *metrics])

    def train(trial: Trial) -> Finalist:
        return train_finalist(bench, trial, recipe, seed=seed, seeds=seeds, objectives=wanted, on_event=on_event)

    def make(chosen: Finalist, able: Sequence[Finalist]) -> Made | None:
        if join:
            return joined_made(bench, chosen, recipe, seed=seed, on_event=on_event)
        return ensemble_made(bench, chosen, able, ensemble)

    before = searched_order(trials, best, how=winner)
    return choose(bench, best, train, objectives=wanted, make=make, seed=seed, before=before, on_event=on_event)


def train_finalist(
    bench: Workbench,
    trial: Trial,
    recipe: Recipe,
    *,
    seed: int,
    seeds: int = 1,
    objectives: Sequence[Objective],
    on_event: OnEvent | None = None,
) -> Finalist:
    """Trains one architecture at full length, `seeds` times, with seeds derived from `seed` and the trial's number.

    Raises:
        EvaluationFailed: the training failed.
    """

    def on_epoch(epoch: int, metrics: Mapping[str, float]) -> None:
        if on_event is not None:
            on_event(EpochEnded(trial.number, epoch, metrics))

    trained = train_in_full(
        bench, trial.architecture, recipe, seed=final_seed(seed, trial.number), seeds=seeds, on_epoch=on_epoch
    )
    first, *others = (partial(_same, stored_form(network)) for network in trained.networks)
    return finalist_of(
        trial,
        first,
        trained.curves,
        trained.seconds,
        objectives=objectives,
        spread=trained.spread,
        seeds=trained.seeds,
        others=others,
        privacy=trained.privacy,
    )


def _same(network: Network) -> Network:
    return network


def choose(
    bench: Workbench,
    candidates: Sequence[Trial],
    train: Callable[[Trial], Finalist],
    *,
    objectives: tuple[Objective, ...],
    make: Make | None = None,
    seed: int = 0,
    before: tuple[Stage, ...] = (),
    on_event: OnEvent | None = None,
) -> Final:
    """Trains each candidate, and selects one of them as `conclude` does.

    Raises:
        NoValidTrial: all candidates failed (`train` raised EvaluationFailed), or exceed a limit.
    """
    post = on_event or unread
    post(StageBegan("final", len(candidates), objectives=objectives))
    finalists, failed = [], {}
    for trial in candidates:
        post(FinalistBegan(trial))
        try:
            finalist = train(trial)
        except EvaluationFailed as failure:
            failed[trial.architecture.id] = str(failure)
            post(FinalistEnded(trial, {}, str(failure)))
        else:
            finalists.append(finalist)
            post(FinalistEnded(trial, finalist.metrics))
    return conclude(bench, finalists, failed, objectives=objectives, make=make, seed=seed, before=before)


def conclude(
    bench: Workbench,
    finalists: Sequence[Finalist],
    failed: Mapping[str, str] = NOTHING,
    *,
    objectives: tuple[Objective, ...],
    make: Make | None = None,
    seed: int = 0,
    before: tuple[Stage, ...] = (),
) -> Final:
    """Selects the best finalist as `select` does, tunes the task to it, and evaluates it on the test data.

    Args:
        bench: the data set, device and precision.
        finalists: the networks that were trained in full.
        failed: why others could not be, by id.
        objectives: the main one first.
        make: makes what is handed over in place of the selected network; if it fails, the next finalist is selected.
            None: nothing else is handed over.
        seed: of the bootstrap.
        before: the order of the finalists at the stages before.

    Raises:
        NoValidTrial: there are no finalists, or all exceed a limit.
    """
    while True:
        chosen, failed = select(finalists, failed, objectives=objectives)
        able = [one for one in finalists if one.architecture.id not in failed]
        try:
            made = None if make is None else make(chosen, able)
            break
        except EvaluationFailed as failure:
            failed = {**failed, chosen.architecture.id: str(failure)}
    network, replacement = made or (chosen.network, None)
    # A joined network was trained on the validation data.
    validated = replacement is None or replacement.what != "joined"
    metric = next((one.metric for one in objectives), "")
    found = judged(bench, network, chosen.networks, validated=validated, metric=metric, seed=seed)
    if replacement is not None:
        replacement = replace(replacement, val=found.val)
    return Final(
        chosen,
        tuple(finalists),
        failed,
        found.tested,
        found.bench.task,
        objectives,
        bench.data.intake,
        probabilities_of_best(finalists, failed, objectives=objectives, seed=seed),
        (*before, trained_order(finalists, failed, objectives=objectives)),
        replacement,
        partial(_same, network),
    )
