"""The stages of a run: the search, and the final stage, in which finalists are trained in full."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nas.controllers import Controller
from nas.driver.budget import Trials
from nas.driver.executors.executor import Executor
from nas.driver.search import executor_of, search_on
from nas.driver.study import Study, attempt
from nas.errors import EvaluationFailed, NoValidTrial
from nas.evaluate import Recalled
from nas.evaluate.evaluator import known_to
from nas.evaluate.proxies import objectives_when_trained
from nas.events import Notice, OnEvent, StageBegan
from nas.final.winner import Repeat, winners
from nas.manifest import Manifest
from nas.objectives import pareto_front
from nas.runs.config import RunConfig
from nas.runs.finalists import keep_failure, keep_finalist, kept_finalist
from nas.runs.folder import SALVAGED
from nas.runs.notices import causes, exhausted
from nas.runs.prepare import Prepared
from nas.runs.salvaged import salvaged
from nas.space import Space
from nas.tasks.metrics import asked_by
from nas.training.device import threads
from nas.trial import Trial

if TYPE_CHECKING:
    from nas.final.fine_tune import Final, Finalist
    from nas.training.workbench import Workbench


@dataclass(frozen=True)
class Stages:
    """The stages of a run, in an open folder.

    Attributes:
        manifest: the files of the folder.
        config: the run file, with the task and the objectives of the data.
        parts: what was made from it.
        study: the log.
        on_event: called with each event.
    """

    manifest: Manifest
    config: RunConfig
    parts: Prepared
    study: Study
    on_event: OnEvent

    def search(self) -> None:
        """Searches until the budget is spent, or every network of the space has been evaluated."""
        config, study = self.config, self.study
        front = tuple(pareto_front(study))
        self.on_event(StageBegan("trial", config.budget.trials, len(study), config.objectives, front))
        evaluator = Recalled(self.parts.evaluator, salvaged(self.manifest))
        of_each = config.threads or 1
        workers = executor_of(
            evaluator,
            study,
            workers=config.workers,
            window=config.window,
            limits=config.limits,
            threads=of_each,
            on_event=self.on_event,
        )
        with threads(of_each), workers as executor:
            self._search(executor, self.parts.controller, config.proposed, self.parts.space, cache=True)
            if config.winner == "repeat":
                # Evaluated anew: the cache would return the known results.
                self._search(executor, Repeat(), config.budget.trials, None, cache=False)
        if len(study) < config.budget.trials:
            self.on_event(Notice(exhausted(len(study))))
        self.manifest.remove(SALVAGED)

    def _search(
        self, executor: Executor, controller: Controller, trials: int, space: Space | None, *, cache: bool
    ) -> None:
        if len(self.study) < trials:
            search_on(
                executor,
                controller,
                self.study,
                account=Trials(trials, space),
                seed=self.config.seed,
                objectives=self.config.objectives,
                window=self.config.window,
                order=self.config.order,
                cache=cache,
                on_event=self.on_event,
            )

    def finish(self) -> "Final":
        """Trains those finalists in full that were not trained before, and selects one of them.

        Raises:
            NoValidTrial: all trials failed, or all finalists.
        """
        from nas.final.fine_tune import choose
        from nas.training.workbench import Workbench

        config, data, trials = self.config, self.parts.data, tuple(self.study)
        if all(trial.error is not None for trial in trials):
            raise NoValidTrial(causes(trials))
        measured: Sequence[str] = known_to(self.parts.evaluator, "measured") or ()
        metrics = [*asked_by(config.objectives, data.task), *measured]
        bench = Workbench(data, device=config.device, precision=config.precision, metrics=metrics)
        best = winners(trials, config.final.top, how=config.winner, space=self.parts.space)

        def finalist_of(trial: Trial) -> "Finalist":
            return kept_finalist(self.manifest, config, bench, trial) or self._train(bench, trial)

        compared = objectives_when_trained(config.objectives, data.task.objective)
        return choose(bench, best, finalist_of, objectives=compared, on_event=self.on_event)

    def _train(self, bench: "Workbench", trial: Trial) -> "Finalist":
        from nas.final.fine_tune import train_finalist

        config = self.config
        try:
            with attempt(self.study, trial.proposal):
                finalist = train_finalist(
                    bench,
                    trial,
                    config.final.recipe,
                    seed=config.seed,
                    objectives=config.objectives,
                    on_event=self.on_event,
                )
        except EvaluationFailed as failure:
            keep_failure(self.manifest, config, bench.data, trial, failure)
            raise
        keep_finalist(self.manifest, config, bench.data, finalist)
        return finalist
