"""A search in this process: one evaluation after the other."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext

from nas.arguments import NotNegative, Positive, Seed, checked
from nas.controllers import Controller
from nas.driver.budget import Trials
from nas.driver.executors.executor import Job
from nas.driver.executors.serial import Serial
from nas.driver.loop import Loop
from nas.driver.memory import Memory
from nas.driver.spaces import check_spaces
from nas.driver.study import MemoryStudy, Study, attempt
from nas.evaluate.evaluator import Evaluator, known_to
from nas.events import OnEvent, TrialBegan, TrialEnded, unread
from nas.objectives import Objectives, same_objectives
from nas.space import Space
from nas.trial import Trial


@checked
def search(
    controller: Controller,
    evaluator: Evaluator,
    study: Study | None = None,
    *,
    trials: NotNegative,
    seed: Seed = 0,
    objectives: Objectives | None = None,
    space: Space | None = None,
    window: Positive = 1,
    cache: bool = False,
    on_trial: Callable[[Trial], None] | None = None,
    on_event: OnEvent | None = None,
) -> Study:
    """Runs a controller against an evaluator until the study holds `trials` trials.

    Trials already in the study are told first, so a resumed search gives the same trials as an uninterrupted one: every
    random number follows from `seed` and the trial's number. A trial that continues the training of another has the
    seed of that trial, so its result is that of a single training, wherever it was paused.

    An error of an architecture fails its trial, and process-wide state that it changed is restored
    (`nas.containment`). A stored study also records a trial in which the process dies: a resumed search counts it as
    CRASH (`nas.driver.deaths`).

    Args:
        controller: a new one, that has been told nothing.
        evaluator: gives the metrics of an architecture.
        study: the log; None: one in memory.
        trials: the number of trials in the study at the end.
        seed: where all randomness comes from.
        objectives: what to search for; controllers of one objective follow the first. None: those of the study, or
            the `objective` of the evaluator, or the highest `val_acc`.
        space: where the controller searches. With it, the search ends before that many trials if every network has
            been evaluated with its full training, failed or not. None: it does not, as where repeats are wanted.
        window: the number of proposals in flight: trial n is asked for when all trials up to n - window have been told.
            A search with as many workers gives the same trials.
        cache: a network that was evaluated for as many epochs before is not evaluated again: its trial has the metrics
            and the seed of the first one, and 0 `seconds`.
        on_trial: called after each trial has been logged and told.
        on_event: called with each event: a `TrialBegan` and a `TrialEnded` for each trial (`nas.events`).

    Returns:
        The study.

    Raises:
        UsageError: the controller was told the trials of another search, or asks to go on with a trial that cannot be
            gone on with; the evaluator does not report an objective's metric; the study has other objectives or is of
            another space.
        StorageError: a trial could not be logged; all before it are safe.
    """
    wanted = same_objectives(study, objectives, known_to(evaluator, "objective"))
    study = MemoryStudy() if study is None else study
    check_spaces(study, controller=controller, study=study, space=space)
    if isinstance(study, MemoryStudy):
        study.objectives = wanted
    post = on_event or unread

    @contextmanager
    def around(job: Job) -> Iterator[None]:
        post(TrialBegan(job.number, job.proposal))
        with attempt(study, job.proposal) if job.answer is None else nullcontext():
            yield

    loop = Loop(
        controller,
        Serial(evaluator, around=around),
        study,
        Trials(trials, space),
        seed=seed,
        objectives=wanted,
        window=window,
        memory=Memory() if cache else None,
    )
    for trial, _ in loop.run():
        post(TrialEnded(trial))
        if on_trial is not None:
            on_trial(trial)
    return study
