"""A whole run: from a run file to a folder with a trained network and a report.

The folder holds

    config.yaml          the run file with every default written out, and what was recorded: versions, sizes
    space.yaml           the space file as it was
    study.db             the log of the search, an Optuna study; all else can be made from it again
    finalists/           the networks trained at full length, so that an interrupted end is not trained twice
    final.json           which of them was chosen, and its figures on the test data
    architecture.yaml, model.safetensors, model.py        the network that is handed over
    report.html, trials.csv                               for people, and for other programs
    manifest.json        checksums of what cannot be made again from the log
"""

import json
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nas.config import RunConfig, load_config, plain
from nas.data import Dataset
from nas.errors import EvaluationFailed, IntegrityError, NoValidTrial, SizeUnknown, UsageError
from nas.evaluate import Cached, Train
from nas.files import Manifest, make_folder, read_bytes, sha256, write_text
from nas.progress import Display, trial_text
from nas.report import FinalRow, RunSummary, report_html, trials_csv
from nas.search.loop import search
from nas.space import Space
from nas.trial import Trial, best_trials

if TYPE_CHECKING:
    from nas.evaluate.fit import Workbench
    from nas.final.fine_tune import Final, Finalist

CONFIG, SPACE, STUDY, FINAL = "config.yaml", "space.yaml", "study.db", "final.json"
REPORT, TRIALS = "report.html", "trials.csv"
PACKAGES = ("archwright", "torch", "numpy", "optuna", "scikit-learn", "safetensors")


@dataclass(frozen=True)
class RunResult:
    """What a run left.

    Attributes:
        folder: where.
        trials: how many the study holds.
        failed: how many of these failed.
        best: the best trial of the search.
        final: the trained network with its metrics.
    """

    folder: Path
    trials: int
    failed: int
    best: Trial
    final: "Final"

    def to_dict(self) -> dict[str, Any]:
        """The result as plain data, for `--json`."""
        chosen = self.final.chosen
        return {
            "folder": str(self.folder),
            "trials": self.trials,
            "failed": self.failed,
            "best_trial": self.best.number,
            "best_score": self.best.score,
            "architecture": chosen.architecture.id,
            "params": chosen.architecture.params,
            "macs": chosen.architecture.macs,
            **chosen.metrics,
            **(self.final.test or {}),
        }


def run(
    config: RunConfig | str | Path,
    *,
    out: str | Path | None = None,
    resume: bool = False,
    accept_changes: bool = False,
    display: Display | None = None,
) -> RunResult:
    """Searches, trains the best at full length, and fills a folder.

    Args:
        config: a run file, read or not.
        out: the folder; None: `runs/<name>`.
        resume: go on with the run in the folder, if there is one. Without it, a folder with a run is refused.
        accept_changes: go on even if the configuration, the space or the data set changed since the run began.
        display: told how it goes; None: nothing is shown.

    Raises:
        UsageError: the configuration cannot be used (SpecError), the folder holds a run and `resume` is False, or CUDA
            was asked for and there is none.
        IntegrityError: the folder's run is corrupt, or belongs to another space, data set or configuration.
        StorageError: the folder cannot be written, or another process works on this run.
        NoValidTrial: every trial failed.
    """
    from nas.evaluate.fit import pick_device
    from nas.search.optuna_study import OptunaStudy

    config = config if isinstance(config, RunConfig) else load_config(config)
    display = display or Display()
    folder = Path(out) if out is not None else Path("runs") / config.name
    if (folder / STUDY).exists() and not resume:
        raise UsageError(f"{folder} holds a run already; --resume goes on with it, --out names another folder")
    pick_device(config.device)
    data = config.load_data()
    space = config.load_space(data)
    controller = config.make_controller(space)
    evaluator = Train(data, config.recipe(), device=config.device, precision=config.precision, on_epoch=display.epoch)
    identity = {"space": space.fingerprint, "data": data.fingerprint, **config.identity()}
    make_folder(folder)
    manifest = Manifest(folder)
    _check_name(manifest, config)
    with OptunaStudy.open(
        folder / STUDY,
        name=config.name,
        space=space,
        objectives=config.objectives,
        identity=identity,
        accept_changes=accept_changes,
    ) as study:
        manifest.verify()
        _record(manifest, config, space, data)
        objective = config.objectives[0]
        if len(study):
            display.say(f"{folder}: {len(study)} of {config.trials} trials are there already")
        display.start("trial", config.trials, len(study))

        def on_trial(trial: Trial) -> None:
            best = next(iter(best_trials(study)), None)
            headline = f"best {objective.value(best.score):.4f}" if best and best.score is not None else ""
            display.step(trial_text(trial, objective), headline)

        search(
            controller,
            Cached(evaluator, study, objectives=config.objectives),
            study,
            trials=config.trials,
            seed=config.seed,
            objectives=config.objectives,
            on_trial=on_trial,
        )
        trials = tuple(study)
        failed = sum(trial.error is not None for trial in trials)
        if failed == len(trials):
            raise NoValidTrial(_causes(trials))
        final = _finish(manifest, config, space, data, trials, display)
        write_report(folder)
    return RunResult(folder, len(trials), failed, best_trials(trials)[0], final)


def write_report(folder: str | Path) -> Path:
    """Writes `report.html` and `trials.csv` of a run, finished or not, from its log; returns the report's path.

    Raises:
        UsageError: the folder holds no run.
        IntegrityError: a file of the run is corrupt.
        StorageError: a file cannot be read or written.
    """
    folder = Path(folder)
    summary = read_run(folder)
    write_text(folder / TRIALS, trials_csv(summary.trials, summary.objectives))
    write_text(folder / REPORT, report_html(summary))
    return folder / REPORT


def read_run(folder: str | Path) -> RunSummary:
    """Everything that is known of a run, finished or not. Raises what `write_report` raises."""
    from nas.search.optuna_study import read_study

    folder = Path(folder)
    manifest = Manifest(folder)
    if not (folder / STUDY).exists() or CONFIG not in manifest:
        raise UsageError(f"{folder} holds no run")
    for name in (CONFIG, SPACE):
        manifest.read(name)
    config = load_config(folder / CONFIG)
    space = config.load_space()
    stored = read_study(folder / STUDY, name=config.name, space=space)
    recorded = config.recorded
    return RunSummary(
        name=config.name,
        space=space.name,
        space_size=_known_size(space),
        decisions=len(space.universe),
        data=config.data.name,
        train_size=recorded["data"]["train"],
        val_size=recorded["data"]["val"],
        test_size=recorded["data"]["test"],
        classes=len(recorded["data"]["classes"]),
        controller=config.controller.name,
        controller_settings=plain(config.controller.full),
        evaluator=config.evaluator.name,
        evaluator_settings=plain(config.evaluator.full),
        objectives=config.objectives,
        budget=config.trials,
        seed=config.seed,
        versions=recorded["versions"],
        device=recorded["device"],
        trials=stored.trials,
        finalists=_final_rows(manifest, stored.trials),
    )


def copy_network(folder: str | Path, target: str | Path) -> Path:
    """Copies the network that a run hands over (`nas.final.export.FILES`) to another folder, after checking it.

    Raises:
        UsageError: the run has no final network yet.
        IntegrityError: a file is corrupt; nothing is copied.
        StorageError: a file cannot be read or written.
    """
    from nas.final.export import FILES

    source = Manifest(folder)
    if any(name not in source for name in (*FILES, FINAL)):
        raise UsageError(f"{folder} has no final network; `nas search` with --resume finishes a run")
    contents = {name: source.read(name) for name in FILES}
    if json.loads(source.read(FINAL))["files"] != {name: sha256(content) for name, content in contents.items()}:
        # A run that had ended was resumed with other settings, and stopped between two of the files.
        raise UsageError(f"{folder}: the final network is being replaced; `nas search` with --resume finishes it")
    for name, content in contents.items():
        Manifest(target).write(name, content)
    return Path(target)


def _check_name(manifest: Manifest, config: RunConfig) -> None:
    """Raises IntegrityError if the folder's run has another name: its study would not be found, and begun anew."""
    if (manifest.folder / STUDY).exists() and CONFIG in manifest:
        for name in (CONFIG, SPACE):
            manifest.read(name)
        begun = load_config(manifest.folder / CONFIG)
        if begun.name != config.name:
            raise IntegrityError(f"{manifest.folder} holds the run {begun.name!r}, and this one is {config.name!r}")


def _record(manifest: Manifest, config: RunConfig, space: Space, data: Dataset) -> None:
    """Writes `config.yaml` and `space.yaml`."""
    from nas.evaluate.fit import device_name, pick_device
    from nas.final.export import to_yaml

    recorded = {
        "versions": {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}},
        "device": device_name(pick_device(config.device)),
        "platform": platform.platform(),
        "data": {
            "shape": list(data.shape),
            "classes": list(data.classes),
            "train": len(data.train),
            "val": len(data.val),
            "test": len(data.test) if data.test else None,
            "sha256": data.fingerprint,
        },
        "space": {"sha256": space.fingerprint},
    }
    manifest.write(SPACE, read_bytes(config.space))
    manifest.write(CONFIG, to_yaml({**config.resolved(space=SPACE), "recorded": recorded}).encode())


def _finish(
    manifest: Manifest, config: RunConfig, space: Space, data: Dataset, trials: Sequence[Trial], display: Display
) -> "Final":
    """Trains the best at full length, or takes those that were trained before, and writes what is handed over."""
    from nas.evaluate.fit import Workbench
    from nas.final.export import export_files
    from nas.final.fine_tune import conclude

    best = best_trials(trials, config.top)
    bench = Workbench(data, device=config.device, precision=config.precision)
    display.start("final", len(best))
    finalists, failures = [], []
    for trial in best:
        try:
            finalist = _finalist(manifest, config, bench, trial, display)
        except EvaluationFailed as failure:
            failures.append(f"{trial.architecture.id}: {failure}")
            display.step(f"failed: {failure}")
            continue
        finalists.append(finalist)
        display.step(f"{trial.architecture.id} · val_acc {finalist.metrics['val_acc']:.4f}")
    if not finalists:
        raise NoValidTrial("none of the best architectures could be trained at full length: " + "; ".join(failures))
    final = conclude(bench, finalists)
    contents = export_files(final, name=space.name)
    record = {
        "finalists": [finalist.architecture.id for finalist in finalists],
        "chosen": final.chosen.architecture.id,
        "test": final.test,
        "files": {name: sha256(content) for name, content in contents.items()},
    }
    for name, content in contents.items():
        manifest.write(name, content)
    manifest.write(FINAL, json.dumps(record, indent=1).encode())
    return final


def _finalist(manifest: Manifest, config: RunConfig, bench: "Workbench", trial: Trial, display: Display) -> "Finalist":
    """A finalist from its files if these were made by the same settings, else trained and written."""
    from safetensors.torch import load, save

    from nas.final.fine_tune import Finalist, train_finalist

    arch = trial.architecture
    weights, record = f"finalists/{arch.id}.safetensors", f"finalists/{arch.id}.json"
    settings = {
        "trial": trial.number,
        "seed": config.seed,
        "recipe": plain(config.final),
        "data": bench.data.fingerprint,
    }
    if record in manifest:
        stored, content = json.loads(manifest.read(record)), manifest.read(weights)
        # Weights of other settings may stand beside an old record, if a kill came between the two.
        if stored["settings"] == settings and stored["weights"] == sha256(content):
            network = bench.build(arch).to("cpu")
            network.load_state_dict(load(content))
            curves = {name: tuple(curve) for name, curve in stored["curves"].items()}
            return Finalist(
                arch, trial.number, trial.score, stored["metrics"], curves, stored["seconds"], network.eval()
            )
    finalist = train_finalist(bench, trial, config.final, seed=config.seed, on_epoch=display.epoch)
    content = save(finalist.network.state_dict())
    manifest.write(weights, content)
    described = {
        "settings": settings,
        "weights": sha256(content),
        "metrics": finalist.metrics,
        "curves": finalist.curves,
        "seconds": finalist.seconds,
    }
    manifest.write(record, json.dumps(described).encode())
    return finalist


def _final_rows(manifest: Manifest, trials: Sequence[Trial]) -> Sequence[FinalRow]:
    """The finalists of a finished run, for the report; none before."""
    if FINAL not in manifest:
        return ()
    final = json.loads(manifest.read(FINAL))
    rows = []
    for id_ in final["finalists"]:
        record = json.loads(manifest.read(f"finalists/{id_}.json"))
        trial = trials[record["settings"]["trial"]]
        if trial.architecture.id != id_ or trial.score is None:
            raise IntegrityError(f"{manifest.folder}: finalist {id_} is not trial {trial.number} of the log")
        chosen = id_ == final["chosen"]
        rows.append(
            FinalRow(
                architecture=trial.architecture,
                trial=trial.number,
                score=trial.score,
                val_acc=record["metrics"]["val_acc"],
                val_loss=record["metrics"]["val_loss"],
                val_acc_curve=tuple(record["curves"]["val_acc"]),
                train_loss_curve=tuple(record["curves"]["train_loss"]),
                seconds=record["seconds"],
                chosen=chosen,
                test=final["test"] if chosen else None,
            )
        )
    return rows


def _known_size(space: Space) -> int | None:
    try:
        return space.size
    except SizeUnknown:
        return None


def _causes(trials: Sequence[Trial]) -> str:
    """Why every trial failed: a table of causes, the most frequent first."""
    counts: dict[str, int] = {}
    for trial in trials:
        counts[str(trial.error)] = counts.get(str(trial.error), 0) + 1
    lines = [f"  {count:5} × {error}" for error, count in sorted(counts.items(), key=lambda item: -item[1])[:10]]
    return "\n".join([f"all {len(trials)} trials failed:", *lines])
