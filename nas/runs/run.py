"""A whole run: from a run file to a folder with a trained network and a report (`folder.py` describes its files)."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from nas.arguments import checked
from nas.baselines import Baselines
from nas.driver.accounts import End
from nas.driver.study import MemoryStudy, Study
from nas.errors import Damaged, IntegrityError, NoValidTrial
from nas.events import Epochs, Events, Notice, Notices, OnEvent, unread
from nas.files import make_folder
from nas.final.finalist import Final
from nas.final.order import plain_order
from nas.folders import taken, way_out
from nas.interrupt import orderly
from nas.manifest import Manifest
from nas.objectives import pareto_front
from nas.runs.baselines import Baselining
from nas.runs.checks import checks_of, device_checked
from nas.runs.config import CONFIG, RunConfig
from nas.runs.folder import CHECKPOINTS, FINAL_CHECKPOINTS, STUDY, check_whole, holds_run
from nas.runs.notices import aims, notes, resumed, samples
from nas.runs.prepare import Prepared, for_data, load_run, prepare
from nas.runs.record import data_changes, identity_of, record
from nas.runs.report import write_report
from nas.runs.stages import Stages
from nas.runs.work import Work, finishing_of
from nas.settings import plain
from nas.training import Checkpoints
from nas.training.device import threads
from nas.trial import Trial


@dataclass(frozen=True)
class RunResult:
    """The result of a run.

    Attributes:
        folder: the folder of the run.
        trials: number of trials.
        failed: number of failed trials.
        end: why the search ended.
        front: the Pareto front of the search, the best trial on the main objective first.
        final: the selected network with its metrics.
        baselines: what other methods reach on the same data; None: they were not measured.
    """

    folder: Path
    trials: int
    failed: int
    end: End
    front: Sequence[Trial]
    final: Final
    baselines: Baselines | None = None

    def to_dict(self) -> dict[str, Any]:
        """The result as plain data, for `--json`."""
        final = self.final
        return {
            "folder": str(self.folder),
            "trials": self.trials,
            "failed": self.failed,
            "ended_by": self.end.by,
            "objectives": plain(final.objectives),
            "front": [trial.number for trial in self.front],
            "best_trial": self.front[0].number,
            "best_score": self.front[0].score,
            "architecture": final.chosen.architecture.id,
            "probabilities": final.probabilities,
            "order": plain_order(final.order),
            "replacement": None if final.replacement is None else final.replacement.to_dict(),
            "figures": [figure.to_dict() for figure in final.figures],
            **({"privacy": final.chosen.privacy} if final.chosen.privacy else {}),
            "baselines": None if self.baselines is None else self.baselines.to_dict(),
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
    config = config if isinstance(config, RunConfig) else load_run(config, allow_code=allow_code)
    events = Events([on_event or unread])
    folder = Path(out) if out is not None else Path("runs") / config.name
    if not resume and holds_run(folder):
        raise taken(folder, "run")
    checkpoints = Checkpoints(folder / CHECKPOINTS)
    epochs = Epochs(events)
    supplied = {"checkpoints": checkpoints, "on_epoch": epochs, "on_notice": Notices(events)}
    parts = prepare(config, supplied, built=False)
    noted = notes(config, parts.data)
    config = for_data(config, parts.data)
    manifest = Manifest(folder)
    paused = Checkpoints(folder / FINAL_CHECKPOINTS)
    finishing = finishing_of(config, parts, folder, epochs, paused)
    with ExitStack() as stack:
        stack.enter_context(threads(config.threads or 1))
        room = Path(stack.enter_context(TemporaryDirectory()))
        checks = checks_of(parts.evaluator, parts.space, parts.data, config, room)
        baselining = Baselining(parts.data, finishing.metrics, finishing.folder)
        work = Work(config, parts, manifest, finishing, checks, baselining, events.post)
        with way_out(folder):
            here = stack.enter_context(work.here(MemoryStudy()))
        device = device_checked(here, checks, config, parts.space)
        make_folder(folder)
        if config.cache is not None:
            make_folder(config.cache)
        study = stack.enter_context(_study(manifest, config, parts, accept_changes=accept_changes))
        if not resume and len(study):  # another process began at the same moment
            raise taken(folder, "run")
        budget, held = config.budget.trials, len(study)
        config = replace(config, budget=config.budget.with_trials(max(budget or 0, held)))  # never removed
        manifest.verify()
        record(manifest, config, parts.space, parts.data, parts.evaluator, device=device)
        for notice in (aims(config), samples(parts.data), *noted, *([resumed(folder, held, budget)] if held else [])):
            events.post(Notice(notice))
        if config.workers == "in_process":
            here = stack.enter_context(work.here(study))
        stages = Stages(manifest, config, parts, study, events.post, finishing.metrics)
        with work.evaluating(here, study) as evaluating:
            end = stages.search(evaluating)
        checkpoints.clear()
        baselines = stages.baselines(here)
        try:
            final = stages.finish(here)
        except NoValidTrial:
            paused.clear()
            write_report(folder, allow_code=True)
            raise
        paused.clear()
        write_report(folder, allow_code=True)
        trials = tuple(study)
    failed = sum(trial.error is not None for trial in trials)
    return RunResult(folder, len(trials), failed, end, pareto_front(trials), final, baselines)


@contextmanager
def _study(manifest: Manifest, config: RunConfig, parts: Prepared, *, accept_changes: bool) -> Iterator[Study]:
    """The open study of a run, while the run works on it. Raises Damaged, IntegrityError or StorageError."""
    from nas.driver.optuna_study import OptunaStudy

    folder = manifest.folder
    with way_out(folder):
        check_whole(folder)
    opened = OptunaStudy.open(
        folder / STUDY,
        name=config.name,
        space=parts.space,
        objectives=config.objectives,
        identity=identity_of(config, space=parts.space.fingerprint, data=parts.data.fingerprint),
        accept_changes=accept_changes,
        alone=True,
    )
    with way_out(folder), ExitStack() as stack:
        try:
            study = stack.enter_context(opened)
        except IntegrityError as error:
            lines = [] if isinstance(error, Damaged) else data_changes(folder, config)
            if lines:  # the identity has a hash of the data alone
                error.add_note("\n  ".join([f"the settings of the data differ from those in {CONFIG}:", *lines]))
            raise
        stack.enter_context(orderly())
        if len(study) and not manifest.path.exists():
            raise Damaged(f"{manifest.path} is missing, and with it the checksums of all files")
        yield study
