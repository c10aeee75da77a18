"""One run of a controller on a problem, with any number of simulated workers.

The loop of `nas.driver.loop` runs on an executor with simulated time: an idle worker asks the controller, which is
given the pending proposals. Results are told when they finish, simultaneous ones in the order of their numbers, and
before the next proposal. With `order="number"`, all are told in the order of their numbers, and no seconds are needed.
The trials are then those of `nas.search` with the same seed and a `window` of as many as there are workers; with one
worker, they are so in either order.

**Budgets** are those of `nas.driver.budget`.

**Repeated architectures** cost as much as others and draw a new recorded run. With `cache`, they get the metrics and
the seed of the first evaluation once it has finished. They cost no seconds and no epochs but count as evaluations.

**The controller's own time** is always measured. It is charged on request: the controller is then one process that
serves one worker at a time, and runs vary slightly.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext

import numpy as np

from nas.arguments import Positive, Seed, checked
from nas.controllers import Controller
from nas.driver.budget import Budget
from nas.driver.executors.executor import Job
from nas.driver.executors.simulated import Simulated
from nas.driver.loop import Loop, Order
from nas.driver.memory import Memory
from nas.driver.spaces import check_spaces
from nas.driver.study import MemoryStudy
from nas.errors import UsageError
from nas.simulation.problem import Problem
from nas.simulation.results import Run
from nas.trial import Proposal, Trial


@checked
def run_one(
    make_controller: Callable[[], Controller],
    problem: Problem,
    *,
    seed: Seed,
    budget: Budget,
    workers: Positive = 1,
    order: Order = "free",
    charge_controller: bool = False,
    cache: bool = False,
    controller: str = "controller",
    around: Callable[[Job], AbstractContextManager[object]] = nullcontext,
) -> Run:
    """Runs a new controller on a problem until the budget is used up.

    Args:
        make_controller: makes a new controller for the space of the problem.
        problem: the problem.
        seed: the seed of all random numbers.
        budget: the budget of the run.
        workers: the number of simulated workers.
        order: `free`: trials are told when they finish. `number`: in the order of their numbers, as in `nas.search`
            with a `window` of as many as there are workers.
        charge_controller: whether the controller's own time is added to the simulated clock.
        cache: whether repeated architectures are answered from a cache, see above.
        controller: the label of the controller in the results.
        around: the context in which a job is evaluated; an EvaluationFailed that it raises is the outcome.

    Raises:
        UsageError: the controller searches another space, the table records no seconds but they are needed, or the
            budget ends before the first evaluation is finished.
    """
    executor = Simulated(
        problem.evaluator,
        workers,
        resumes=problem.resumes,
        measured=problem.measured,
        needs_seconds=(workers > 1 and order == "free") or budget.kind == "seconds",  # which order the events
        objectives=problem.objectives,
        name=problem.name,
        around=around,
    )
    made = make_controller()
    check_spaces(controller=made, problem=problem)
    watch = _Stopwatch(made, executor.wait if charge_controller else None)
    account, costs = budget.accounts(full_epochs=problem.epochs, resumes=problem.resumes)
    loop = Loop(
        watch,
        executor,
        MemoryStudy(),
        account,
        seed=seed,
        objectives=problem.objectives,
        order=order,
        memory=Memory(lambda proposal: (problem.known(proposal.architecture).id, problem.epochs_of(proposal)))
        if cache
        else None,
    )
    told = list(loop.run())
    if not told:
        where = f"{controller} on {problem.name}, seed {seed}"
        raise UsageError(f"{where}: a budget of {budget} ends before the first evaluation is finished")
    trials = [one.trial for one in told]
    known = [problem.known(trial.architecture) for trial in trials]
    unseen = problem.unseen(trials) if problem.unseen is not None else np.full(len(trials), np.nan)
    scores = [trial.score for trial in trials]
    return Run(
        problem=problem.name,
        controller=controller,
        seed=seed,
        ids=tuple(one.id for one in known),
        row=np.array([one.row for one in known], dtype=np.float64),
        observed=np.array([np.nan if score is None else score for score in scores], dtype=np.float64),
        truth=np.array([one.truth for one in known], dtype=np.float64),
        unseen=unseen,
        test=np.array([one.test for one in known], dtype=np.float64),
        trained=np.array([problem.epochs_of(trial.proposal) for trial in trials], dtype=np.float64),
        epochs=np.array([costs[trial.number] for trial in trials], dtype=np.float64),
        seconds=np.array([trial.seconds for trial in trials], dtype=np.float64),
        # In the order of numbers, an evaluation that finishes early is told after those before it.
        clock=np.maximum.accumulate([one.at for one in told], dtype=np.float64),
        own_seconds=np.array([watch.own[trial.number] for trial in trials], dtype=np.float64),
    )


class _Stopwatch:
    """A controller whose time is measured.

    Args:
        controller: the wrapped controller.
        charge: called with the seconds of each call; None: they are not charged.

    Attributes:
        controller: the wrapped controller.
        own: the seconds of asking for and telling each trial, by its number.
    """

    def __init__(self, controller: Controller, charge: Callable[[float], None] | None) -> None:
        self.controller = controller
        self.own: list[float] = []
        self._charge = charge

    def ask(self, rng: np.random.Generator, pending: Sequence[Proposal] = ()) -> Proposal:
        begin = time.perf_counter()
        proposal = self.controller.ask(rng, pending)
        self.own.append(self._passed(begin))
        return proposal

    def tell(self, trial: Trial) -> None:
        begin = time.perf_counter()
        self.controller.tell(trial)
        self.own[trial.number] += self._passed(begin)

    def _passed(self, begin: float) -> float:
        seconds = time.perf_counter() - begin
        if self._charge is not None:
            self._charge(seconds)
        return seconds
