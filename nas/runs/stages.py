"""The stages of a run: the search, and the final stage, in which finalists are trained in full."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from nas.baselines import Baselines
from nas.controllers import Controller
from nas.driver.accounts import Accounts, End, Trials
from nas.driver.budget import SearchBudget
from nas.driver.executors.executor import Executor
from nas.driver.search import search_on
from nas.driver.study import Study
from nas.errors import NoValidTrial
from nas.evaluate.evaluation import full_epochs_of
from nas.evaluate.proxies import objectives_when_trained
from nas.events import Notice, OnEvent, StageBegan
from nas.final.finalist import Final
from nas.final.order import searched_order
from nas.final.winner import Repeat, winners
from nas.manifest import Manifest
from nas.objectives import pareto_front
from nas.runs.baselines import measured_baselines
from nas.runs.config import RunConfig
from nas.runs.ended import Ended, keep_ended
from nas.runs.finish import Finish
from nas.runs.folder import SALVAGED
from nas.runs.notices import causes
from nas.runs.prepare import Prepared
from nas.runs.tune import Tune
from nas.space import Space


@dataclass(frozen=True)
class Stages:
    """The stages of a run, in an open folder.

    Attributes:
        manifest: the files of the folder.
        config: the run file, with the task and the objectives of the data.
        parts: what was made from it.
        study: the log.
        on_event: called with each event.
        metrics: those that are measured in a full training.
    """

    manifest: Manifest
    config: RunConfig
    parts: Prepared
    study: Study
    on_event: OnEvent
    metrics: Sequence[str]

    def search(self, executor: Executor) -> End:
        """Searches until the budget is spent, or every network of the space has been evaluated.

        Returns:
            What ended the search.
        """
        config, study = self.config, self.study
        front = tuple(pareto_front(study))
        self.on_event(StageBegan("trial", config.budget.trials, len(study), config.objectives, front))
        ended = self._search(executor)
        if ended.end.by != "trials":
            self.on_event(Notice(ended.end.after(len(study))))
        keep_ended(self.manifest, ended)
        self.manifest.remove(SALVAGED)
        return ended.end

    def _search(self, executor: Executor) -> Ended:
        """Searches, and repeats the best at the end if this is how finalists are selected."""
        config, study = self.config, self.study
        account = self._accounts(config.proposing, space=self.parts.space)
        if config.winner != "repeat":
            if config.budget.trials is not None and len(study) >= config.budget.trials:
                # The controller need not be told the trials.
                return Ended(Trials(len(study)).end, len(study), len(study))
            self._spend(executor, self.parts.controller, account, cache=True)
            return Ended(account.end, len(study), len(study))
        self._spend(executor, self.parts.controller, account, cache=True)
        stopped = account.end.by in ("patience", "target")
        repeating = self._accounts(config.repeating(account.proposals if stopped else None))
        # Evaluated anew: the cache would return the known results.
        self._spend(executor, Repeat(), repeating, cache=False)
        return Ended(account.end if stopped else repeating.end, len(study), account.proposals)

    def _accounts(self, budget: SearchBudget, *, space: Space | None = None) -> Accounts:
        """The accounts of a part of the search; `space`: it ends when every network was evaluated."""
        config, full_epochs = self.config, full_epochs_of(self.parts.evaluator)
        return budget.accounts(config.objectives, full_epochs=full_epochs, space=space, whole=config.budget)

    def _spend(self, executor: Executor, controller: Controller, account: Accounts, *, cache: bool) -> None:
        search_on(
            executor,
            controller,
            self.study,
            account=account,
            seed=self.config.seed,
            objectives=self.config.objectives,
            window=self.config.window,
            order=self.config.order,
            cache=cache,
            on_event=self.on_event,
        )

    def baselines(self, executor: Executor) -> Baselines | None:
        """What the networks have to beat, unless the run file has `baseline: none`.

        Raises:
            StorageError: a file cannot be read or written.
        """
        if self.config.baseline == "none" or not len(self.study):
            return None
        arch = next(iter(self.study)).architecture
        return measured_baselines(self.manifest, self.parts.data, self.metrics, arch, executor, self.on_event)

    def finish(self, executor: Executor) -> Final:
        """Trains those finalists in full that were not trained before, selects one of them, and writes its files.

        Raises:
            NoValidTrial: all trials failed, or all finalists.
        """
        config, trials = self.config, tuple(self.study)
        if all(trial.error is not None for trial in trials):
            raise NoValidTrial(causes(trials))
        best = winners(trials, config.final.top, how=config.winner, space=self.parts.space)
        compared = objectives_when_trained(config.objectives, self.parts.data.task.objective)
        if config.final.tune:
            tune = Tune(self.manifest, config, self.parts.data, compared, executor, self.on_event)
            config = replace(config, final=replace(config.final, recipe=tune(best[0])))
        finish = Finish(self.manifest, config, self.parts.data, compared, self.metrics, executor, self.on_event)
        return finish(best, searched_order(trials, best, how=config.winner))
