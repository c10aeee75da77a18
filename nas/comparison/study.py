"""Study files: which controllers are compared, on what, and with what budget, checked before anything is run.

    name: nasbench201
    controllers:
      random: random
      evolution: {regularized_evolution: {population: 20, tournament: 15}}
    tasks:
      cifar10: {table: nasbench201-cifar10-200}
      digits: {space: digits_cnn.yaml, data: digits, evaluator: {train: {epochs: 5}}}
    budget: {evaluations: 200}
    seeds: 100

docs/compare.md is the reference.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, TypeVar, cast

from pydantic import Field

from nas.arguments import Threads, checked
from nas.comparison.run import Budget
from nas.comparison.task import Task, task_of_table, task_of_training
from nas.config import DEFAULTS, Reader, Setting, override, plain
from nas.controllers import CONTROLLERS, Controller
from nas.controllers.backends.promoting import Promoting
from nas.controllers.controller import layers
from nas.data import DATASETS
from nas.document import ONE_WORD, Node, describe, from_object, one_word, read_document, shortened
from nas.errors import ArchwrightError, Mark, Problem, SpecError, UsageError, nearest
from nas.evaluate import EVALUATORS
from nas.space import load_space
from nas.tabular import TABLES, Table, load_table
from nas.training import Recipe
from nas.training.device import Device, Precision

T = TypeVar("T")

STUDY_KEYS = (
    "name", "controllers", "tasks", "budget", "seeds", "workers", "charge_controller", "cache", "delta", "jobs",
)  # fmt: skip
REQUIRED = ("controllers", "tasks", "budget", "seeds")
BUDGETS = ("evaluations", "epochs", "seconds")
TRAINING_KEYS = ("space", "data", "evaluator", "device", "precision", "threads")
ALPHA = 0.05
"""The level of the tests that a study must have enough seeds for."""
MOST_SEEDS = 100_000
"""Of a study; more is a slip of the pen, and all of them are written down."""
Jobs = Annotated[int, Field(ge=1, le=1024)]
"""Processes at a time."""
Workers = Annotated[int, Field(ge=1, le=10_000)]
"""Simulated workers; each is given work before the first one is done."""


@dataclass(frozen=True)
class TableTask:
    """A task that is a table: a name out of `TABLES` or a file, with settings."""

    table: Setting

    def load(self, name: str, tables: Mapping[str, Callable[..., Table]]) -> Task:
        """The task. Raises what loading the table raises."""
        if self.table.name in tables:
            return task_of_table(tables[self.table.name](**self.table.arguments), name)
        return task_of_table(load_table(self.table.name, **self.table.arguments), name)

    def identity(self) -> dict[str, Any]:
        """The task as plain data."""
        return {"table": Path(self.table.name).name}  # its content is in the fingerprint


@dataclass(frozen=True)
class TrainingTask:
    """A task that trains: a space file, a data set and a recipe; see `RunConfig` for the rest."""

    space: Path
    data: Setting
    evaluator: Setting
    device: Device
    precision: Precision
    threads: int | None

    def load(self, name: str, tables: Mapping[str, Callable[..., Table]]) -> Task:
        """The task. Raises SpecError, and what loading the data raises."""
        if self.threads is not None:
            from nas.training.device import use_threads

            use_threads(self.threads)
        data = DATASETS[self.data.name](**self.data.arguments)
        space = load_space(self.space, data=data)
        space.check()
        recipe = Recipe(**self.evaluator.arguments)
        return task_of_training(name, space, data, recipe, device=self.device, precision=self.precision)

    def identity(self) -> dict[str, Any]:
        """The task as plain data."""
        evaluator = {self.evaluator.name: plain(self.evaluator.full)}
        return {"data": self.data.name, "evaluator": evaluator, "threads": self.threads}


@checked
@dataclass(frozen=True)
class StudyConfig:
    """A checked study file.

    Attributes:
        name: of the study.
        controllers: label to what proposes, in order.
        tasks: label to what is searched, in order.
        budget: what each run may spend.
        seeds: that every controller is run with, on every task.
        workers: simulated workers of each run.
        charge_controller: whether the controller's own time is charged.
        cache: whether repeats are free.
        delta: percentage points below the optimum that count as being near it.
        jobs: processes; None: all cores where nothing is trained, else one.
        mark: where the file begins.
        factories: name to controller, of what is compared and more.
        tables: name to table.
    """

    name: str
    controllers: Mapping[str, Setting]
    tasks: Mapping[str, TableTask | TrainingTask]
    budget: Budget
    seeds: tuple[int, ...]
    workers: int
    charge_controller: bool
    cache: bool
    delta: float
    jobs: int | None
    mark: Mark
    factories: Mapping[str, Callable[..., Controller]]
    tables: Mapping[str, Callable[..., Table]]

    def load_task(self, label: str) -> Task:
        """The task of a label. Raises what loading it raises."""
        return self.tasks[label].load(label, self.tables)

    def make_controller(self, label: str, task: Task) -> Controller:
        """A new controller of a label, for a task. Raises UsageError if it cannot be had."""
        setting = self.controllers[label]
        trials = self.budget.trials(task, self.workers)
        scheduled = [one.name for one in setting.walk() if one.taken(self.factories, {"trials": trials})]
        if trials is None and scheduled:
            raise UsageError(
                f"{scheduled[0]} has a schedule that needs a number of evaluations, and how many fit into "
                f"{self.budget} of {task.name} is not known: give the budget in evaluations or epochs"
            )
        supplied = {"space": task.space, "trials": trials, "full_epochs": task.epochs, "proxies": task.proxies}
        controller: Controller = setting.make(self.factories, supplied, f"controllers.{label}")
        _check_levels(controller, task)
        return controller

    def identity(self, tasks: Mapping[str, Task]) -> dict[str, Any]:
        """What must not change between the start of a comparison and its resumption, as plain data.

        More seeds, controllers and tasks may come; what there is stays as it is.
        """
        return {
            "budget": {self.budget.kind: self.budget.amount},
            "workers": self.workers,
            "charge_controller": self.charge_controller,
            "cache": self.cache,
            "controllers": {label: {one.name: plain(one.full)} for label, one in self.controllers.items()},
            "tasks": {
                label: {**task.identity(), "fingerprint": tasks[label].fingerprint}
                for label, task in self.tasks.items()
            },
        }


@checked
def load_study(
    source: str | Path | Mapping[str, Any],
    overrides: Sequence[str] = (),
    *,
    controllers: Mapping[str, Callable[..., Controller]] | None = None,
    tables: Mapping[str, Callable[..., Table]] | None = None,
) -> StudyConfig:
    """A study, from a file or from a mapping of the same form.

    Args:
        source: path of the file, or the mapping; its paths are then relative to the current folder.
        overrides: `key=value`, as `seeds=20`.
        controllers: controllers of your own by name, beside those of `CONTROLLERS`.
        tables: functions that give tables of your own, likewise.

    Raises:
        SpecError: the study has problems; all of them are told.
        UsageError: there is no such file.
    """
    if isinstance(source, Mapping):
        node, path = from_object(source, "<study>"), Path("study")
    else:
        node, path = read_document(Path(source)), Path(source)
    for text in overrides:
        node = override(node, text)
    reader = _StudyReader(path, {**CONTROLLERS, **(controllers or {})}, {**TABLES, **(tables or {})})
    return reader.study(node)


def prepare_study(config: StudyConfig) -> Mapping[str, Task]:
    """The tasks of a study, after a trial of everything that can be tried without running it.

    Raises:
        SpecError: a task or a controller cannot be had, or they do not fit together; all of it is told.
        StorageError, IntegrityError: a file cannot be read, and nothing else is wrong.
    """
    problems: list[Problem] = []
    errors: list[ArchwrightError] = []

    def attempt(make: Callable[[], T], mark: Mark, path: str) -> T | None:
        try:
            return make()
        except SpecError as error:
            problems.extend(error.problems)
        except UsageError as error:
            problems.append(Problem(mark, path, str(error)))
        except ArchwrightError as error:
            errors.append(error)
        return None

    tasks: dict[str, Task] = {}
    for label, one in config.tasks.items():
        mark = one.table.mark if isinstance(one, TableTask) else one.data.mark
        task = attempt(lambda label=label: config.load_task(label), mark, f"tasks.{label}")  # type: ignore[misc]
        if task is None:
            continue
        tasks[label] = task
        timed = task.measured or task.mean_seconds is not None
        if not timed and (config.budget.kind == "seconds" or config.workers > 1):
            what = "a budget of seconds" if config.budget.kind == "seconds" else f"{config.workers} workers"
            problems.append(Problem(mark, f"tasks.{label}", f"the table records no seconds, which {what} needs"))
    for label, setting in config.controllers.items():
        for task in tasks.values():
            before = len(problems)
            attempt(
                lambda label=label, task=task: config.make_controller(label, task),  # type: ignore[misc]
                setting.mark,
                f"controllers.{label}",
            )
            if len(problems) > before:
                break
    if problems:
        raise SpecError(dict.fromkeys(problems))
    for error in errors:
        raise error
    return tasks


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


def is_study(node: Node) -> bool:
    """Whether a document is meant to be a study."""
    return isinstance(node.value, dict) and ("controllers" in node.value or "tasks" in node.value)


class _StudyReader:
    """Turns nodes into a StudyConfig; problems are collected by a `Reader`."""

    def __init__(
        self,
        path: Path,
        factories: Mapping[str, Callable[..., Controller]],
        tables: Mapping[str, Callable[..., Table]],
    ) -> None:
        self.path, self.factories, self.tables = path, factories, tables
        self.reader = Reader(path)
        self.problems = self.reader.problems

    def study(self, node: Node) -> StudyConfig:
        value = node.value
        if not isinstance(value, dict):
            raise SpecError([Problem(node.mark, "", "a study file is a mapping", "a mapping", describe(node))])
        for key in value:
            if key not in STUDY_KEYS:
                self.unknown_key(node, key)
        for key in REQUIRED:
            if key not in value:
                self.problems.append(Problem(node.mark, "", f"{key!r} is missing", got=describe(node)))
        read = self.reader.value
        name = read(value, "name", str, self.path.stem)
        if not one_word(name):
            mark = value.get("name", node).mark
            self.problems.append(Problem(mark, "name", "a name is one word", ONE_WORD, repr(shortened(name))))
        controllers = self.labelled(value.get("controllers"), "controllers", self.controller)
        seeds = self.seeds(value.get("seeds"))
        self.enough(value.get("seeds"), seeds, len(controllers))
        config = StudyConfig(
            name=name,
            controllers=controllers,
            tasks=self.labelled(value.get("tasks"), "tasks", self.task),
            budget=self.budget(value.get("budget")),
            seeds=seeds,
            workers=read(value, "workers", Workers, 1),
            charge_controller=read(value, "charge_controller", bool, False),
            cache=read(value, "cache", bool, False),
            delta=self.delta(value.get("delta")),
            jobs=read(value, "jobs", Jobs | None, None),
            mark=node.mark,
            factories=self.factories,
            tables=self.tables,
        )
        if self.problems:
            raise SpecError(self.problems)
        return config

    def unknown_key(self, node: Node, key: str) -> None:
        elsewhere = f"budget.{key}" if key in BUDGETS else ""
        suggestion = elsewhere or nearest(key, STUDY_KEYS)
        mark = node.keys.get(key, node.mark)
        self.problems.append(Problem(mark, "", f"no such key: {key!r}", ", ".join(STUDY_KEYS), "", suggestion))

    def labelled(self, node: Node | None, key: str, read: Callable[[Node, str, Mark], T | None]) -> dict[str, T]:
        """`{label: ...}`, with each label one word."""
        if node is None:
            return {}
        if not isinstance(node.value, dict) or not node.value:
            expected = "a mapping of one or more, {label: ...}"
            self.problems.append(Problem(node.mark, key, f"{key} have labels", expected, describe(node)))
            return {}
        found = {}
        for label, child in node.value.items():
            mark = node.keys.get(label, child.mark)
            if not one_word(label):
                self.problems.append(Problem(mark, key, "a label is one word", ONE_WORD, repr(label)))
                continue
            one = read(child, f"{key}.{label}", mark)
            if one is not None:
                found[label] = one
        return found

    def controller(self, node: Node, path: str, mark: Mark) -> Setting:
        return self.reader.setting(node, path, self.factories, "random", kind="controller")

    def task(self, node: Node, path: str, mark: Mark) -> TableTask | TrainingTask | None:
        value = node.value
        if not isinstance(value, dict):
            expected = "{table: name}, or {space: file, data: name}"
            self.problems.append(Problem(node.mark, path, "a task is a table or a training", expected, describe(node)))
            return None
        if "table" in value:
            self.reader.unknown(node, ("table",), path)
            return self.table(value["table"], f"{path}.table")
        if "space" not in value and "data" not in value:
            expected = "{table: name}, or {space: file, data: name}"
            self.problems.append(Problem(node.mark, path, "a task is a table or a training", expected, describe(node)))
            return None
        return self.training(node, value, path, mark)

    def table(self, node: Node, path: str) -> TableTask:
        name = node.value
        if isinstance(name, dict) and len(name) == 1:
            (name,) = name
        file = self.path.parent / name if isinstance(name, str) else None
        if isinstance(name, str) and name not in self.tables and file is not None and file.is_file():
            given = node.value[name] if isinstance(node.value, dict) else Node({}, node.mark)
            mark = node.keys.get(name, node.mark)
            if isinstance(given.value, dict) and given.value:
                self.problems.append(Problem(given.mark, path, "a table out of a file has no settings"))
            return TableTask(Setting(str(file), {}, {}, mark))
        setting = self.reader.setting(node, path, self.tables, next(iter(self.tables)), kind="table")
        arguments = {
            key: (self.path.parent / value).absolute() if isinstance(value, Path) else value
            for key, value in setting.arguments.items()
        }
        return TableTask(replace(setting, arguments=arguments))

    def training(self, node: Node, value: Mapping[str, Node], path: str, mark: Mark) -> TrainingTask:
        self.reader.unknown(node, TRAINING_KEYS, path)
        for key in ("space", "data"):
            if key not in value:
                self.problems.append(Problem(mark, path, f"{key!r} is missing", got=describe(node)))
        dotted = f"{path}."
        space = self.path.parent / self.reader.value(value, "space", str, "", path=dotted)
        if "space" in value and isinstance(value["space"].value, str) and not space.is_file():
            self.problems.append(Problem(value["space"].mark, f"{path}.space", f"there is no file {space}"))
        data = self.reader.setting(value.get("data"), f"{path}.data", DATASETS, "digits", kind="data set")
        if "path" in data.arguments:
            absolute = (self.path.parent / data.arguments["path"]).absolute()
            data = replace(data, arguments={**data.arguments, "path": absolute}, full={**data.full, "path": absolute})
        evaluator = self.reader.setting(
            value.get("evaluator"), f"{path}.evaluator", EVALUATORS, "train", kind="evaluator"
        )
        return TrainingTask(
            space=space,
            data=data,
            evaluator=evaluator,
            device=self.reader.value(value, "device", Device, DEFAULTS["device"], path=dotted),
            precision=self.reader.value(value, "precision", Precision, DEFAULTS["precision"], path=dotted),
            threads=self.reader.value(value, "threads", Threads | None, DEFAULTS["threads"], path=dotted),
        )

    def budget(self, node: Node | None) -> Budget:
        default = Budget("evaluations", 1)
        if node is None:
            return default
        expected = "one of {evaluations: N}, {epochs: N}, {seconds: S}"
        if not isinstance(node.value, dict) or len(node.value) != 1:
            self.problems.append(Problem(node.mark, "budget", "a budget is one thing", expected, describe(node)))
            return default
        ((kind, child),) = node.value.items()
        if kind not in BUDGETS:
            self.reader.unknown(node, BUDGETS, "budget")
            return default
        amount = self.reader.checked(child, float if kind == "seconds" else int, f"budget.{kind}")
        if amount is None:
            return default
        if not 0 < amount < math.inf:
            self.problems.append(
                Problem(child.mark, f"budget.{kind}", "a value does not fit", "more than 0", describe(child))
            )
            return default
        return Budget(cast(Any, kind), amount)

    def seeds(self, node: Node | None) -> tuple[int, ...]:
        """`N` for 0 to N - 1, or a list."""
        if node is None:
            return ()
        if not isinstance(node.value, list):
            if isinstance(node.value, int) and not isinstance(node.value, bool):
                count = self.reader.checked(node, Annotated[int, Field(ge=1, le=MOST_SEEDS)], "seeds")
                return tuple(range(count or 0))
            expected = "how many, or a list of them"
            self.problems.append(Problem(node.mark, "seeds", "a value does not fit", expected, describe(node)))
            return ()
        found: dict[int, None] = {}
        for child in node.value:
            seed = child.value
            if not isinstance(seed, int) or isinstance(seed, bool) or not 0 <= seed < 2**63:
                message = "a seed is a whole number, 0 or more"
                self.problems.append(Problem(child.mark, "seeds", message, "", describe(child)))
            elif seed in found:
                self.problems.append(Problem(child.mark, "seeds", f"the seed {seed} is given twice"))
            else:
                found[seed] = None
        return tuple(found)

    def enough(self, node: Node | None, seeds: Sequence[int], controllers: int) -> None:
        """Whether there are enough seeds for a verdict on every pair of controllers."""
        from nas.comparison.statistics import pairs_needed

        pairs = math.comb(controllers, 2)
        if node is None or not seeds or not pairs:
            return
        needed = pairs_needed(ALPHA / pairs)
        if len(seeds) < needed:
            which = "2 controllers" if pairs == 1 else f"the {pairs} pairs of {controllers} controllers"
            expected = f"{needed} or more to compare {which} at the level {ALPHA:g}"
            self.problems.append(Problem(node.mark, "seeds", "too few seeds for the tests", expected, str(len(seeds))))

    def delta(self, node: Node | None) -> float:
        if node is None:
            return 0.5
        value = self.reader.checked(node, float, "delta")
        if value is not None and not 0 <= value <= 100:
            expected = "percentage points, 0 to 100"
            self.problems.append(Problem(node.mark, "delta", "a value does not fit", expected, describe(node)))
        return 0.5 if value is None else cast(float, value)


def jobs_of(config: StudyConfig, cores: int) -> int:
    """How many processes a study gets: what it says; else all cores, but one where networks are trained."""
    if config.jobs is not None:
        return config.jobs
    trains = any(isinstance(task, TrainingTask) for task in config.tasks.values())
    return 1 if trains else cores
