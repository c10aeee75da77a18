"""The loop: ask, evaluate, log, tell. Real and simulated searches share it, with different executors (`executors/`).

Every random number follows from the seed and the number of a trial. Up to `window` proposals are in flight, that is,
asked for and not yet told. Trials are told in one of two orders:

* `number`: trial n is asked for when all trials up to n - window have been told, and told when all before it have been.
  What the controller knows at each moment then depends neither on the number of workers nor on their speed.
* `finished`: a trial is told as soon as it is finished. The next one is asked for when all trials finished by then have
  been told.

A resumed search is the same loop from trial 0. A trial that is in the log is neither asked for nor evaluated again.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from typing import Literal, NamedTuple

import numpy as np

from nas.arguments import NotNegative, Positive, Seed, checked
from nas.controllers import Controller
from nas.driver.budget import Account, Trials
from nas.driver.executors.executor import Executor, Failed, Finished, Job
from nas.driver.executors.serial import Serial
from nas.driver.fresh import check_fresh, note_told
from nas.driver.memory import Memory, answer_of
from nas.driver.spaces import check_spaces
from nas.driver.study import MemoryStudy, Study, attempt
from nas.errors import EvaluationFailed, FailureKind, MetricsError, UsageError
from nas.evaluate.evaluator import Evaluator, known_to
from nas.events import OnEvent, TrialBegan, TrialEnded, unread
from nas.interrupt import stop_if_asked, uninterrupted
from nas.objectives import Objectives, same_objectives
from nas.space import Space
from nas.trial import Objective, Proposal, Trial

Order = Literal["number", "finished"]
"""In which order trials are told."""


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


class Told(NamedTuple):
    """A trial that was told, and when it was finished by the executor's clock."""

    trial: Trial
    at: float


class Loop:
    """A search on an executor.

    Args:
        controller: a new one, that has been told nothing.
        executor: evaluates.
        study: the log.
        account: decides when the search ends. What is in the log is paid for as when it was made; its seconds are those
            of its evaluations, shared out among the slots of the executor.
        seed: where all randomness comes from.
        objectives: what to search for.
        window: how many proposals are in flight; None: as many as the executor evaluates at once.
        order: in which order trials are told.
        memory: answers repeats; None: they are evaluated.
    """

    def __init__(
        self,
        controller: Controller,
        executor: Executor,
        study: Study,
        account: Account,
        *,
        seed: int,
        objectives: Sequence[Objective],
        window: int | None = None,
        order: Order = "number",
        memory: Memory | None = None,
    ) -> None:
        check_fresh(controller)
        self.controller, self.executor, self.study, self.account = controller, executor, study, account
        self.seed, self.objectives, self.order, self.memory = seed, tuple(objectives), order, memory
        self.window = executor.slots if window is None else window
        self._log = deque(study)  # not told yet, in the order of telling
        self._logged = {trial.number: trial for trial in study}
        self._number = 0  # of the next proposal
        self._in_flight: dict[int, Proposal] = {}  # by number, ascending
        self._asked_after: dict[int, int] = {}
        self._early: dict[int, Finished] = {}  # finished before one of a lower number
        self._told: dict[int, Trial] = {}
        self._proven = False  # the evaluator has reported all objectives
        self._before = 0.0  # the clock when this search went on
        self._ended = False  # nothing more is asked for

    def run(self) -> Iterator[Told]:
        """Makes the search: each new trial, when it has been logged and told."""
        while True:
            stop_if_asked()
            while self._has_room():
                self._ask()
            if self._log:
                trial = self._log.popleft()
                if trial.number not in self._in_flight:
                    self._take_up(trial)
                self._tell(trial)
            elif not self._in_flight:
                return
            else:
                for one in self._finished():
                    at = self._before + one.at
                    if self.account.is_over(at):
                        return
                    trial = self._trial(one)
                    with uninterrupted():
                        self.study.append(trial)
                    self._tell(trial)
                    yield Told(trial, at)

    def _has_room(self) -> bool:
        """Whether the next proposal may be asked for. One in the log was asked for after so many trials as it says."""
        logged = self._logged.get(self._number)
        if logged is not None:
            return logged.asked_after <= len(self._told)
        return len(self._in_flight) < self.window and not self._ended

    def _ask(self) -> None:
        """Fills a place in the window, or ends the asking."""
        number = self._number
        if number in self._logged:
            self._number += 1
            if number not in self._told:
                self._take_up(self._logged[number])
            return
        self._ended = not self.account.is_open(number, self._before + self.executor.clock)
        if self._ended:
            return
        pending = tuple(self._in_flight.values())
        proposal = self.controller.ask(np.random.default_rng([self.seed, number]), pending)
        job = self._job(number, proposal)
        self._ended = not self.account.affords(job)
        if self._ended:
            return
        self.account.pay(job)
        self._number += 1
        self._in_flight[number], self._asked_after[number] = proposal, len(self._told)
        self.executor.submit(job)

    def _take_up(self, trial: Trial) -> None:
        """A trial of the log is in flight until it is told, and is paid for."""
        job = self._job(trial.number, trial.proposal)
        self.account.pay(job)
        if job.answer is None:
            self._before += trial.seconds / self.executor.slots
        self._in_flight[trial.number] = trial.proposal

    def _job(self, number: int, proposal: Proposal) -> Job:
        """What is to be done for a proposal. It has the seed of what answers it, or of the training that it goes on
        with."""
        parent = parent_of(proposal, self._told)
        known = self.memory.recall(proposal) if self.memory is not None else None
        origin = known or parent
        seed = trial_seed(self.seed, number) if origin is None else origin.seed
        answer = None if known is None else answer_of(known, proposal.architecture, self.objectives)
        return Job(number, proposal, seed, answer)

    def _finished(self) -> Sequence[Finished]:
        """Waits for what is to be told next."""
        if self.order == "finished":
            return self.executor.next()
        first = next(iter(self._in_flight))
        while first not in self._early:
            self._early.update((one.job.number, one) for one in self.executor.next())
        return [self._early.pop(first)]

    def _trial(self, one: Finished) -> Trial:
        asked_after = self._asked_after.pop(one.job.number)
        return scored(one, objectives=self.objectives, asked_after=asked_after, proven=self._proven)

    def _tell(self, trial: Trial) -> None:
        self._in_flight.pop(trial.number, None)
        if not self._told:
            note_told(self.controller)
        self.controller.tell(trial)
        self._told[trial.number] = trial
        self._proven = self._proven or trial.scores is not None
        self.account.settle(trial)
        if self.memory is not None:
            self.memory.tell(trial)


def scored(one: Finished, *, objectives: Sequence[Objective], asked_after: int, proven: bool = False) -> Trial:
    """The trial that a finished job makes. The metrics of the objectives must be finite, and others need not.

    Args:
        one: the job, and what came of it.
        objectives: what is searched for.
        asked_after: how many trials had been told when it was asked for.
        proven: the evaluator has reported all objectives before. So where it does not now, the trial fails; else that
            is an error of the evaluator's, and evaluating more would not help.

    Raises:
        MetricsError: the evaluator does not report what it should.
    """
    job, outcome = one.job, one.outcome
    try:
        if isinstance(outcome, Failed):
            raise outcome.error()
        scores = tuple(objective.score(outcome) for objective in objectives)
    except EvaluationFailed as failure:
        error = str(failure)
    except MetricsError as wrong:
        if not proven:
            raise
        error = f"{FailureKind.CRASH}: {wrong}"
    else:
        return Trial(job.number, job.proposal, job.seed, outcome, scores, one.seconds, None, asked_after)
    return Trial(job.number, job.proposal, job.seed, {}, None, one.seconds, error, asked_after)


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
