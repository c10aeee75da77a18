"""What is known of a run, read from its folder: its summary, and what its controller has learned."""

import os
from collections.abc import Sequence
from pathlib import Path

from nas.arguments import Positive, checked
from nas.driver.tried import all_tried_after
from nas.errors import UsageError
from nas.evaluate.proxies import objectives_when_trained
from nas.explanation import MOST, Explanation, explain_study
from nas.final.order import order_of
from nas.final.replacement import replacement_of
from nas.folders import way_out
from nas.manifest import Manifest
from nas.pages.run import RunSummary
from nas.runs.baselines import kept_baselines
from nas.runs.config import CONFIG, RunConfig, load_config
from nas.runs.ended import Ended, kept_ended
from nas.runs.finalists import failures_of, final_rows
from nas.runs.folder import SPACE, STUDY, check_whole
from nas.runs.network import diagnosed, final_of
from nas.runs.prepare import make_controller, make_space
from nas.runs.tune import kept_tuning
from nas.settings import plain
from nas.space import Space
from nas.tasks import TASKS
from nas.trial import Trial


def read_run(folder: str | Path, *, explained: bool = False, allow_code: bool = False) -> RunSummary:
    """Everything that is known of a run, finished or not.

    Args:
        folder: the folder of the run.
        explained: include what the controller has learned; only this needs the user's own code.
        allow_code: import the controller of the run if it is the user's own code.

    Raises:
        UsageError: the folder holds no run, or its controller is code that may not be imported.
        Damaged: a file of the run is corrupt or missing.
        IntegrityError: the files do not fit together.
        StorageError: a file cannot be read.
    """
    with way_out(folder):
        config, space, trials, ended = _stored(folder, allow_code)
        final = final_of(Manifest(folder))
        failures = final["failed"] if final else failures_of(Manifest(folder), config)
        data = config.recorded["data"]
        finalists = final_rows(Manifest(folder), trials, config.objectives, tested=data["test"])
        looked_at = diagnosed(Manifest(folder)) if finalists else None
        tuning = kept_tuning(Manifest(folder))
        baselines = kept_baselines(Manifest(folder), data["sha256"])
    recorded = config.recorded
    task = TASKS[data["task"]]
    return RunSummary(
        name=config.name,
        space=space.name,
        space_size=space.counted,
        decisions=len(space.universe),
        data=data.get("name", config.data.name),
        train_size=data["train"],
        val_size=data["val"],
        test_size=data["test"],
        task=task,
        outputs=data["outputs"],
        controller=config.controller.name,
        controller_settings=plain(config.controller.full),
        evaluator=config.evaluator.name,
        evaluator_settings=plain(config.evaluator.full),
        objectives=config.objectives,
        compared=objectives_when_trained(config.objectives, task.objective),
        budget=config.budget.trials,
        winner=config.winner,
        probabilities=final.get("probabilities", {}),
        replacement=replacement_of(final.get("replacement")),
        order=order_of(final.get("order", ())),
        seed=config.seed,
        versions=recorded["versions"],
        device=recorded["device"],
        machine=recorded.get("hardware", {}),
        trials=trials,
        followed=recorded["followed"],
        finalists=finalists,
        final_failures=failures,
        explanation=_explained(config, space, trials, ended) if explained else None,
        limits=config.budget.others(),
        ended=ended.end.text if ended else "",
        diagnosed=looked_at,
        baselines=baselines,
        tuning=tuning,
        all_tried=all_tried_after(space, trials) is not None,
        notes=recorded["data"].get("notes", ()),
    )


@checked
def explain(folder: str | Path, *, allow_code: bool = False, most: Positive = MOST) -> Explanation:
    """What a run has learned, finished or not: the predictions of its controller, and which decisions matter.

    A new controller is told the stored trials; `most` is that of `explain_study`. The other arguments and the errors
    are those of `write_report`.
    """
    with way_out(folder):
        return _explained(*_stored(folder, allow_code), most=most)


def _stored(folder: str | Path, allow_code: bool) -> tuple[RunConfig, Space, Sequence[Trial], Ended | None]:
    from nas.driver.optuna_study import read_study

    folder = Path(folder)
    manifest = Manifest(folder)
    check_whole(folder)
    if not os.path.lexists(folder / STUDY):
        raise UsageError(f"{folder} holds no run")
    if CONFIG not in manifest:
        raise UsageError(f"{folder} has no {CONFIG} yet; `nas search` with --resume writes it")
    for name in (CONFIG, SPACE):
        manifest.read(name)
    config = load_config(folder / CONFIG, allow_code=allow_code)
    space = make_space(config)
    trials = read_study(folder / STUDY, name=config.name, space=space).trials
    return config, space, trials, kept_ended(manifest, len(trials))


def _explained(
    config: RunConfig, space: Space, trials: Sequence[Trial], ended: Ended | None, *, most: int = MOST
) -> Explanation:
    for code in config.controller.codes():
        code.load()  # code that may not be imported is an error, unlike a missing package
    try:
        controller = make_controller(config, space, full_epochs=config.recorded["full_epochs"])
    except UsageError:  # it needs a package that is not installed here; the trials can be explained without it
        controller = None
    if config.winner == "repeat":  # the controller was not told the repeats
        proposed = config.proposing.trials or len(trials)
        trials = trials[: ended.proposals if ended else min(proposed, all_tried_after(space, trials) or proposed)]
    return explain_study(trials, space, controller, most=most)
