"""The loop: ask, evaluate, log, tell. Real and simulated searches share it, with different executors (`executors/`).

Every random number follows from the seed and the number of a trial. Up to `window` proposals are in flight, that is,
asked for and not yet told. Trials are told in one of two orders:

* `number`: trial n is asked for when all trials up to n - window have been told, and told when all before it have been.
  What the controller knows at each moment then depends neither on the number of workers nor on their speed.
* `free`: a trial is told as soon as it is finished. The next one is asked for when all trials finished by then have
  been told.

A resumed search is the same loop from trial 0. A trial in the log is neither asked for nor evaluated again, and the
budget pays for it as it did then.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

import numpy as np

from nas.controllers import Controller
from nas.driver.accounts import Account
from nas.driver.executors.executor import Executor, Finished, Job
from nas.driver.fresh import check_fresh, note_told
from nas.driver.memory import Memory, answer_of
from nas.driver.scoring import scored
from nas.driver.seeds import parent_of, trial_seed
from nas.driver.streak import Streak
from nas.driver.study import Study
from nas.interrupt import stop_if_asked, uninterrupted
from nas.trial import Objective, Proposal, Trial

Order = Literal["number", "free"]
"""In which order trials are told."""


class Told(NamedTuple):
    """A trial that was told, and when it was finished by the clock of the search."""

    trial: Trial
    at: float


class Loop:
    """A search on an executor.

    Args:
        controller: a new one, that has been told nothing.
        executor: evaluates.
        study: the log.
        account: decides when the search ends. What is in the log is paid for as when it was made; the clock goes on
            from that of its trials.
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
        self._known = memory or Memory()  # what the log may have been answered from
        self.window = executor.slots if window is None else window
        self._log = deque(study)  # not told yet, in the order of telling
        self._logged = {trial.number: trial for trial in study}
        self._number = 0  # of the next proposal
        self._in_flight: dict[int, Proposal] = {}  # by number, ascending
        self._asked_after: dict[int, int] = {}
        self._early: dict[int, Finished] = {}  # finished before one of a lower number
        self._told: dict[int, Trial] = {}
        self._proven = False  # the evaluator has reported all objectives
        # The clock of the search, less that of the executor, which may have been used before.
        self._before = max((trial.clock for trial in study), default=0.0) - executor.clock
        self._ended = False  # nothing more is asked for
        self._streak = Streak()

    def run(self) -> Iterator[Told]:
        """Makes the search: each new trial, when it has been logged and told.

        Raises:
            WorkersFailed: several trials in a row ended their worker processes of the same cause.
        """
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
                    trial = self._trial(one, at)
                    with uninterrupted():
                        self.study.append(trial)
                    self._tell(trial)
                    yield Told(trial, at)
                    self._streak.tell(one, trial.error)

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
        self.account.pay(self._job(trial.number, trial.proposal, logged=trial))
        self._in_flight[trial.number] = trial.proposal

    def _job(self, number: int, proposal: Proposal, logged: Trial | None = None) -> Job:
        """What is to be done for a proposal, or was for one in the log. It has the seed of what answers it, or of the
        training that it goes on with."""
        parent = parent_of(proposal, self._told)
        known = self._known.recall(proposal) if self.memory is not None or logged is not None else None
        if known is not None and logged is not None and (known.seed != logged.seed or logged.seconds > 0):
            known = None  # it was evaluated: parts of a search may differ in whether repeats are
        origin = known or parent
        seed = trial_seed(self.seed, number) if origin is None else origin.seed
        answer = None if known is None else answer_of(known, proposal.architecture, self.objectives)
        return Job(number, proposal, seed, answer)

    def _finished(self) -> Sequence[Finished]:
        """Waits for what is to be told next."""
        if self.order == "free":
            return self.executor.next()
        first = next(iter(self._in_flight))
        while first not in self._early:
            self._early.update((one.job.number, one) for one in self.executor.next())
        return [self._early.pop(first)]

    def _trial(self, one: Finished, clock: float) -> Trial:
        asked_after = self._asked_after.pop(one.job.number)
        return scored(one, objectives=self.objectives, asked_after=asked_after, clock=clock, proven=self._proven)

    def _tell(self, trial: Trial) -> None:
        self._in_flight.pop(trial.number, None)
        if not self._told:
            note_told(self.controller)
        self.controller.tell(trial)
        self._told[trial.number] = trial
        self._proven = self._proven or trial.scores is not None
        self.account.settle(trial)
        self._known.tell(trial)
