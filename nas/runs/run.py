"""A whole run: from a run file to a folder with a trained network and a report (`folder.py` describes its files)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nas.arguments import checked
from nas.controllers import Controller
from nas.data import Dataset
from nas.driver.search import search
from nas.driver.study import Study, attempt
from nas.errors import Damaged, EvaluationFailed, NoValidTrial, UsageError
from nas.evaluate import Recalled
from nas.evaluate.evaluator import known_to
from nas.events import Epochs, Events, Notice, OnEvent, StageBegan, unread
from nas.files import make_folder
from nas.final.winner import Repeat, winners
from nas.folders import way_out
from nas.interrupt import orderly
from nas.manifest import Manifest
from nas.objectives import pareto_front, show_objectives
from nas.runs.config import RunBudget, RunConfig
from nas.runs.finalists import keep_failure, keep_finalist, kept_finalist
from nas.runs.folder import CHECKPOINTS, SALVAGED, STUDY, check_whole, holds_run
from nas.runs.network import write_final
from nas.runs.prepare import followed, for_task, load_run, prepare
from nas.runs.record import identity_of, record
from nas.runs.report import write_report
from nas.runs.salvaged import salvaged
from nas.settings import plain
from nas.space import Space
from nas.tasks import named_outputs
from nas.tasks.metrics import asked_by
from nas.training import Checkpoints
from nas.trial import Trial

if TYPE_CHECKING:
    from nas.final.fine_tune import Final, Finalist


@dataclass(frozen=True)
class RunResult:
    """The result of a run.

    Attributes:
        folder: the folder of the run.
        trials: number of trials.
        failed: number of failed trials.
        front: the Pareto front of the search, the best trial on the main objective first.
        final: the selected network with its metrics.
    """

    folder: Path
    trials: int
    failed: int
    front: Sequence[Trial]
    final: "Final"

    def to_dict(self) -> dict[str, Any]:
        """The result as plain data, for `--json`."""
        final = self.final
        return {
            "folder": str(self.folder),
            "trials": self.trials,
            "failed": self.failed,
            "objectives": plain(final.objectives),
            "front": [trial.number for trial in self.front],
            "best_trial": self.front[0].number,
            "best_score": self.front[0].score,
            "architecture": final.chosen.architecture.id,
            "figures": [figure.to_dict() for figure in final.figures],
            **final.chosen.metrics,
            **(final.test or {}),
        }


@checked
def run(
    config: RunConfig | str | Path,
    *,
    out: str | Path | None = None,
    resume: bool = False,
    accept_changes: bool = False,
    allow_code: bool = False,
    on_event: OnEvent | None = None,
) -> RunResult:
    """Searches, trains the best architectures in full, and writes the folder of a run.

    Args:
        config: a run file, or its path.
        out: the folder; None: `runs/<name>`.
        resume: resume the run in the folder, if there is one. Without it, a folder that holds a run is refused.
        accept_changes: resume even if the configuration, the space or the data set has changed.
        allow_code: import the code that the `config.yaml` of a run names.
        on_event: called with each event of the run (`nas.events`): notices, stages, trials, finalists and epochs.

    Raises:
        UsageError: the run file cannot be used (SpecError), the folder holds a run and `resume` is False, or CUDA is
            not available.
        IntegrityError: the run in the folder is corrupt, or has another space, data set or configuration.
        StorageError: the folder cannot be written, or another process works on the run.
        NoValidTrial: every trial failed.
    """
    from nas.driver.optuna_study import OptunaStudy
    from nas.training.device import pick_device, use_threads

    config = config if isinstance(config, RunConfig) else load_run(config, allow_code=allow_code)
    events = Events([on_event or unread])
    folder = Path(out) if out is not None else Path("runs") / config.name
    if not resume and holds_run(folder):
        raise _taken(folder)
    pick_device(config.device)
    use_threads(config.threads)
    checkpoints = Checkpoints(folder / CHECKPOINTS)
    supplied = {"checkpoints": checkpoints, "on_epoch": Epochs(events)}
    data, space, evaluator, controller = prepare(config, supplied)
    config = for_task(config, data)
    identity = identity_of(config, space=space.fingerprint, data=data.fingerprint)
    make_folder(folder)
    manifest = Manifest(folder)
    with way_out(folder):
        check_whole(folder)
    opened = OptunaStudy.open(
        folder / STUDY,
        name=config.name,
        space=space,
        objectives=config.objectives,
        identity=identity,
        accept_changes=accept_changes,
        alone=True,
    )
    with way_out(folder), opened as study, orderly():
        if len(study) and not manifest.path.exists():
            raise Damaged(f"{manifest.path} is missing, and with it the checksums of all files")
        if not resume and len(study):  # another process began at the same moment
            raise _taken(folder)
        asked, config = config.budget.trials, _at_least(config, len(study))
        manifest.verify()
        record(manifest, config, space, data, evaluator)
        events.post(Notice(_aims(config)))
        events.post(Notice(_samples(data)))
        if len(study):
            removed = f"; a budget of {asked} removes none" if asked < len(study) else ""
            events.post(Notice(f"{folder} holds {len(study)} of {config.budget.trials} trials already{removed}"))
        front = tuple(pareto_front(study))
        events.post(StageBegan("trial", config.budget.trials, len(study), config.objectives, front))
        recalled = Recalled(evaluator, salvaged(manifest))

        def trials_up_to(count: int, asked: Controller, within: Space | None = None, *, cache: bool) -> None:
            if len(study) < count:
                search(
                    asked,
                    recalled,
                    study,
                    trials=count,
                    seed=config.seed,
                    objectives=config.objectives,
                    space=within,
                    cache=cache,
                    on_event=events.post,
                )

        trials_up_to(config.proposed, controller, space, cache=True)
        if config.winner == "repeat":
            # Evaluated anew: the cache would return the known results.
            trials_up_to(config.budget.trials, Repeat(), cache=False)
        if len(study) < config.budget.trials:
            ended = f"every network of the space has been evaluated, so the search ends after {len(study)} trials"
            events.post(Notice(ended))
        checkpoints.clear()
        manifest.remove(SALVAGED)
        trials = tuple(study)
        failed = sum(trial.error is not None for trial in trials)
        measured: Sequence[str] = known_to(evaluator, "measured") or ()
        try:
            if failed == len(trials):
                raise NoValidTrial(_causes(trials))
            final = _finish(manifest, config, data, space, study, events.post, measured)
        except NoValidTrial:
            write_report(folder, allow_code=True)
            raise
        write_final(manifest, final, name=space.name)
        write_report(folder, allow_code=True)
    return RunResult(folder, len(trials), failed, pareto_front(trials), final)


def _finish(
    manifest: Manifest,
    config: RunConfig,
    data: Dataset,
    space: Space,
    study: Study,
    on_event: OnEvent,
    measured: Sequence[str],
) -> "Final":
    """Trains those finalists in full that were not trained before, with the metrics of the search."""
    from nas.final.fine_tune import choose, train_finalist
    from nas.training.workbench import Workbench

    best = winners(tuple(study), config.final.top, how=config.winner, space=space)
    metrics = [*asked_by(config.objectives, data.task), *measured]
    bench = Workbench(data, device=config.device, precision=config.precision, metrics=metrics)

    def trained(trial: Trial) -> "Finalist":
        try:
            with attempt(study, trial.proposal):
                finalist = train_finalist(
                    bench, trial, config.final.recipe, seed=config.seed, objectives=config.objectives, on_event=on_event
                )
        except EvaluationFailed as failure:
            keep_failure(manifest, config, data, trial, failure)
            raise
        keep_finalist(manifest, config, data, finalist)
        return finalist

    def finalist_of(trial: Trial) -> "Finalist":
        return kept_finalist(manifest, config, bench, trial) or trained(trial)

    return choose(bench, best, finalist_of, objectives=config.objectives, on_event=on_event)


def _at_least(config: RunConfig, trials: int) -> RunConfig:
    """The run file with a budget that the trials which exist do not exceed: none is removed."""
    return replace(config, budget=RunBudget(max(config.budget.trials, trials)))


def _taken(folder: Path) -> UsageError:
    return UsageError(f"{folder} holds a run already; --resume continues it, --out names another folder")


def _aims(config: RunConfig) -> str:
    """The objectives, and which of them the controller reads."""
    aims = f"{config.name}: searching for {show_objectives(config.objectives)}"
    count = followed(config)
    if count == len(config.objectives):
        return aims
    read = ", ".join(objective.metric for objective in config.objectives[:count])
    return f"{aims}; {config.controller.name} reads {read} only"


def _samples(data: Dataset) -> str:
    """The data set, its parts and its task."""
    test = f", {len(data.test):,} test" if data.test else ""
    parts = f"{len(data.train):,} training, {len(data.val):,} validation{test} samples"
    return f"{data.name}: {parts}; {data.task.name}, {named_outputs(data.task, data.outputs)}"


def _causes(trials: Sequence[Trial]) -> str:
    """The causes of failure, the most frequent first."""
    counts: dict[str, int] = {}
    for trial in trials:
        counts[str(trial.error)] = counts.get(str(trial.error), 0) + 1
    lines = [f"  {count:5} × {error}" for error, count in sorted(counts.items(), key=lambda item: -item[1])[:10]]
    return "\n".join([f"all {len(trials)} trials failed:", *lines])
