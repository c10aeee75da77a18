"""The parts of a comparison, made from its file; all errors are reported at once."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from nas.analysis.measures import scale_of
from nas.comparison.config import ComparisonConfig, TableProblem, TrainingProblem
from nas.controllers import Controller
from nas.controllers.backends.promoting import Promoting
from nas.controllers.controller import layers
from nas.errors import UsageError
from nas.evaluate.evaluation import make_data, make_evaluator, objectives_for
from nas.evaluate.evaluator import known_to
from nas.evaluate.space_of import load_for
from nas.findings import Findings
from nas.settings import identity
from nas.simulation.problem import Problem, problem_of_table, problem_of_training
from nas.space.cover import cover


def load_problem(config: ComparisonConfig, label: str) -> Problem:
    """The problem with a label. Raises UsageError, StorageError or IntegrityError."""
    found = config.problems[label]
    path = f"problems.{label}"
    if isinstance(found, TableProblem):
        return problem_of_table(found.table.make({}, f"{path}.table"), label)
    if found.threads is not None:
        from nas.training.device import use_threads

        use_threads(found.threads)
    data = make_data(found, path)
    space = load_for(found.space, data)
    space.check()
    evaluator = make_evaluator(found, data, space, path=path)
    objectives = objectives_for(found, data)
    return problem_of_training(label, space, data, evaluator, objectives=objectives, device=found.device)


def make_controller(config: ComparisonConfig, label: str, problem: Problem) -> Controller:
    """A new controller with a label, for a problem. Raises UsageError if its settings do not fit the problem."""
    setting = config.controllers[label]
    trials = config.budget.trials(problem, config.workers)
    scheduled = [one.name for one in setting.walk() if one.taken({"trials": trials})]
    if trials is None and scheduled:
        raise UsageError(
            f"{scheduled[0]} has a schedule that needs a number of evaluations, and how many fit into "
            f"{config.budget} of {problem.name} is not known: give the budget in evaluations or epochs"
        )
    supplied = {"space": problem.space, "trials": trials, "full_epochs": problem.epochs, "proxies": problem.proxies}
    controller = setting.make(supplied, f"controllers.{label}")
    _check_levels(controller, problem)
    return controller


def identity_of(config: ComparisonConfig, problems: Mapping[str, Problem]) -> dict[str, Any]:
    """The settings and contents that must not change when a comparison is resumed, as plain data.

    Seeds, controllers and problems may be added.
    """
    found = {
        label: {**identity(problem), "fingerprint": problems[label].fingerprint}
        for label, problem in config.problems.items()
    }
    return {**identity(config), "problems": found}


def prepare_comparison(config: ComparisonConfig) -> Mapping[str, Problem]:
    """The problems of a comparison, after all checks that are possible before the first run.

    Raises:
        SpecError: a problem or a controller is invalid, or they do not fit together; all errors are reported.
        StorageError, IntegrityError: a file cannot be read, and there is no other error.
    """
    found = Findings()
    problems: dict[str, Problem] = {}
    for label, one in config.problems.items():
        problem = found.attempt(partial(load_problem, config, label), one.mark, f"problems.{label}")
        if problem is None:
            continue
        problems[label] = problem
        check = known_to(problem.evaluator, "check")  # an evaluator may say which networks it cannot score
        if check is not None and isinstance(one, TrainingProblem):
            path = f"problems.{label}.evaluator.{one.evaluator.name}"
            found.attempt(partial(check, tuple(cover(problem.space))), one.evaluator.mark, path)
        timed = problem.measured or problem.mean_seconds is not None
        if not timed and (config.budget.kind == "seconds" or (config.workers > 1 and config.order == "free")):
            what = "a budget of seconds" if config.budget.kind == "seconds" else f"{config.workers} workers"
            found.add(one.mark, f"problems.{label}", f"the table records no seconds, which {what} needs")
    for label, setting in config.controllers.items():
        for problem in problems.values():
            before = len(found.problems)
            found.attempt(partial(make_controller, config, label, problem), setting.mark, f"controllers.{label}")
            if len(found.problems) > before:
                break
    scales = {scale_of(problem.facts) for problem in problems.values()}
    if len(scales) > 1 and (expected := config.too_few_seeds(families=len(problems))):
        found.add(
            config.places.at(("seeds",)),
            "seeds",
            f"too few seeds for the tests (expected {expected}, got {len(config.seeds)})",
        )
    found.end()
    return problems


def jobs_of(config: ComparisonConfig, cores: int) -> int:
    """The number of processes of a comparison; by default all cores, or 1 if a problem is a training."""
    if config.jobs is not None:
        return config.jobs
    trains = any(isinstance(problem, TrainingProblem) for problem in config.problems.values())
    return 1 if trains else cores


def _check_levels(controller: Controller, problem: Problem) -> None:
    """Raises UsageError if a controller, or a wrapped one, truncates trainings at epochs that a table lacks."""
    if not problem.recorded:
        return
    for one in (one for one in layers(controller) if isinstance(one, Promoting)):
        for epochs in one.levels:
            if epochs is not None and epochs not in problem.recorded:
                levels = ", ".join(str(level or problem.epochs) for level in one.levels)
                known = ", ".join(map(str, problem.recorded))
                raise UsageError(f"levels of {levels} epochs do not fit {problem.name}, which was recorded at {known}")
