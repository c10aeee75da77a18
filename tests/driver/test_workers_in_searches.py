"""A search with worker processes gives the table of one without, bit for bit, whatever happens to the workers."""

import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from nas.controllers import RandomSearch, RegularizedEvolution
from nas.data import load_data
from nas.driver.accounts import Trials
from nas.driver.executors.executor import Executor
from nas.driver.executors.serial import Serial
from nas.driver.executors.workers import Workers
from nas.driver.search import search, search_on
from nas.driver.study import MemoryStudy
from nas.errors import WorkersFailed
from nas.evaluate import Train
from nas.events import Event, OnEvent, TrialBegan, TrialEnded, unread
from nas.space import Space, parse_space
from nas.training import Recipe
from nas.training.device import threads
from nas.trial import ACCURACY, Trial
from tests.driver.executors.faulty import Faulty
from tests.driver.searches import timeless

MLP = """
input: [1, 8, 8]
outputs: 10
layers:
  - flatten
  - linear: {units: {choice: [4, 8, 12, 16]}}
  - choice: [relu, tanh, silu]
  - linear: {units: outputs}
"""


@pytest.fixture(scope="module")
def space() -> Space:
    return parse_space(MLP)


def table(space: Space, executor: Executor, on_event: OnEvent = unread) -> list[Trial]:
    study, account = MemoryStudy((ACCURACY,)), Trials(8)
    controller = RegularizedEvolution(space, population=3, tournament=2)
    search_on(executor, controller, study, account=account, seed=3, objectives=(ACCURACY,), window=2, on_event=on_event)
    return [replace(timeless(trial), metrics={**trial.metrics, "seconds": 0.0}) for trial in study]


def test_the_table_is_that_of_a_search_in_this_process(space: Space) -> None:
    """Of one worker, and of two that are killed on the way."""
    train = Train(load_data("digits"), Recipe(epochs=1, lr=0.01), device="cpu")
    with threads(1):
        here = table(space, Serial(train))
    assert all(trial.scores is not None for trial in here)
    events: list[Event] = []
    with Workers(train, 1, on_event=events.append) as one:
        assert table(space, one, events.append) == here
    assert [event.number for event in events if isinstance(event, TrialBegan)] == list(range(8))
    assert [event.trial.number for event in events if isinstance(event, TrialEnded)] == list(range(8))
    killed: list[int] = []

    def kill(event: Event) -> None:
        if isinstance(event, TrialEnded) and event.trial.number == 2:
            killed.extend(two.processes[1:])
            for pid in killed:
                os.kill(pid, signal.SIGKILL)

    with Workers(train, 2) as two:
        assert table(space, two, kill) == here
        assert not set(killed) & set(two.processes)
    assert len(killed) == 2


def test_three_trials_in_a_row_that_end_their_workers_alike_end_the_search(space: Space, tmp_path: Path) -> None:
    study = MemoryStudy()
    whole = search(RandomSearch(space), Faulty(tmp_path), trials=6, seed=1)
    seeds = [trial.seed for trial in whole]
    faults = dict(zip(seeds, ("segfault", "segfault", "abort", "segfault", "segfault", "segfault"), strict=True))
    with pytest.raises(WorkersFailed, match=r"3 trials in a row .*, trial 5, by CRASH: the process died of SIGSEGV"):
        search(RandomSearch(space), Faulty(tmp_path, faults), study, trials=20, seed=1, workers=2, window=2)
    assert [trial.number for trial in study] == list(range(6))
    assert {trial.scores for trial in study} == {None}
