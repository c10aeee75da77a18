"""The end of the final stage of a run: the network that is handed over is selected or made, tested and exported."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from nas.data import Dataset
from nas.driver.executors.executor import Executor, Failed, Finished, Job
from nas.errors import EvaluationFailed
from nas.events import Notice, OnEvent
from nas.files import make_folder, read_bytes, write_text
from nas.final.finalist import Final, Finalist, final_seed, joined_weights_of
from nas.final.finishing import MEMBERS, TASK, TESTED
from nas.final.last_step import cost_of, ensembled
from nas.final.on_test import on_test_of
from nas.final.order import Stage
from nas.final.replacement import Replacement
from nas.final.selection import probabilities_of_best, select, trained_order
from nas.manifest import Manifest
from nas.runs.config import RunConfig
from nas.runs.folder import HANDED_OVER
from nas.runs.joined import keep_joined, kept_joined, load_joined
from nas.sealed import parse_record
from nas.tasks import Task
from nas.tasks.stored import task_from_json
from nas.trial import Metrics, Objective, Proposal

if TYPE_CHECKING:
    from nas.model import Network

JOIN, HAND_OVER = "join", "hand_over"
"""The stages of jobs (`Job.stage`)."""


@dataclass(frozen=True)
class HandOver:
    """The end of the final stage, in an open folder; the attributes are those of `nas.runs.finish.Finish`."""

    manifest: Manifest
    config: RunConfig
    data: Dataset
    objectives: tuple[Objective, ...]
    executor: Executor
    on_event: OnEvent

    def __call__(self, finalists: Sequence[Finalist], failed: Mapping[str, str], before: tuple[Stage, ...]) -> Final:
        """Selects a finalist, and leaves the files of the network that is handed over in the folder `HANDED_OVER`. A
        finalist that fails is passed over.

        Args:
            finalists: the networks that were trained in full.
            failed: why others could not be, by id.
            before: the order of the finalists at the stages before.

        Raises:
            NoValidTrial: all failed, or exceed a limit.
            StorageError: a file cannot be written.
        """
        while True:
            chosen, failed = select(finalists, failed, objectives=self.objectives)
            able = [one for one in finalists if one.architecture.id not in failed]
            members = ensembled(self.config.final.ensemble, chosen, able)
            try:
                replacement = self._made(chosen, members)
                break
            except EvaluationFailed as failure:
                failed = {**failed, chosen.architecture.id: str(failure)}
        objectives, seed, path = self.objectives, self.config.seed, self._folder / TESTED
        task = task_from_json(read_bytes(self._folder / TASK))
        return Final(
            chosen,
            finalists,
            failed,
            None if self.data.test is None else on_test_of(parse_record(read_bytes(path), path), len(self.data.test)),
            task,
            objectives,
            self.data.intake,
            probabilities_of_best(finalists, failed, objectives=objectives, seed=seed),
            (*before, trained_order(finalists, failed, objectives=objectives)),
            replacement,
            self._load(replacement, members, task),
        )

    @property
    def _folder(self) -> Path:
        return self.manifest.folder / HANDED_OVER

    def _made(self, chosen: Finalist, members: Sequence[Finalist]) -> Replacement | None:
        """Has what is handed over made, tested and exported. Raises EvaluationFailed."""
        kind = self.config.final.ensemble
        if self.config.final.join:
            replacement = self._joined(chosen)
            self._do(chosen, HAND_OVER)
            return replacement
        if kind == "finalists":  # also for one alone: a finalist that failed here has left another file
            make_folder(self._folder)
            write_text(self._folder / MEMBERS, json.dumps([one.architecture.to_dict() for one in members]))
        measured = self._do(chosen, HAND_OVER)
        if kind == "none" or len(members) == 1:
            return None
        val = {
            name: value for name, value in measured.items() if name.startswith("val_") and not isinstance(value, tuple)
        }
        return replace(cost_of(kind, members), val=val)

    def _joined(self, chosen: Finalist) -> Replacement:
        """Has a finalist trained on the training and the validation samples, unless it was. Raises EvaluationFailed."""
        known = kept_joined(self.manifest, self.config, self.data, chosen)
        if known is None:
            self.on_event(Notice(f"{chosen.architecture.id} is trained on the training and the validation samples"))
            weights = self._folder / joined_weights_of(chosen.architecture)
            keep_joined(self.manifest, self.config, self.data, chosen, self._result(chosen, JOIN), weights)
            known = kept_joined(self.manifest, self.config, self.data, chosen)
        assert known is not None  # noqa: S101  it is there now
        return known

    def _do(self, chosen: Finalist, stage: str) -> Metrics:
        """What a job reports. Raises EvaluationFailed."""
        result = self._result(chosen, stage)
        if isinstance(result, EvaluationFailed):
            raise result
        return result

    def _result(self, chosen: Finalist, stage: str) -> Metrics | EvaluationFailed:
        assert chosen.trial is not None  # noqa: S101  it comes from a search
        seed = final_seed(self.config.seed, chosen.trial) if stage == JOIN else self.config.seed
        proposal = Proposal(chosen.architecture)
        self.executor.submit(Job(chosen.trial, proposal, seed, stage=stage, noted=stage == JOIN))
        (one,) = self.executor.next()
        return result_of(one)

    def _load(
        self, replacement: Replacement | None, members: Sequence[Finalist], task: Task
    ) -> Callable[[], "Network"] | None:
        """Returns what reads the network that is handed over; None: it is that of the selected finalist."""
        if replacement is None:
            return None
        if replacement.what == "joined":
            return load_joined(self.manifest, self.data, members[0].architecture)
        return partial(_ensemble, replacement, members, task)


def _ensemble(replacement: Replacement, members: Sequence[Finalist], task: Task) -> "Network":
    from nas.final.ensemble import ensemble_of

    networks = members[0].networks if replacement.what == "seeds" else [one.network for one in members]
    return ensemble_of(networks, task)


def result_of(one: Finished) -> Metrics | EvaluationFailed:
    """What a job reported, or how it failed. Raises MetricsError if it reported what it cannot."""
    if not isinstance(one.outcome, Failed):
        return one.outcome
    error = one.outcome.error()
    if not isinstance(error, EvaluationFailed):
        raise error
    return error
