"""The parts of a comparison made from its file, with all that is wrong with them told at once."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from nas.comparison.config import ComparisonConfig, TableTask, TrainingTask
from nas.controllers import Controller
from nas.controllers.backends.promoting import Promoting
from nas.controllers.controller import layers
from nas.errors import Problem, UsageError
from nas.findings import Findings
from nas.settings import identity
from nas.simulation.problem import Task, task_of_table, task_of_training
from nas.space import load_space
from nas.space.cover import cover


def load_task(config: ComparisonConfig, label: str) -> Task:
    """The problem of a label. Raises what loading it raises."""
    found = config.tasks[label]
    path = f"tasks.{label}"
    if isinstance(found, TableTask):
        return task_of_table(found.table.make({}, f"{path}.table"), label)
    if found.threads is not None:
        from nas.training.device import use_threads

        use_threads(found.threads)
    data = found.data.make({}, f"{path}.data")
    space = load_space(found.space, data=data)
    space.check()
    supplied = {"data": data, "space": space, "device": found.device, "precision": found.precision}
    evaluator = found.evaluator.make(supplied, f"{path}.evaluator")
    return task_of_training(label, space, data, evaluator, device=found.device)


def make_controller(config: ComparisonConfig, label: str, task: Task) -> Controller:
    """A new controller of a label, for a problem. Raises UsageError if it cannot be had."""
    setting = config.controllers[label]
    trials = config.budget.trials(task, config.workers)
    scheduled = [one.name for one in setting.walk() if one.taken({"trials": trials})]
    if trials is None and scheduled:
        raise UsageError(
            f"{scheduled[0]} has a schedule that needs a number of evaluations, and how many fit into "
            f"{config.budget} of {task.name} is not known: give the budget in evaluations or epochs"
        )
    supplied = {"space": task.space, "trials": trials, "full_epochs": task.epochs, "proxies": task.proxies}
    controller = setting.make(supplied, f"controllers.{label}")
    _check_levels(controller, task)
    return controller


def identity_of(config: ComparisonConfig, tasks: Mapping[str, Task]) -> dict[str, Any]:
    """What must not change between the start of a comparison and its resumption, as plain data.

    More seeds, controllers and tasks may come; what there is stays as it is.
    """
    found = {label: {**identity(task), "fingerprint": tasks[label].fingerprint} for label, task in config.tasks.items()}
    return {**identity(config), "tasks": found}


def prepare_comparison(config: ComparisonConfig) -> Mapping[str, Task]:
    """The problems of a comparison, after a trial of everything that can be tried without running it.

    Raises:
        SpecError: a problem or a controller cannot be had, or they do not fit together; all of it is told.
        StorageError, IntegrityError: a file cannot be read, and nothing else is wrong.
    """
    found = Findings()
    tasks: dict[str, Task] = {}
    for label, one in config.tasks.items():
        task = found.attempt(partial(load_task, config, label), one.mark, f"tasks.{label}")
        if task is None:
            continue
        tasks[label] = task
        check = getattr(task.evaluator, "check", None)  # an evaluator may say which networks it cannot score
        if check is not None and isinstance(one, TrainingTask):
            path = f"tasks.{label}.evaluator.{one.evaluator.name}"
            found.attempt(partial(check, tuple(cover(task.space))), one.evaluator.mark, path)
        timed = task.measured or task.mean_seconds is not None
        if not timed and (config.budget.kind == "seconds" or config.workers > 1):
            what = "a budget of seconds" if config.budget.kind == "seconds" else f"{config.workers} workers"
            found.problems.append(
                Problem(one.mark, f"tasks.{label}", f"the table records no seconds, which {what} needs")
            )
    for label, setting in config.controllers.items():
        for task in tasks.values():
            before = len(found.problems)
            found.attempt(partial(make_controller, config, label, task), setting.mark, f"controllers.{label}")
            if len(found.problems) > before:
                break
    found.end()
    return tasks


def jobs_of(config: ComparisonConfig, cores: int) -> int:
    """How many processes a comparison gets: what it says; else all cores, but one where networks are trained."""
    if config.jobs is not None:
        return config.jobs
    trains = any(isinstance(task, TrainingTask) for task in config.tasks.values())
    return 1 if trains else cores


def _check_levels(controller: Controller, task: Task) -> None:
    """Raises UsageError if a controller, or one inside of it, cuts trainings off where a table has no results."""
    if not task.recorded:
        return
    for one in (one for one in layers(controller) if isinstance(one, Promoting)):
        for epochs in one.levels:
            if epochs is not None and epochs not in task.recorded:
                levels = ", ".join(str(level or task.epochs) for level in one.levels)
                known = ", ".join(map(str, task.recorded))
                raise UsageError(f"levels of {levels} epochs do not fit {task.name}, which was recorded at {known}")
