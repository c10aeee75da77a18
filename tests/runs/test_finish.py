"""The final stage, with worker processes and without: the same files, and a finalist that ends its worker is passed
over."""

import ctypes
import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from nas.driver.executors.executor import Executor
from nas.driver.executors.serial import Serial
from nas.driver.executors.workers import Workers
from nas.errors import EvaluationFailed, FailureKind, NoValidTrial
from nas.evaluate.staged import Staged
from nas.events import EpochEnded, Epochs, Event, Events, FinalistBegan, FinalistEnded, OnEvent, StageBegan, unread
from nas.final.finalist import Final
from nas.final.finishing import Finishing
from nas.manifest import Manifest
from nas.network_files import NETWORK, NETWORK_FILES
from nas.runs.finish import TRAIN, Finish
from nas.runs.folder import FINAL, FINALISTS, HANDED_OVER
from nas.runs.hand_over import HAND_OVER
from nas.space import Architecture, parse_space
from nas.trial import ACCURACY, Metrics, Proposal, Trial
from tests.runs.conftest import Ended
from tests.tiny_run import contents


@dataclass(frozen=True)
class Faulty:
    """A final stage in which networks do to their process what `faults` says of their ids.

    Attributes:
        finishing: the final stage.
        faults: `crash` in the training, be `killed` from outside for the first time, be `refused`, or be `unfit` for an
            export.
    """

    finishing: Finishing
    faults: dict[str, str]

    def train(self, arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        note = self.finishing.finalists.parent / f"killed-{arch.id}"
        if self.faults.get(arch.id) == "crash":
            ctypes.string_at(0)
        if self.faults.get(arch.id) == "refused":
            raise EvaluationFailed(FailureKind.CRASH, "on purpose")
        if self.faults.get(arch.id) == "killed" and not note.exists():
            note.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return self.finishing.train(arch, epochs=epochs, seed=seed)

    def hand_over(self, arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        if self.faults.get(arch.id) == "unfit":
            os.abort()
        return self.finishing.hand_over(arch, epochs=epochs, seed=seed)


class Stage:
    """The final stage of a run in a folder that is made."""

    def __init__(self, ended: Ended, folder: Path, on_event: OnEvent = unread) -> None:
        folder.mkdir(exist_ok=True)
        self.events = Events([on_event])
        self.config = replace(ended.config, objectives=(ACCURACY,))
        self.ended, self.manifest = ended, Manifest(folder)
        self.finishing = Finishing(
            ended.data,
            self.config.final.recipe,
            folder=folder / HANDED_OVER,
            finalists=folder / FINALISTS,
            name="tiny",
            device="cpu",
            metrics=ended.bench.metrics,
            on_epoch=Epochs(self.events),
        )

    def evaluator(self, faults: dict[str, str]) -> Staged:
        work = Faulty(self.finishing, faults)
        return Staged(work.train, {TRAIN: work.train, HAND_OVER: work.hand_over})

    def finish(self, executor: Executor, trials: Sequence[Trial]) -> Final:
        bench = self.ended.bench
        finish = Finish(self.manifest, self.config, bench.data, (ACCURACY,), bench.metrics, executor, self.events.post)
        return finish(trials)


SPACE = """
input: [1, 8, 8]
outputs: 10
layers: [flatten, {linear: {units: {choice: [2, 4, 8, 16]}}}, relu, {linear: {units: outputs}}]
"""


@pytest.fixture(scope="module")
def trials(ended: Ended) -> Sequence[Trial]:
    return [
        replace(ended.trial, number=number, proposal=Proposal(arch)) for number, arch in enumerate(parse_space(SPACE))
    ]


def test_finalists_that_end_their_workers_are_passed_over(
    ended: Ended, trials: Sequence[Trial], tmp_path: Path
) -> None:
    """All else is as in this process, bit for bit."""
    here = Stage(ended, tmp_path / "here")
    whole = here.finish(Serial(here.evaluator({})), trials)
    ranked = sorted(whole.finalists, key=lambda one: -one.metrics["val_acc"])
    ids = [finalist.architecture.id for finalist in ranked]
    assert whole.chosen is ranked[0]
    events: list[Event] = []
    there = Stage(ended, tmp_path / "there", events.append)
    faults = dict(zip(ids, ("crash", "unfit", "killed"), strict=False))
    with Workers(there.evaluator(faults), 2, on_event=there.events.post) as workers:
        final = there.finish(workers, trials)
        assert len(workers.processes) <= 3
    assert final.chosen.architecture.id == ids[2]
    assert final.failed[ids[0]].startswith("CRASH: the process died of SIGSEGV: Segmentation fault (")
    assert final.failed[ids[1]].startswith("CRASH: the process died of SIGABRT: Aborted (test_finish.py:")
    assert [one.architecture.id for one in final.finalists] == [
        one.architecture.id for one in whole.finalists if one.architecture.id != ids[0]
    ]
    assert (tmp_path / f"there/killed-{ids[2]}").exists()
    there.manifest.verify()
    for id_ in ids[1:]:
        name = f"{FINALISTS}/{id_}.safetensors"
        assert there.manifest.read(name) == here.manifest.read(name)
    assert {FINAL, *(f"{NETWORK}/{name}" for name in NETWORK_FILES)} < set(there.manifest)
    assert not (tmp_path / "there" / HANDED_OVER).exists()
    # What was told: each begins once, is trained, and ends.
    assert isinstance(events[0], StageBegan)
    numbers = [trial.number for trial in trials]
    assert [event.trial.number for event in events if isinstance(event, FinalistBegan)] == numbers
    assert sorted(event.trial.number for event in events if isinstance(event, FinalistEnded)) == numbers
    trained = [event.number for event in events if isinstance(event, EpochEnded)]
    assert sorted(trained) == [n for n in numbers if trials[n].architecture.id != ids[0]]
    # All of it is kept, but for the failure of the export: nothing is trained again.
    before, told = contents(tmp_path / "there"), len(events)
    again = there.finish(Serial(there.evaluator({})), trials)
    assert again.chosen.architecture.id == ids[1]
    assert not [event for event in events[told:] if isinstance(event, EpochEnded)]
    after = contents(tmp_path / "there")
    assert {name: after[name] for name in before if name.startswith(FINALISTS)} == {
        name: data for name, data in before.items() if name.startswith(FINALISTS)
    }


def test_no_finalist_is_left(ended: Ended, trials: Sequence[Trial], tmp_path: Path) -> None:
    stage = Stage(ended, tmp_path)
    faults = dict.fromkeys((trial.architecture.id for trial in trials), "refused")
    with pytest.raises(NoValidTrial, match=r"could be trained at full length: .*: CRASH: on purpose"):
        stage.finish(Serial(stage.evaluator(faults)), trials)
    assert set(stage.manifest) == {f"{FINALISTS}/{trial.architecture.id}.json" for trial in trials}
    assert not (tmp_path / HANDED_OVER).exists()
