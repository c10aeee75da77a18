"""The final stage of a run: finalists are trained in full, and the files of one of them are written.

An executor does the work, in worker processes or in this one. A finalist fails as a trial does, and says nothing about
the others.
"""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from nas.data import Dataset
from nas.driver.executors.executor import Executor, Finished, Job
from nas.errors import EvaluationFailed, StorageError
from nas.events import FinalistBegan, FinalistEnded, OnEvent, StageBegan
from nas.files import remove_folder
from nas.final.finalist import Final, Finalist, final_seed, weights_of
from nas.final.order import Stage
from nas.manifest import Manifest
from nas.runs.config import RunConfig
from nas.runs.finalists import keep_failure, keep_finalist, kept_finalist
from nas.runs.folder import HANDED_OVER
from nas.runs.hand_over import HandOver, result_of
from nas.runs.network import write_final
from nas.trial import Objective, Proposal, Trial

TRAIN = "train"
"""The stage of jobs (`Job.stage`) in which finalists are trained."""


@dataclass(frozen=True)
class Finish:
    """The final stage of a run, in an open folder.

    Attributes:
        manifest: the files of the folder.
        config: the run file, with the task and the objectives of the data.
        data: the data set.
        objectives: those by which finalists are compared, the main one first.
        metrics: those that are measured in a full training.
        executor: does the jobs of the stages `TRAIN`, `JOIN` and `HAND_OVER`, by the methods of a `Finishing` that
            leaves its files in the folder `HANDED_OVER`.
        on_event: called with each event.
    """

    manifest: Manifest
    config: RunConfig
    data: Dataset
    objectives: tuple[Objective, ...]
    metrics: Sequence[str]
    executor: Executor
    on_event: OnEvent

    def __call__(self, trials: Sequence[Trial], before: tuple[Stage, ...] = ()) -> Final:
        """Trains the networks of those trials in full that were not trained before, selects one, and writes its files.

        Args:
            trials: the candidates, best first.
            before: their order at the stages before.

        Raises:
            NoValidTrial: all failed, or exceed a limit.
            StorageError: a file cannot be written.
        """
        self.on_event(StageBegan("final", len(trials), objectives=self.objectives))
        try:
            finalists, failed = self._train(trials)
            hand_over = HandOver(self.manifest, self.config, self.data, self.objectives, self.executor, self.on_event)
            final = hand_over(finalists, failed, before)
            write_final(self.manifest, final, self._handed_over)
        finally:
            with suppress(StorageError):
                remove_folder(self._handed_over)
        return final

    @property
    def _handed_over(self) -> Path:
        return self.manifest.folder / HANDED_OVER

    def _train(self, trials: Sequence[Trial]) -> tuple[Sequence[Finalist], Mapping[str, str]]:
        """The finalists, in the order of the trials, and why others could not be trained, by id."""
        found: dict[int, Finalist] = {}
        failed: dict[str, str] = {}

        def note(trial: Trial, finalist: Finalist | EvaluationFailed) -> None:
            if isinstance(finalist, Finalist):
                found[trial.number] = finalist
                self.on_event(FinalistEnded(trial, finalist.metrics))
            else:
                failed[trial.architecture.id] = str(finalist)
                self.on_event(FinalistEnded(trial, {}, str(finalist)))

        waiting = []
        for trial in trials:
            kept = self._kept(trial)
            if kept is None:
                waiting.append(trial)
            else:
                self.on_event(FinalistBegan(trial))
                note(trial, kept)
        for trial, one in self._trained(waiting):
            note(trial, self._keep(trial, one))
        order = [trial for trial in trials if trial.number in found]
        causes = {id_: failed[id_] for id_ in (trial.architecture.id for trial in trials) if id_ in failed}
        return tuple(found[trial.number] for trial in order), causes

    def _trained(self, trials: Sequence[Trial]) -> Iterator[tuple[Trial, Finished]]:
        """Each trial with the result of its training, in the order in which they end."""
        waiting, training = deque(trials), dict[int, Trial]()
        while waiting or training:
            while waiting and len(training) < self.executor.slots:
                trial = waiting.popleft()
                training[trial.number] = trial
                self.on_event(FinalistBegan(trial))
                seed = final_seed(self.config.seed, trial.number)
                self.executor.submit(Job(trial.number, Proposal(trial.architecture), seed, stage=TRAIN))
            for one in self.executor.next():
                yield training.pop(one.job.number), one

    def _kept(self, trial: Trial) -> Finalist | EvaluationFailed | None:
        try:
            return kept_finalist(self.manifest, self.config, self.data, trial, metrics=self.metrics)
        except EvaluationFailed as failure:
            return failure

    def _keep(self, trial: Trial, one: Finished) -> Finalist | EvaluationFailed:
        """Puts the result of a training into the folder."""
        result = result_of(one)
        if isinstance(result, EvaluationFailed):
            keep_failure(self.manifest, self.config, self.data, trial, result)
            return result
        trainings = range(self.config.final.seeds)
        weights = [self._handed_over / weights_of(trial.architecture, training) for training in trainings]
        return keep_finalist(self.manifest, self.config, self.data, trial, result, weights)
