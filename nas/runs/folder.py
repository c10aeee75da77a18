"""The folder of a run: what is in it, who wrote it, and what can be read from it.

What is damaged of it (`nas repair`), and how it comes again:

config.yaml          the run file with every default written out, and what was recorded: versions, sizes. From the run
                     file; --resume writes it
space.yaml           the space file as it was. From the space file; --resume writes it
code/                files of the user's own code, by their checksums. From these; --resume writes them
study.db             the log of the search, an Optuna study; all else can be made from it again. Its trials carry
                     checksums, those that are whole are kept, and --resume makes the others again
study.db.lock, .holder, .fault    who works on the run, and what it dies of. From nothing; the next search makes them
checkpoints/         trainings that were paused, while the search goes on; they save time and nothing depends on them
salvaged.json        results behind a damaged trial, until the search is over; they save time likewise
finalists/           the networks trained at full length, and why others could not be, so that an interrupted end is not
                     trained twice. From the log and the data; --resume trains them again
final.json           which of them was chosen and why others were not, its figures and on what data they were measured.
                     From them; --resume
architecture.yaml, model.safetensors, model.py        the network that is handed over. From them; --resume
report.html, trials.csv    for people, and for other programs. From all that; `nas report`
manifest.json        checksums. From the files as far as these, or the log, vouch for one another; `nas repair`
damaged/             what `nas repair` moved out of the way, in numbered folders
"""

import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nas.arguments import checked
from nas.data import Dataset
from nas.driver.tried import all_tried_after
from nas.errors import Damaged, EvaluationFailed, FailureKind, IntegrityError, UsageError
from nas.evaluate import Evaluator
from nas.evaluate.recalled import Measured
from nas.explanation import Explanation, explain_study
from nas.files import Manifest, read_bytes, sha256, way_out, write_text
from nas.final.figures import final_metrics, searched_metrics
from nas.pages.run import FinalRow, RunSummary, report_html, trials_csv
from nas.runs.config import CONFIG, RunConfig, load_config
from nas.runs.prepare import followed, full_epochs_of, make_controller, make_space
from nas.settings import Code, Setting, identity, plain, resolved
from nas.space import Space
from nas.tasks import TASKS
from nas.trial import Objective, Trial

if TYPE_CHECKING:
    from nas.driver.stored_trial import StoredTrial
    from nas.final.fine_tune import Final, Finalist
    from nas.training.workbench import Workbench

SPACE, STUDY, FINAL = "space.yaml", "study.db", "final.json"
PROCESS = tuple(f"{STUDY}.{end}" for end in ("lock", "holder", "fault"))
SALVAGED = "salvaged.json"
CHECKPOINTS, FINALISTS = "checkpoints", "finalists"
CODE = "code"
REPORT, TRIALS = "report.html", "trials.csv"
PACKAGES = ("archwright", "torch", "numpy", "optuna", "scikit-learn", "safetensors")


@checked
def write_report(folder: str | Path, *, allow_code: bool = False) -> Path:
    """Writes `report.html` and `trials.csv` of a run, finished or not, from its log; returns the report's path.

    Args:
        folder: of the run.
        allow_code: import the controller of the run where it is code of the user's own.

    Raises:
        UsageError: the folder holds no run, or its controller is code that may not be imported.
        Damaged: a file of the run is corrupt or missing.
        IntegrityError: the files do not fit one another.
        StorageError: a file cannot be read or written.
    """
    folder = Path(folder)
    with way_out(folder):
        summary = read_run(folder, explained=True, allow_code=allow_code)
        write_text(folder / TRIALS, trials_csv(summary.trials, summary.objectives))
        write_text(folder / REPORT, report_html(summary))
    return folder / REPORT


@checked
def explain(folder: str | Path, *, allow_code: bool = False) -> Explanation:
    """What a run has learned, finished or not: what its controller believes, and which decisions matter.

    The run's controller is made anew and told the stored trials. Takes and raises what `write_report` does.
    """
    with way_out(folder):
        return _explained(*_stored(folder, allow_code))


def read_run(folder: str | Path, *, explained: bool = False, allow_code: bool = False) -> RunSummary:
    """Everything that is known of a run, finished or not; with what it has learned, if that is asked for.

    Takes and raises what `write_report` does. Only what a run has learned needs its code.
    """
    with way_out(folder):
        config, space, trials = _stored(folder, allow_code)
        final = _final(Manifest(folder))
        failures = final["failed"] if final else _failures(Manifest(folder), config)
        finalists = _final_rows(Manifest(folder), trials, config.objectives)
    recorded = config.recorded
    return RunSummary(
        name=config.name,
        space=space.name,
        space_size=space.counted,
        decisions=len(space.universe),
        data=config.data.name,
        train_size=recorded["data"]["train"],
        val_size=recorded["data"]["val"],
        test_size=recorded["data"]["test"],
        task=TASKS[recorded["data"]["task"]],
        outputs=recorded["data"]["outputs"],
        controller=config.controller.name,
        controller_settings=plain(config.controller.full),
        evaluator=config.evaluator.name,
        evaluator_settings=plain(config.evaluator.full),
        objectives=config.objectives,
        budget=config.budget.trials,
        winner=config.winner,
        seed=config.seed,
        versions=recorded["versions"],
        device=recorded["device"],
        trials=trials,
        followed=recorded["followed"],
        finalists=finalists,
        final_failures=failures,
        explanation=_explained(config, space, trials) if explained else None,
        all_tried=all_tried_after(space, trials) is not None,
    )


def _stored(folder: str | Path, allow_code: bool) -> tuple[RunConfig, Space, Sequence[Trial]]:
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
    return config, space, read_study(folder / STUDY, name=config.name, space=space).trials


def _explained(config: RunConfig, space: Space, trials: Sequence[Trial]) -> Explanation:
    for code in config.controller.codes():
        code.load()  # one that must not be imported is no package that is missing
    try:
        controller = make_controller(config, space, full_epochs=config.recorded["full_epochs"])
    except UsageError:  # a package that it needs is missing here: the trials tell something all the same
        controller = None
    if config.winner == "repeat":  # the controller proposed no repeats, and was told none
        trials = trials[: min(config.proposed, all_tried_after(space, trials) or config.proposed)]
    return explain_study(trials, space, controller)


def copy_network(folder: str | Path, target: str | Path) -> Path:
    """Copies the network that a run hands over (`nas.final.export.FILES`) to another folder, after checking it.

    Raises:
        UsageError: the run has no final network yet.
        Damaged: a file is corrupt; nothing is copied.
        StorageError: a file cannot be read or written.
    """
    from nas.final.export import FILES

    with way_out(folder):
        check_whole(Path(folder))
        source = Manifest(folder)
        if any(name not in source for name in (*FILES, FINAL)):
            raise UsageError(f"{folder} has no final network; `nas search` with --resume finishes a run")
        contents = {name: source.read(name) for name in FILES}
        described = source.read_record(FINAL)["files"]
    if described != {name: sha256(content) for name, content in contents.items()}:
        # A run that had ended was resumed with other settings, and stopped between two of the files.
        raise UsageError(f"{folder}: the final network is being replaced; `nas search` with --resume finishes it")
    for name, content in contents.items():
        Manifest(target).write(name, content)
    return Path(target)


def holds_run(folder: Path) -> bool:
    """Whether a run was begun there that has something to lose: a trial, or a log that cannot be asked for one."""
    from nas.driver.log import may_have_trials

    return may_have_trials(folder / STUDY) or any(os.path.lexists(folder / name) for name in (FINAL, FINALISTS))


def check_whole(folder: Path) -> None:
    """Raises Damaged if the log of a run is missing, or the manifest, for which nothing else can stand in silently."""
    begun = os.path.lexists(folder / CONFIG)
    manifest = Manifest(folder)
    if begun and not os.path.lexists(manifest.path):
        raise Damaged(f"{manifest.path} is missing, and with it the checksums of all other files")
    if CONFIG in manifest and not os.path.lexists(folder / STUDY):
        raise Damaged(f"{folder / STUDY} is missing, the log that all else follows from")


def identity_of(config: RunConfig, *, space: str, data: str) -> dict[str, Any]:
    """What a run belongs to: what must not change between its start and its resumption.

    Args:
        config: its run file.
        space, data: fingerprints of the space and of the data set.
    """
    return {"space": space, "data": data, **identity(config)}


def keep_salvaged(manifest: Manifest, trials: Iterable["StoredTrial"]) -> None:
    """Writes what trials measured that are whole and stood behind a damaged one. Raises StorageError."""
    kept = [
        {"choices": one.choices, **{key: one.record[key] for key in ("epochs", "seed", "metrics")}}
        for one in trials
        if one.record["error"] is None
    ]
    manifest.write_record(SALVAGED, {"trials": kept})


def salvaged(manifest: Manifest) -> Sequence[Measured]:
    """What `keep_salvaged` wrote; nothing if it did not. Raises Damaged or StorageError."""
    from nas.driver.stored_trial import metrics_of

    if SALVAGED not in manifest:
        return ()
    trials = manifest.read_record(SALVAGED)["trials"]
    return [Measured(one["choices"], one["epochs"], one["seed"], metrics_of(one)) for one in trials]


def record(manifest: Manifest, config: RunConfig, space: Space, data: Dataset, evaluator: Evaluator) -> None:
    """Writes `config.yaml`, `space.yaml`, and the files of code of the user's own."""
    from nas.final.export import to_yaml
    from nas.training.device import device_name, pick_device

    recorded = {
        "versions": {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}},
        "device": device_name(pick_device(config.device)),
        "platform": platform.platform(),
        "data": {
            "shape": list(data.shape),
            "task": data.task.name,
            "outputs": list(data.outputs),
            "train": len(data.train),
            "val": len(data.val),
            "test": len(data.test) if data.test else None,
            "sha256": data.fingerprint,
        },
        "space": {"sha256": space.fingerprint},
        "full_epochs": full_epochs_of(evaluator),
        "followed": followed(config),
        "code": {one.name: one.sha256 for one in config.codes},
    }
    manifest.write(SPACE, read_bytes(config.space))
    for one in config.codes:
        if one.path is not None:
            manifest.write(copy_of(one), read_bytes(one.path))
    written = {**resolved(config, _name_in_folder), "space": SPACE, "recorded": recorded}
    manifest.write(CONFIG, to_yaml(written).encode())


def copy_of(code: Code) -> str:
    """Where the folder of a run has a copy of a file with code of the user's own."""
    return f"{CODE}/{code.sha256[:12]}/{code.name.partition(':')[0]}"


def _name_in_folder(setting: Setting[Any]) -> str:
    code = setting.maker
    if isinstance(code, Code) and code.path is not None:
        return f"{copy_of(code)}:{code.name.partition(':')[2]}"
    return setting.name


def keep_finalist(manifest: Manifest, config: RunConfig, data: Dataset, finalist: "Finalist") -> None:
    """Writes a network that was trained at full length, and what it was trained with. Raises StorageError."""
    from safetensors.torch import save

    weights, record = _finalist_files(finalist.architecture.id)
    content = save(finalist.network.state_dict())
    manifest.write(weights, content)
    described = {
        "settings": _finalist_settings(config, data.fingerprint, finalist.trial),
        "weights": sha256(content),
        "curves": finalist.curves,
        "seconds": finalist.seconds,
    }
    manifest.write_record(record, described)


def keep_failure(manifest: Manifest, config: RunConfig, data: Dataset, trial: Trial, failure: EvaluationFailed) -> None:
    """Writes why the network of a trial could not be trained at full length. Raises StorageError."""
    _, record = _finalist_files(trial.architecture.id)
    settings = _finalist_settings(config, data.fingerprint, trial.number)
    manifest.write_record(record, {"settings": settings, "kind": failure.kind, "failure": failure.message})


def kept_finalist(manifest: Manifest, config: RunConfig, bench: "Workbench", trial: Trial) -> "Finalist | None":
    """The finalist of a trial as `keep_finalist` wrote it; None if there is none of these settings.

    Raises:
        EvaluationFailed: it could not be trained, as `keep_failure` wrote.
        Damaged: a file is corrupt.
        StorageError: a file cannot be read.
    """
    from safetensors.torch import load

    from nas.final.fine_tune import finalist_of

    arch = trial.architecture
    weights, record = _finalist_files(arch.id)
    if record not in manifest:
        return None
    stored = manifest.read_record(record)
    if stored["settings"] != _finalist_settings(config, bench.data.fingerprint, trial.number):
        return None
    if "failure" in stored:
        raise EvaluationFailed(FailureKind(stored["kind"]), stored["failure"])
    # Weights of other settings may stand beside an old record, if a kill came between the two.
    content = manifest.read(weights) if weights in manifest else b""
    if stored["weights"] != sha256(content):
        return None
    if any(f"val_{name}" not in stored["curves"] for name in bench.metrics):
        return None
    network = bench.empty(arch)
    network.load_state_dict(load(content))
    curves = {name: tuple(curve) for name, curve in stored["curves"].items()}
    return finalist_of(trial, network.eval(), curves, stored["seconds"], objectives=config.objectives)


def write_final(manifest: Manifest, final: "Final", *, name: str) -> None:
    """Writes the network that is handed over, and which of the finalists it is. Raises StorageError."""
    from nas.final.export import export_files

    contents = export_files(final, name=name)
    described = {
        "objectives": plain(final.objectives),
        "finalists": [finalist.architecture.id for finalist in final.finalists],
        "failed": final.failed,
        "chosen": final.chosen.architecture.id,
        "figures": [figure.to_dict() for figure in final.figures],
        "test": final.test,
        "files": {name: sha256(content) for name, content in contents.items()},
    }
    for file, content in contents.items():
        manifest.write(file, content)
    manifest.write_record(FINAL, described)


def _finalist_files(id_: str) -> tuple[str, str]:
    return f"{FINALISTS}/{id_}.safetensors", f"{FINALISTS}/{id_}.json"


def _finalist_settings(config: RunConfig, data: str, trial: int | None) -> dict[str, Any]:
    """What the training of a finalist follows from; `data`: the fingerprint."""
    return {"trial": trial, "seed": config.seed, "recipe": plain(config.final.recipe), "data": data}


def _failures(manifest: Manifest, config: RunConfig) -> Mapping[str, str]:
    """Why networks could not be trained at full length, by their ids, of a run that has no final network."""
    found = {}
    for name in manifest:
        if name.startswith(f"{FINALISTS}/") and name.endswith(".json"):
            record = manifest.read_record(name)
            trial, data = record["settings"]["trial"], config.recorded["data"]["sha256"]
            if "failure" in record and record["settings"] == _finalist_settings(config, data, trial):
                found[Path(name).stem] = f"{record['kind']}: {record['failure']}"
    return found


def _final_rows(manifest: Manifest, trials: Sequence[Trial], objectives: Sequence[Objective]) -> Sequence[FinalRow]:
    """The finalists of a finished run, for the report; none before."""
    final = _final(manifest)
    names = {id_: _finalist_files(id_)[1] for id_ in final.get("finalists", ())}
    if any(name not in manifest for name in names.values()):
        return ()  # a damaged one was set aside
    numbered = {trial.number: trial for trial in trials}
    rows = []
    for id_, name in names.items():
        record = manifest.read_record(name)
        number = record["settings"]["trial"]
        if "failure" in record or number not in numbered:
            return ()  # it is being trained with other settings; or the log was damaged, and the search goes on
        trial = numbered[number]
        if trial.architecture.id != id_ or trial.score is None:
            raise IntegrityError(f"{manifest.folder}: finalist {id_} is not trial {trial.number} of the log")
        curves = {name: tuple(curve) for name, curve in record["curves"].items()}
        chosen = id_ == final["chosen"]
        rows.append(
            FinalRow(
                architecture=trial.architecture,
                trial=trial.number,
                searched=searched_metrics(trial, objectives),
                metrics=final_metrics(trial, curves, objectives),
                curves=curves,
                seconds=record["seconds"],
                chosen=chosen,
                test=final["test"] if chosen else None,
            )
        )
    return rows


def _final(manifest: Manifest) -> Mapping[str, Any]:
    """What `write_final` wrote; nothing before that."""
    return manifest.read_record(FINAL) if FINAL in manifest else {}
