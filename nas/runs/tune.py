"""The tuning of the recipe of the final stage: `final: {tune: 20}`.

The best candidate of the search is trained with proposed hyper-parameters, one training after the other, and judged on
validation data. Each result is written as soon as it is there; a resumed run asks for the same proposals again, and
answers them from the file.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from nas.data import Dataset
from nas.driver.executors.executor import Executor, Failed, Job
from nas.errors import EvaluationFailed
from nas.events import Attempted, OnEvent, StageBegan
from nas.files import make_folder, write_text
from nas.final.finishing import HYPERPARAMETERS
from nas.final.tuning import Attempt, Hyperparameters, Tuning, tuned_names, tuning_seed
from nas.manifest import Manifest
from nas.reported import CURVE
from nas.runs.config import RunConfig
from nas.runs.folder import HANDED_OVER, TUNING
from nas.settings import plain
from nas.training import Recipe
from nas.trial import Objective, Proposal, Trial

TUNE = "tune"
"""The stage of jobs (`Job.stage`)."""


@dataclass(frozen=True)
class Tune:
    """The tuning of a run's recipe, in an open folder.

    Attributes:
        manifest: the files of the folder.
        config: the run file, with the task and the objectives of the data.
        data: the data set.
        objectives: those by which finalists are compared, the main one first.
        executor: does the jobs of the stage `TUNE`, by the method of a `Finishing` that reads hyper-parameters from the
            folder `HANDED_OVER`.
        on_event: called with each event.
    """

    manifest: Manifest
    config: RunConfig
    data: Dataset
    objectives: Sequence[Objective]
    executor: Executor
    on_event: OnEvent

    def __call__(self, trial: Trial) -> Recipe:
        """Tunes the recipe on the network of a trial, and leaves the hyper-parameters for the final trainings.

        Raises:
            StorageError: a file cannot be read or written.
            Damaged: a file is corrupt.
        """
        from nas.runs.tuner import Tuner

        objective = judged_by(self.objectives, self.data)
        tuning = Tuning(trial.architecture.id, objective.metric, objective.direction == "maximize")
        settings = _settings(self.config, self.data.fingerprint, trial.number)
        stored = self.manifest.read_record(TUNING) if TUNING in self.manifest else {}
        known = Tuning.from_dict(stored["tuning"]) if stored.get("settings") == settings else tuning
        recipe, count = self.config.final.recipe, self.config.final.tune
        seed = tuning_seed(self.config.seed, trial.number)
        tuner = Tuner(recipe, tuned_names(recipe, self.data.task), seed=seed, maximize=tuning.maximize)
        done = min(count, len(known.attempts)) if known.metric == tuning.metric else 0
        self.on_event(StageBegan("tuning", count, done, objectives=(objective,)))
        for place in range(count):
            proposed = tuner.ask()
            if place < done and known.attempts[place].hyperparameters == proposed:
                attempt = known.attempts[place]
            else:
                done = min(done, place)  # what follows was proposed after another result
                attempt = self._attempt(trial, proposed, seed, objective.metric)
                self.on_event(Attempted(place, proposed, objective.metric, attempt.value, attempt.failure))
            tuner.tell(attempt.value)
            tuning = replace(tuning, attempts=(*tuning.attempts, attempt))
            if place >= done:
                self.manifest.write_record(TUNING, {"settings": settings, "tuning": tuning.to_dict()})
        if tuning.attempts != tuple(known.attempts):  # fewer than before are wanted
            self.manifest.write_record(TUNING, {"settings": settings, "tuning": tuning.to_dict()})
        self._leave({} if tuning.best is None else tuning.best.hyperparameters)
        return tuning.tuned(recipe)

    def _attempt(self, trial: Trial, proposed: Hyperparameters, seed: int, metric: str) -> Attempt:
        """A training with proposed hyper-parameters."""
        self._leave(proposed)
        self.executor.submit(Job(trial.number, Proposal(trial.architecture), seed, stage=TUNE, noted=False))
        (one,) = self.executor.next()
        if isinstance(one.outcome, Failed):
            error = one.outcome.error()
            if not isinstance(error, EvaluationFailed):
                raise error
            return Attempt(proposed, None, str(error), one.seconds)
        curve = one.outcome[f"{metric}{CURVE}"]
        assert isinstance(curve, tuple)  # noqa: S101  as its name says
        return Attempt(proposed, curve[-1], seconds=one.seconds)

    def _leave(self, hyperparameters: Hyperparameters) -> None:
        """Writes what the next training is to use."""
        folder = self.manifest.folder / HANDED_OVER
        make_folder(folder)
        write_text(folder / HYPERPARAMETERS, json.dumps(dict(hyperparameters)))


def judged_by(objectives: Sequence[Objective], data: Dataset) -> Objective:
    """The first objective that a training measures on validation data, or that of the task."""
    measured = {f"val_{name}" for name in data.task.metrics}
    return next((one for one in objectives if one.metric in measured), data.task.objective)


def kept_tuning(manifest: Manifest) -> Tuning | None:
    """The tuning of a run, as far as it came; None: there is none. Raises Damaged or StorageError."""
    return Tuning.from_dict(manifest.read_record(TUNING)["tuning"]) if TUNING in manifest else None


def tuned_config(manifest: Manifest, config: RunConfig) -> RunConfig:
    """A run file with the recipe that its finalists are trained with. Raises Damaged or StorageError."""
    tuning = kept_tuning(manifest) if config.final.tune else None
    if tuning is None:
        return config
    return replace(config, final=replace(config.final, recipe=tuning.tuned(config.final.recipe)))


def _settings(config: RunConfig, data: str, trial: int) -> Mapping[str, Any]:
    """What the results of a tuning depend on."""
    return {"trial": trial, "seed": config.seed, "recipe": plain(config.final.recipe, hashed=True), "data": data}
