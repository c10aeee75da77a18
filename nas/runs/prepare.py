"""The parts of a run, made from its run file. Everything that is wrong with them is reported at once."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from nas.controllers import Controller
from nas.data import Dataset
from nas.data.pool import check_joins
from nas.driver.budget import no_schedule
from nas.driver.executors.executor import Platform
from nas.driver.executors.local import Local
from nas.errors import Diagnostic, Mark, UsageError
from nas.evaluate import Evaluator, make_proxies
from nas.evaluate.evaluation import NOTHING, full_epochs_of, make_data, make_evaluator, objectives_for
from nas.evaluate.evaluator import known_to
from nas.evaluate.space_of import load_for, space_of
from nas.final.last_step import check_last_step
from nas.final.winner import check_count
from nas.findings import Findings
from nas.runs.checks import check_final, refusals, report
from nas.runs.config import RunConfig, read_config
from nas.runs.recorded_data import recorded_data
from nas.settings import Override
from nas.space import Space, load_space
from nas.space.cover import cover
from nas.space.reading.load import check_space
from nas.space.reading.suited import AUTO
from nas.tasks import measured_by
from nas.tasks.metrics import asked_by
from nas.training.losses import make_loss
from nas.training.monitor import check_monitor
from nas.training.trainable import check_augmented, check_batches


class Prepared(NamedTuple):
    """What a search needs, made from a run file."""

    data: Dataset
    space: Space
    evaluator: Evaluator
    controller: Controller
    platform: Platform


def load_run(path: str | Path, overrides: Sequence[str | Override] = (), *, allow_code: bool = False) -> RunConfig:
    """A run file as `load_config` reads it; if it has problems, those of its data and its space are reported as well.

    Raises:
        SpecError: the file or an override has problems.
        UsageError: there is no such file.
    """
    draft = read_config(path, overrides, allow_code=allow_code)
    if draft.problems:
        prepare(draft.config, problems=draft.problems, wrong=draft.wrong)
    return draft.config


def make_space(config: RunConfig, data: Dataset | None = None) -> Space:
    """The space of a run, for a data set or for the one that the run recorded. Raises UsageError (SpecError)."""
    return (
        load_space(config.space, data=recorded_data(config.recorded)) if data is None else load_for(config.space, data)
    )


def make_controller(
    config: RunConfig, space: Space, *, full_epochs: int | None = None, data: Dataset | None = None
) -> Controller:
    """A new controller. Raises UsageError if it cannot be made.

    Args:
        config: the run file.
        space: the space to search.
        full_epochs: epochs of a full training; None: the evaluator does not state them.
        data: the data set, which some controllers need.
    """
    proxies = make_proxies(data, device=config.device)
    schedule = config.proposing.schedule(full_epochs)
    supplied = {"space": space, "trials": schedule, "full_epochs": full_epochs, "proxies": proxies}
    supplied = {name: value for name, value in supplied.items() if value is not None}
    for one, name in config.controller.lacking(("full_epochs", "trials"), supplied):
        if name == "trials":
            raise UsageError(f"{no_schedule(one.name)}: give budget.trials as well")
        raise UsageError(
            f"{one.name} truncates trainings, but {config.evaluator.name} does not state the length of a full one"
        )
    return config.controller.make(supplied, "controller")


def for_data(config: RunConfig, data: Dataset) -> RunConfig:
    """The run file with what its data decide: the task, the objective of the task if it has none, and the space."""
    space = space_of(config.space, data).file
    return replace(config, task=data.task.name, objectives=objectives_for(config, data), space=space)


def trained_metrics(config: RunConfig, data: Dataset, evaluator: Evaluator | None) -> Sequence[str]:
    """The metrics that full trainings measure: those of the task, of the objectives, and of the evaluator."""
    measured = known_to(evaluator, "measured") or ()
    return measured_by(data.task, [*asked_by(objectives_for(config, data), data.task), *measured])


def followed(config: RunConfig) -> int:
    """The number of objectives that the controller reads, counting from the first; most controllers read one."""
    counts = (
        None if getattr(one.factory, "all_objectives", False) else one.full.get("objectives", 1)
        for one in config.controller.walk()
    )
    most = len(config.objectives) or 1  # without any, that of the task
    return max(most if count is None else min(count, most) for count in counts)


def prepare(
    config: RunConfig,
    supplied: Mapping[str, Any] = NOTHING,
    *,
    problems: Iterable[Diagnostic] = (),
    wrong: Collection[str] = (),
    built: bool = True,
) -> Prepared:
    """The data set, the explored space, the evaluator, the controller and the executor of a run.

    Args:
        config: the run file.
        supplied: further arguments for an evaluator that takes them.
        problems: problems that are known already.
        wrong: the keys that have problems; their values are not made.
        built: check networks also by building them in this process, which loads torch (`nas.runs.checks`).

    Raises:
        SpecError: something is wrong in the files, or they do not fit together; all problems are reported.
        StorageError, IntegrityError: the data cannot be read, and nothing else is wrong.
    """
    found = Findings(problems)
    data = None if "data" in wrong else found.attempt(partial(make_data, config), *_place(config, "data"))
    space = evaluator = controller = None
    if "space" not in wrong and data is None:
        if config.space != AUTO:
            found.attempt(partial(check_space, Path(config.space)))
    elif "space" not in wrong:
        space = found.attempt(lambda: make_space(config, data), config.places.at(("space",)), "space")
    if space is not None and data is not None:
        if "evaluator" not in wrong:
            evaluator = found.attempt(
                partial(make_evaluator, config, data, space, supplied, cache=config.cache),
                *_place(config, "evaluator"),
            )
        found.attempt(partial(_check_space, config, data, space, evaluator, built=built))
        if "budget" not in wrong and evaluator is not None:
            objectives, full_epochs = objectives_for(config, data), full_epochs_of(evaluator)
            make_accounts = partial(config.budget.accounts, objectives, full_epochs=full_epochs)
            found.attempt(make_accounts, partial(config.places.at, ("budget",)), "budget")
        if "controller" not in wrong and evaluator is not None:
            make = partial(make_controller, config, space, full_epochs=full_epochs_of(evaluator), data=data)
            controller = found.attempt(make, *_place(config, "controller"))
    platform = None
    if "executor" not in wrong:
        platform = found.attempt(partial(config.executor.make, {}, "executor"), *_place(config, "executor"))
    if config.workers == "in_process" and not isinstance(platform, Local | None):
        found.add(
            config.places.at(("workers",)),
            "workers",
            f"in_process is for the executor local, not for {config.executor.name}",
        )
    found.end()
    assert data is not None  # noqa: S101  else there was a problem
    assert space is not None  # noqa: S101
    assert evaluator is not None  # noqa: S101
    assert controller is not None  # noqa: S101
    assert platform is not None  # noqa: S101
    return Prepared(data, space, evaluator, controller, platform)


def _check_space(config: RunConfig, data: Dataset, space: Space, evaluator: Evaluator | None, *, built: bool) -> None:
    """Checks networks that contain all layers of the space. Raises SpecError for those that cannot be used."""
    shown = tuple(cover(space))
    found = report(refusals(evaluator, shown) if built else {}, config, space)
    last = config.final
    checks: Sequence[Callable[[], object]] = (
        partial(check_count, last.top, len(objectives_for(config, data))),
        partial(
            check_last_step,
            join=last.join,
            ensemble=last.ensemble,
            seeds=last.seeds,
            top=last.top,
            recipe=last.recipe,
        ),
        *([partial(check_joins, data.train)] if last.join else []),
        partial(check_batches, shown, last.recipe),
        partial(make_loss, data.task, last.recipe),
        partial(check_augmented, shown, last.recipe, data.input),
        partial(check_final, data, last.recipe, config.device, config.precision, shown if built else ()),
        partial(check_monitor, last.recipe, trained_metrics(config, data, evaluator)),
    )
    for make in checks:
        found.attempt(make, partial(config.places.at, ("final",)), "final")
    found.end()


def _place(config: RunConfig, key: str) -> tuple[Callable[[str], Mark], str]:
    """What finds the place of an error of a setting, and its key."""
    path = key, getattr(config, key).name
    return partial(config.places.at, path), ".".join(path)
