"""`nas.search`: a search in Python whose controller may be named as in a run file.

nas.search("bayesian_q", nas.Train(data), space=space, trials=30)
nas.search({"q_learning": {"alpha": 0.1}}, nas.Tabular(table), trials=100)
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from nas.arguments import NotNegative, Positive, Seed, checked
from nas.controllers import CONTROLLERS, Controller
from nas.document import from_object
from nas.driver.budget import BudgetGiven, budget_of, no_schedule
from nas.driver.executors.executor import Platform
from nas.driver.executors.named import EXECUTORS
from nas.driver.executors.resources import EvaluationLimits, WorkerCount
from nas.driver.loop import Order
from nas.driver.search import search as search_with
from nas.driver.spaces import check_spaces
from nas.driver.study import Study
from nas.errors import SpecError, UsageError
from nas.evaluate import Evaluator, make_proxies
from nas.evaluate.cached import cached
from nas.evaluate.evaluator import known_to
from nas.events import Events, Notices, OnEvent, StageBegan, unread
from nas.files import make_folder
from nas.objectives import Objectives, pareto_front, same_objectives
from nas.settings import Reader
from nas.space import Space
from nas.trial import Trial

NamedController = Controller | str | Mapping[str, Any]
"""A controller, its name as in a run file, or `{name: settings}`."""

NamedExecutor = Platform | str | Mapping[str, Any]
"""Where evaluations run, by name as in a run file, or `{name: settings}`."""


@checked
def search(
    controller: NamedController,
    evaluator: Evaluator,
    study: Study | None = None,
    *,
    space: Space | None = None,
    trials: NotNegative | None = None,
    budget: BudgetGiven | None = None,
    seed: Seed = 0,
    objectives: Objectives | None = None,
    executor: NamedExecutor = "local",
    workers: WorkerCount = "in_process",
    window: Positive = 2,
    order: Order = "number",
    limits: EvaluationLimits | None = None,
    cache: bool | Path = False,
    on_trial: Callable[[Trial], None] | None = None,
    on_event: OnEvent | None = None,
) -> Study:
    """Runs a controller against an evaluator until the study holds `trials` trials, or the budget is spent.

    Trials that the study holds already are told first, so a search that was cut off goes on as if it had not been:
    every random number follows from `seed` and the trial's number. A trial that goes on with the training of another
    one gets the seed of that one, so that its result is the one of a single training, wherever that was paused.

    Args:
        controller: a new one, that has been told nothing; or its name as in a run file, or `{name: settings}`.
        evaluator: gives the metrics of an architecture.
        study: the log; None: one in memory.
        space: where a controller that is given by its name searches; None: the evaluator's own, which a table has.
        trials: how many the study shall hold in the end, in place of the number in the budget.
        budget: when the search ends, see `SearchBudget`: a record, or a mapping such as `{"minutes": 10}`. None: after
            `trials`, or after 100 trials if these are not given either.
        seed: seed of all random numbers.
        objectives: what to search for; controllers of one objective follow the first. None: those of the study, or
            the `objective` of the evaluator, or the highest `val_acc`.
        executor: where workers run, as in a run file: `local`, `{"ray": {"address": "auto"}}`, or a `nas.Ray(...)`.
        workers: the number of worker processes, each with one thread of torch, or `auto`: one for each CPU core, but
            at most 4 for each CUDA device that they compute on. The evaluator must be possible to pickle, and a script
            must start the search under `if __name__ == "__main__":`. `in_process`: this process evaluates, one network
            at a time. Trials do not depend on it.
        window: the number of proposals in flight: trial n is asked for when all trials up to n - window have been told.
            More workers than that are of no use.
        order: `number`: trials are told in the order of their numbers. `free`: as soon as they are finished, so that
            no worker waits, and the search depends on how long evaluations take.
        limits: what an evaluation in a worker may use; None: the defaults of `EvaluationLimits`.
        cache: a network that was evaluated for as many epochs before is not evaluated again: its trial has the metrics
            and the seed of the first one, and 0 `seconds`. With a folder, results are also taken from there and stored
            there, for all searches that name it (`nas.evaluate.cached`): an evaluation with equal data, settings, seed
            and versions on the same kind of machine is made once, and no result depends on it.
        on_trial: called after each trial has been logged and told.
        on_event: called with each event of the search (`nas.events`): `StageBegan`, a `TrialBegan` and a `TrialEnded`
            for each trial, and a `Notice` of what ends the search, if that is not the number of trials.

    Returns:
        The study.

    Raises:
        UsageError: no such controller or setting (SpecError); the controller needs what is not known, was told the
            trials of another search, or asks to go on with a trial that cannot be gone on with; the evaluator does not
            report an objective's metric; the study has other objectives or is of another space.
        StorageError: a trial could not be logged, or no worker can be started; all trials before it are safe.
        WorkersFailed: three trials in a row ended their worker of the same cause.
    """
    spent = budget_of(trials, budget)
    schedule = spent.schedule(known_to(evaluator, "full_epochs"))
    made = controller_of(controller, evaluator, space=space, trials=schedule)
    check_spaces(controller=made, space=space)
    if on_event is not None:
        wanted, done = same_objectives(study, objectives, known_to(evaluator, "objective")), tuple(study or ())
        on_event(StageBegan("trial", spent.trials, len(done), wanted, tuple(pareto_front(done))))
    return search_with(
        made,
        _with_cache(evaluator, cache, on_event),
        study,
        trials=trials,
        budget=budget,
        seed=seed,
        objectives=objectives,
        executor=platform_of(executor),
        workers=workers,
        window=window,
        order=order,
        limits=limits,
        cache=cache is not False,
        on_trial=on_trial,
        on_event=on_event,
    )


def _with_cache(evaluator: Evaluator, cache: bool | Path, on_event: OnEvent | None) -> Evaluator:
    """The evaluator with the cache that the search names, if it is a folder. Raises StorageError."""
    folder = cache if isinstance(cache, Path) else None
    if folder is not None:
        make_folder(folder)
    return cached(evaluator, folder, on_notice=Notices(Events([on_event or unread])))


def controller_of(
    given: NamedController, evaluator: Evaluator, *, space: Space | None, trials: int | None
) -> Controller:
    """The controller, made if it is given by its name. Raises UsageError if it cannot be made."""
    if not isinstance(given, str | Mapping):
        return given
    reader = Reader(Path("controller"), (CONTROLLERS,))
    setting = reader.setting(from_object(given, "search"), CONTROLLERS, "controller")
    if reader.problems:
        raise SpecError(reader.problems)
    known = {
        "space": space or known_to(evaluator, "space"),
        "trials": trials,
        "full_epochs": known_to(evaluator, "full_epochs"),
        "proxies": make_proxies(known_to(evaluator, "data")),
    }
    supplied = {name: value for name, value in known.items() if value is not None}
    for one, name in setting.lacking(CONTROLLERS.supplied, supplied):
        if name == "trials":
            raise UsageError(f"search: controller: {no_schedule(one.name)}: pass trials=...")
        way = "pass space=..." if name == "space" else f"take an evaluator with `{name}`, as nas.Train has it"
        raise UsageError(f"search: controller: {one.name} needs {name}, and the evaluator has none: {way}")
    made: Controller = setting.make(supplied, "controller")
    return made


def platform_of(given: NamedExecutor) -> Platform:
    """Where evaluations run, made if it is given by its name. Raises UsageError if it cannot be made."""
    if not isinstance(given, str | Mapping):
        return given
    reader = Reader(Path("executor"), (EXECUTORS,))
    setting = reader.setting(from_object(given, "search"), EXECUTORS, "executor")
    if reader.problems:
        raise SpecError(reader.problems)
    made: Platform = setting.make({}, "executor")
    return made
