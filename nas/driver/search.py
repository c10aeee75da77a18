"""A search: a controller, an evaluator and an executor, in this process or with worker processes."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext

from nas.arguments import NotNegative, Positive, Seed, checked
from nas.controllers import Controller
from nas.driver.accounts import Account
from nas.driver.budget import BudgetGiven, budget_of
from nas.driver.executors.executor import Executor, Job, Platform
from nas.driver.executors.local import Local
from nas.driver.executors.resources import DEFAULT_LIMITS, EvaluationLimits, Resources, WorkerCount
from nas.driver.executors.serial import Serial
from nas.driver.loop import Loop, Order
from nas.driver.memory import Memory
from nas.driver.spaces import check_spaces
from nas.driver.study import MemoryStudy, Study, attempt
from nas.errors import UsageError
from nas.evaluate.evaluator import Evaluator, known_to
from nas.events import Notice, OnEvent, TrialBegan, TrialEnded, unread
from nas.objectives import Objectives, same_objectives
from nas.space import Space
from nas.trial import Objective, Trial


@checked
def search(
    controller: Controller,
    evaluator: Evaluator,
    study: Study | None = None,
    *,
    trials: NotNegative | None = None,
    budget: BudgetGiven | None = None,
    seed: Seed = 0,
    objectives: Objectives | None = None,
    space: Space | None = None,
    executor: Platform | None = None,
    workers: WorkerCount = "in_process",
    window: Positive = 1,
    order: Order = "number",
    limits: EvaluationLimits | None = None,
    cache: bool = False,
    on_trial: Callable[[Trial], None] | None = None,
    on_event: OnEvent | None = None,
) -> Study:
    """Runs a controller against an evaluator until the study holds `trials` trials, or the budget is spent.

    Trials already in the study are told first, so a resumed search gives the same trials as an uninterrupted one: every
    random number follows from `seed` and the trial's number. A trial that continues the training of another has the
    seed of that trial, so its result is that of a single training, wherever it was paused.

    An error of an architecture fails its trial, and process-wide state that it changed is restored
    (`nas.containment`). In worker processes, this includes endless loops and fatal signals (`executors/workers.py`). In
    this process, these end the search; a stored study records the trial, and a resumed search counts it as CRASH
    (`nas.driver.deaths`).

    Args:
        controller: a new one, that has been told nothing.
        evaluator: gives the metrics of an architecture.
        study: the log; None: one in memory.
        trials: the number of trials in the study at the end, in place of that of the budget.
        budget: when the search ends, see `SearchBudget`: a record, or a mapping such as `{"minutes": 10}`. None: after
            `trials`.
        seed: where all randomness comes from.
        objectives: what to search for; controllers of one objective follow the first. None: those of the study, or
            the `objective` of the evaluator, or the highest `val_acc`.
        space: where the controller searches. With it, the search ends before that many trials if every network has
            been evaluated with its full training, failed or not. None: it does not, as where repeats are wanted.
        executor: where workers run; None: on this machine.
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
            and the seed of the first one, and 0 `seconds`.
        on_trial: called after each trial has been logged and told.
        on_event: called with each event (`nas.events`): a `TrialBegan` and a `TrialEnded` for each trial, and a
            `Notice` of what ends the search, if that is not the number of trials.

    Returns:
        The study.

    Raises:
        UsageError: the controller was told the trials of another search, or asks to go on with a trial that cannot be
            gone on with; the evaluator does not report an objective's metric, or not the length of a training for a
            budget of epochs; the study has other objectives or is of another space.
        StorageError: a trial could not be logged, or no worker can be started; all trials before it are safe.
        WorkersFailed: three trials in a row ended their worker of the same cause.
    """
    wanted = same_objectives(study, objectives, known_to(evaluator, "objective"))
    account = budget_of(trials, budget).accounts(wanted, full_epochs=known_to(evaluator, "full_epochs"), space=space)
    study = MemoryStudy() if study is None else study
    check_spaces(study, controller=controller, study=study, space=space)
    if isinstance(study, MemoryStudy):
        study.objectives = wanted
    post = on_event or unread
    if trials == 0:
        return study
    resources = Resources(workers, window, limits or DEFAULT_LIMITS)
    with executor_of(evaluator, study, resources, platform=executor, on_event=post) as opened:
        search_on(
            opened,
            controller,
            study,
            account=account,
            seed=seed,
            objectives=wanted,
            window=window,
            order=order,
            cache=cache,
            on_trial=on_trial,
            on_event=post,
        )
    if account.closed and account.end.by != "trials":
        post(Notice(account.end.after(len(study))))
    return study


def executor_of(
    evaluator: Evaluator,
    study: Study,
    resources: Resources,
    *,
    platform: Platform | None = None,
    on_event: OnEvent,
) -> AbstractContextManager[Executor]:
    """What evaluates, for as long as the context lasts: the workers of a platform, or this process.

    Args:
        evaluator: gives the metrics of an architecture.
        study: notes what is evaluated in this process.
        resources: what evaluations may use.
        platform: where workers run; None: on this machine.
        on_event: called with the `TrialBegan` of each evaluation, and with the epochs that workers report.

    Raises:
        UsageError: this process is to evaluate, and the platform is another one.
    """
    platform = platform or Local()
    if resources.workers != "in_process":
        return platform.open(evaluator, resources, on_event=on_event)
    if not isinstance(platform, Local):
        raise UsageError(f"workers: in_process is for the executor local, not for {type(platform).__name__}")

    @contextmanager
    def around(job: Job) -> Iterator[None]:
        if not job.stage:
            on_event(TrialBegan(job.number, job.proposal))
        if job.answer is not None or not job.noted:
            yield
            return
        with attempt(study, job.proposal):
            yield
        if job.stage:  # no trial is logged, and the next job may be of the same network
            study.withdraw()

    return nullcontext(Serial(evaluator, around=around))


def search_on(
    executor: Executor,
    controller: Controller,
    study: Study,
    *,
    account: Account,
    seed: int,
    objectives: Sequence[Objective],
    window: int,
    order: Order = "number",
    cache: bool = False,
    on_trial: Callable[[Trial], None] | None = None,
    on_event: OnEvent = unread,
) -> None:
    """Runs a search on an executor; the arguments are those of `search`, and the account says when it ends."""
    memory = Memory() if cache else None
    loop = Loop(
        controller,
        executor,
        study,
        account,
        seed=seed,
        objectives=objectives,
        window=window,
        order=order,
        memory=memory,
    )
    for trial, at in loop.run():
        on_event(TrialEnded(trial, account.left(at)))
        if on_trial is not None:
            on_trial(trial)
