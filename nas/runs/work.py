"""What the workers of a run do: they check it, evaluate its trials, and finish it."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from nas.driver.executors.executor import Executor
from nas.driver.executors.local import Local
from nas.driver.executors.resources import Resources, WorkerCount
from nas.driver.search import executor_of
from nas.driver.study import Study
from nas.evaluate import Evaluator, Recalled
from nas.evaluate.staged import Staged
from nas.events import Epochs, OnEvent
from nas.final.finishing import Finishing
from nas.manifest import Manifest
from nas.runs.baselines import BASELINE, Baselining
from nas.runs.checks import CHECK, Checks
from nas.runs.config import RunConfig
from nas.runs.finish import TRAIN
from nas.runs.folder import FINALISTS, HANDED_OVER
from nas.runs.hand_over import HAND_OVER, JOIN
from nas.runs.prepare import Prepared, trained_metrics
from nas.runs.salvaged import salvaged
from nas.runs.tune import TUNE
from nas.training import Checkpoints

FRONT = 64
"""As many finalists of a Pareto front are trained at once, if there are workers for them."""


def finishing_of(
    config: RunConfig, parts: Prepared, folder: Path, on_epoch: Epochs, checkpoints: Checkpoints
) -> Finishing:
    """The work of the final stage of a run in a folder."""
    return Finishing(
        parts.data,
        config.final.recipe,
        folder=folder / HANDED_OVER,
        finalists=folder / FINALISTS,
        name=parts.space.name,
        objective=config.objectives[0].metric,
        seeds=config.final.seeds,
        join=config.final.join,
        ensemble=config.final.ensemble,
        device=config.device,
        precision=config.precision,
        metrics=tuple(trained_metrics(config, parts.data, parts.evaluator)),
        tuned=config.final.tune > 0,
        checkpoints=checkpoints,
        on_epoch=on_epoch,
    )


@dataclass(frozen=True)
class Work:
    """What is done for a run.

    Attributes:
        config: the run file.
        parts: what was made from it.
        manifest: the files of the run, with the results of a damaged log.
        finishing, checks, baselining: the work of other stages than the search.
        on_event: called with what begins, and with what workers report.
    """

    config: RunConfig
    parts: Prepared
    manifest: Manifest
    finishing: Finishing
    checks: Checks
    baselining: Baselining
    on_event: OnEvent

    def here(self, study: Study) -> AbstractContextManager[Executor]:
        """What works on this machine: worker processes, or this one, in which case the study notes what is evaluated.

        It checks the run, trains finalists, whose files it writes, and evaluates trials, unless these are evaluated
        elsewhere.
        """
        config, top = self.config, self.config.final.top
        finalists = FRONT if top == "front" else top
        stages: dict[str, Evaluator] = {
            CHECK: self.checks,
            BASELINE: self.baselining,
            TUNE: self.finishing.tune,
            TRAIN: self.finishing.train,
            JOIN: self.finishing.train_joined,
            HAND_OVER: self.finishing.hand_over,
        }
        return executor_of(
            Staged(self._evaluator, stages, self.finishing.warm),
            study,
            self._resources(
                config.workers if self._local else "auto",
                max(config.window, finalists) if self._local else finalists,
            ),
            on_event=self.on_event,
        )

    @contextmanager
    def evaluating(self, here: Executor, study: Study) -> Iterator[Executor]:
        """What evaluates trials: what works on this machine, or the executor that the run file names."""
        if self._local:
            yield here
            return
        config = self.config
        executor = executor_of(
            self._evaluator,
            study,
            self._resources(config.workers, config.window),
            platform=self.parts.platform,
            on_event=self.on_event,
        )
        with executor as opened:
            yield opened

    def _resources(self, workers: WorkerCount, window: int) -> Resources:
        return Resources(workers, window, self.config.limits, self.config.threads or 1)

    @property
    def _local(self) -> bool:
        return isinstance(self.parts.platform, Local)

    @property
    def _evaluator(self) -> Recalled:
        return Recalled(self.parts.evaluator, salvaged(self.manifest))
