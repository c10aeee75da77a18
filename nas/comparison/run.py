"""One run of a controller on a task, with any number of simulated workers.

Time is simulated: an evaluation takes the seconds that the table records (or that a training took here), whatever the
look-up took. An idle worker asks the controller, which sees what is in flight; evaluations are told at the time at
which they are finished, those of one moment in the order of their numbers, and before the next proposal. Randomness is
that of `nas.driver.loop.search`: with one worker the trials are those of `search` with the same seed.

**Trainings that go on.** A proposal with a parent has the seed of the parent's trial, so that a table answers with the
same recorded run, and costs the epochs and the seconds that the parent had not: less than 0 seconds count as 0. What
was answered by the cache was never trained, so that going on with it costs all epochs, and so does a new training in
tables whose budgets are trainings of their own.

**Budgets.** `evaluations`: so many are asked for, and all are finished. `epochs`: their sum; a proposal that does not
fit any more ends the run. `seconds`: what is finished by then counts; what is not is never told.

**Repeats** of an architecture cost like any evaluation, and draw a new recorded run. With `cache` they are answered
with the metrics that were seen before, as soon as these are known, have the seed that gave these, and cost no seconds
and no epochs; but each counts as an evaluation, because a budget of evaluations that repeats do not use up would reward
a controller for having nothing new to say. A run in which `FREE_IN_A_ROW` evaluations one after the other used up
nothing of its budget ends: the controller has converged.

**The controller's own time** is measured always, and charged where that is asked for: the controller is one process,
which answers one worker at a time. Runs then differ a little from time to time.
"""

import heapq
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import numpy as np

from nas.arguments import checked
from nas.comparison.results import Run
from nas.comparison.task import Task
from nas.controllers import Controller
from nas.driver.loop import parent_of, run_trial, trial_seed
from nas.errors import UsageError
from nas.interrupt import stop_if_asked
from nas.metrics import read_metrics
from nas.space import Architecture
from nas.trial import Metrics, Proposal, Trial

FREE_IN_A_ROW = 1000


@checked
@dataclass(frozen=True)
class Budget:
    """What a run may spend.

    Raises:
        UsageError: the amount is not above 0.
    """

    kind: Literal["evaluations", "epochs", "seconds"]
    amount: float

    def __post_init__(self) -> None:
        if not 0 < self.amount < float("inf"):
            raise UsageError(f"a budget of {self.kind} is a number above 0, got {self.amount}")

    def __str__(self) -> str:
        return f"{self.amount:,g} {self.kind}"

    def trials(self, task: Task, workers: int = 1) -> int | None:
        """About how many evaluations it is worth, for controllers with a schedule; None where that is not known."""
        if self.kind == "evaluations":
            return int(self.amount)
        if self.kind == "epochs":
            return max(1, int(self.amount / task.epochs))
        return max(1, round(self.amount / task.mean_seconds * workers)) if task.mean_seconds else None


class _Spent(NamedTuple):
    """What a training took from its beginning on."""

    epochs: int
    seconds: float


class _Finished(NamedTuple):
    """An evaluation, ordered by when it is finished and by its number; `epochs` are what it cost."""

    at: float
    number: int
    trial: Trial
    epochs: int
    own: float


@checked
def run_one(
    make_controller: Callable[[], Controller],
    task: Task,
    *,
    seed: int,
    budget: Budget,
    workers: int = 1,
    charge_controller: bool = False,
    cache: bool = False,
    controller: str = "controller",
) -> Run:
    """Runs a new controller on a task until the budget is used up.

    Args:
        make_controller: gives a new controller for the task's space.
        task: what to search.
        seed: where all randomness comes from.
        budget: what may be spent.
        workers: how many evaluations go on at a time.
        charge_controller: the clock runs while the controller thinks.
        cache: repeats are free, see above.
        controller: its name in the record.

    Raises:
        UsageError: the seed or the number of workers cannot be used, the table records no seconds where they matter, or
            the budget ends before anything is finished.
    """
    if seed < 0 or workers < 1:
        raise UsageError(f"seed must be 0 or more, and workers 1 or more, got {seed} and {workers}")
    run = _Simulation(make_controller(), task, seed, budget, workers, charge_controller, cache)
    done = run.simulate()
    if not done:
        where = f"{controller} on {task.name}, seed {seed}"
        raise UsageError(f"{where}: a budget of {budget} ends before the first evaluation is finished")
    known = [task.known(one.trial.architecture) for one in done]
    trials = [one.trial for one in done]
    unseen = task.unseen(trials) if task.unseen is not None else np.full(len(done), np.nan)
    scores = [trial.score for trial in trials]
    return Run(
        task=task.name,
        controller=controller,
        seed=seed,
        ids=tuple(one.id for one in known),
        row=np.array([one.row for one in known], dtype=np.float64),
        observed=np.array([np.nan if score is None else score for score in scores], dtype=np.float64),
        truth=np.array([one.truth for one in known], dtype=np.float64),
        unseen=unseen,
        test=np.array([one.test for one in known], dtype=np.float64),
        trained=np.array([task.epochs_of(one.trial.proposal) for one in done], dtype=np.float64),
        epochs=np.array([one.epochs for one in done], dtype=np.float64),
        seconds=np.array([one.trial.seconds for one in done], dtype=np.float64),
        clock=np.array([one.at for one in done], dtype=np.float64),
        own_seconds=np.array([one.own for one in done], dtype=np.float64),
    )


class _Simulation:
    def __init__(
        self, controller: Controller, task: Task, seed: int, budget: Budget, workers: int, charge: bool, cache: bool
    ) -> None:
        self.controller, self.task, self.seed = controller, task, seed
        self.budget, self.workers, self.charge, self.cache = budget, workers, charge, cache
        self.strict = workers > 1 or budget.kind == "seconds"  # without seconds there is no order of events
        self.now = self.free = 0.0  # `free`: when the controller has answered everyone
        self.asked = self.epochs = self.unpaid = 0
        self.told_seconds = 0.0
        self.in_flight: dict[int, Proposal] = {}
        self.queue: list[_Finished] = []
        self.done: list[_Finished] = []
        self.told: dict[int, Trial] = {}
        self.spent: dict[int, _Spent] = {}  # by the number of the trial
        self.seen: dict[tuple[str, int], Trial] = {}
        self.ended = False

    def simulate(self) -> list[_Finished]:
        """What was finished within the budget, in that order."""
        while True:
            stop_if_asked()
            while len(self.in_flight) < self.workers and not self.ended:
                self.ask()
            if not self.queue:
                return self.done
            self.now = self.queue[0].at
            if self.budget.kind == "seconds" and self.now > self.budget.amount:
                return self.done
            while self.queue and self.queue[0].at == self.now:
                self.tell(heapq.heappop(self.queue))

    def ask(self) -> None:
        """Gives work to an idle worker, or ends the asking."""
        budget, number = self.budget, self.asked
        begin = max(self.now, self.free)
        if (budget.kind == "evaluations" and number >= budget.amount) or self.unpaid >= FREE_IN_A_ROW:
            self.ended = True
            return
        if budget.kind == "seconds" and begin >= budget.amount:
            self.ended = True
            return
        watch = time.perf_counter()
        pending = tuple(self.in_flight.values())
        proposal = self.controller.ask(np.random.default_rng([self.seed, number]), pending)
        own = time.perf_counter() - watch
        if self.charge:
            begin = self.free = begin + own
        parent = parent_of(proposal, self.told)
        before = self.spent[parent.number] if parent is not None and self.task.resumes else _Spent(0, 0.0)
        trained = self.task.epochs_of(proposal)
        known = self.seen.get((self.task.known(proposal.architecture).id, trained)) if self.cache else None
        epochs = trained - before.epochs if known is None else 0
        if budget.kind == "epochs" and self.epochs + epochs > budget.amount:
            self.ended = True
            return
        origin = known or parent
        own_seed = trial_seed(self.seed, number) if origin is None else origin.seed
        trial = self.evaluate(proposal, number, own_seed, known, before.seconds)
        self.spent[number] = _Spent(trained, before.seconds + trial.seconds) if known is None else _Spent(0, 0.0)
        self.asked += 1
        self.epochs += epochs
        spent = {"evaluations": 1.0, "epochs": float(epochs), "seconds": trial.seconds}[budget.kind]
        self.unpaid = self.unpaid + 1 if spent == 0 else 0
        self.in_flight[number] = proposal
        heapq.heappush(self.queue, _Finished(begin + trial.seconds, number, trial, epochs, own))

    def evaluate(self, proposal: Proposal, number: int, seed: int, known: Trial | None, before: float) -> Trial:
        """The trial, with the seconds that it costs here; `before` of what it takes from scratch were paid."""
        reported: list[float] = []

        def evaluator(arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
            metrics: Metrics
            if known is not None:
                own = {"params": float(arch.params), "macs": float(arch.macs)}  # equal cells may differ in these
                own = {name: cost for name, cost in own.items() if name in known.metrics}
                metrics = {**known.metrics, **own, "seconds": 0.0}
            else:
                metrics = read_metrics(self.task.evaluator(arch, epochs=epochs, seed=seed))
            seconds = metrics.get("seconds")
            if isinstance(seconds, int | float) and 0 <= seconds < float("inf"):
                reported.append(float(seconds))
            return metrics

        trial = run_trial(
            evaluator,
            proposal,
            number,
            seed=seed,
            objectives=(self.task.objective,),
        )
        if reported:
            seconds = max(0.0, reported[0] - before)
        elif self.task.measured:
            seconds = max(0.0, trial.seconds - before)
        elif trial.error is not None:
            seconds = self.told_seconds / len(self.done) if self.done else 0.0
        elif self.strict:
            raise UsageError(
                f"{self.task.name}: no seconds are recorded of {proposal.architecture.id}, and several workers or a "
                "budget of seconds need them"
            )
        else:
            seconds = 0.0
        if seconds == trial.seconds and number == len(self.done):
            return trial
        return replace(trial, seconds=seconds, asked_after=len(self.done))

    def tell(self, finished: _Finished) -> None:
        """Ends an evaluation."""
        trial = finished.trial
        del self.in_flight[finished.number]
        begin = max(self.now, self.free)
        watch = time.perf_counter()
        self.controller.tell(trial)
        self.told[trial.number] = trial
        own = time.perf_counter() - watch
        if self.charge:
            self.free = begin + own
        if self.cache and trial.error is None:
            key = self.task.known(trial.architecture).id, self.task.epochs_of(trial.proposal)
            self.seen.setdefault(key, trial)
        self.told_seconds += trial.seconds
        self.done.append(finished._replace(own=finished.own + own))
