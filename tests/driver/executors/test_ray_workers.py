"""Workers on a Ray cluster of two nodes: whatever a candidate does, and whatever is lost, the table is the same."""

import importlib.util
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

import nas
from nas.driver.executors.executor import Executor, Failed, Job
from nas.driver.executors.ray_cluster import Ray
from nas.driver.executors.resources import DEFAULT_LIMITS, EvaluationLimits, Resources, WorkerCount
from nas.driver.search import search
from nas.errors import FailureKind, StorageError, UsageError
from nas.evaluate.evaluator import Evaluator
from nas.events import EpochEnded, Epochs, Event, Events, Notice, OnEvent, TrialBegan, TrialEnded, unread
from nas.space import Architecture, Space
from nas.trial import Metrics, Trial
from tests.driver.executors.faulty import Faulty, Reporting
from tests.driver.executors.finishing import failure, finish
from tests.driver.executors.processes import gone
from tests.driver.executors.ray_nodes import Nodes, two_nodes
from tests.driver.searches import timeless

if importlib.util.find_spec("ray") is None or sys.platform != "linux":
    pytest.skip("needs the extra archwright[ray] on Linux", allow_module_level=True)

Jobs = Callable[..., Job]


@pytest.fixture(scope="module")
def nodes() -> Iterator[Nodes]:
    with two_nodes() as nodes:
        yield nodes


def opened(
    nodes: Nodes,
    evaluator: Evaluator,
    *,
    workers: WorkerCount = 2,
    window: int = 8,
    limits: EvaluationLimits = DEFAULT_LIMITS,
    on_event: OnEvent = unread,
    num_gpus: float = 0,
) -> AbstractContextManager[Executor]:
    ray = Ray(nodes.address, num_gpus=num_gpus)
    return ray.open(evaluator, Resources(workers, window, limits), on_event=on_event)


def test_failures_have_the_names_that_they_have_without_a_cluster(nodes: Nodes, job: Jobs, tmp_path: Path) -> None:
    """A candidate ends neither the actor nor the search."""
    faults = {0: "segfault", 1: "leave", 2: "key_error", 3: "kill", 4: "loop", 6: "kill_actor"}
    events: list[Event] = []
    limits = EvaluationLimits(seconds=3)
    with opened(nodes, Faulty(tmp_path, faults), workers="auto", limits=limits, on_event=events.append) as executor:
        assert executor.slots == 2
        found = finish(executor, *(job(number) for number in range(7)), job(7, answer={"val_acc": 0.25}))
        assert gone(int((tmp_path / "grandchild").read_text()))
    kinds = {number: failure(one)[0] for number, one in found.items() if isinstance(one.outcome, Failed)}
    crash = FailureKind.CRASH
    assert kinds == {0: crash, 1: crash, 2: crash, 4: FailureKind.TIMEOUT, 6: crash}
    assert [found[number].death for number in range(8)] == ["SIGSEGV", "exit code 7", "", "", "TIMEOUT", "", "lost", ""]
    assert failure(found[0])[1].startswith("the process died of SIGSEGV: Segmentation fault (")
    assert failure(found[6])[1].startswith("3 workers on the cluster were lost in it (")
    assert found[3].outcome == {"val_acc": 0.5}
    assert found[5].outcome["val_acc"] == 5 / 1000  # type: ignore[index]
    assert found[7].outcome == {"val_acc": 0.25}
    assert sorted(event.number for event in events if isinstance(event, TrialBegan)) == list(range(8))
    # A slow machine may also be told what the search waits for.
    lost = [event.text for event in events if isinstance(event, Notice) and "lost" in event.text]
    assert len(lost) == 3
    assert all(text.startswith("trial 6 lost its worker on the cluster: ") for text in lost)


@dataclass(frozen=True)
class Slow:
    """Takes a while, and follows from the seed."""

    seconds: float

    def __call__(self, arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        time.sleep(self.seconds)
        return {"val_acc": seed % 1009 / 1009, "params": arch.params}


def table(space: Space, on_event: OnEvent = unread, executor: Ray | None = None) -> list[Trial]:
    workers: WorkerCount = "in_process" if executor is None else 2
    controller = nas.RegularizedEvolution(space, population=3, tournament=2)
    evaluator = Slow(0.0 if executor is None else 0.3)
    study = search(
        controller, evaluator, trials=12, seed=3, executor=executor, workers=workers, window=2, on_event=on_event
    )
    return [replace(timeless(trial), metrics={**trial.metrics, "seconds": 0.0}) for trial in study]


@dataclass(frozen=True)
class Careless:
    """Raises what concerns the whole search, except at the seed 5, where it reports epochs."""

    reporting: Reporting

    def __call__(self, arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        if seed != 5:
            raise UsageError("no such device")
        return self.reporting(arch, epochs=epochs, seed=seed)


def test_epochs_and_errors_of_the_run_are_told(nodes: Nodes, job: Jobs) -> None:
    """An error names its node."""
    queue, events = Events(), list[Event]()
    queue.readers.append(events.append)
    limits, evaluator = EvaluationLimits(seconds=5), Careless(Reporting(Epochs(queue)))
    with opened(nodes, evaluator, workers=1, limits=limits, on_event=queue.post) as executor:
        assert finish(executor, job(5))[5].outcome == {"val_acc": 1.0}
        epochs = [event for event in events if isinstance(event, EpochEnded)]
        assert [(event.number, event.epoch) for event in epochs] == [(5, 1), (5, 2), (5, 3)]
        with pytest.raises(UsageError, match=r"no such device \(on .+\)"):
            finish(executor, job(0))


def test_what_a_cluster_has_no_room_for(nodes: Nodes, job: Jobs) -> None:
    expected = r"a worker needs num_cpus: 1, num_gpus: 1, and no node .* \(at most CPU: 1, GPU: 0\)"
    with opened(nodes, Slow(0.3), num_gpus=1) as executor, pytest.raises(UsageError, match=expected):
        executor.submit(job(0))


def test_a_lost_connection_is_an_error_of_storage_and_leaves_nothing(nodes: Nodes, job: Jobs, tmp_path: Path) -> None:
    """As where the process that is connected is ended by the loss of the cluster."""
    with opened(nodes, Faulty(tmp_path, {0: "forever"}), workers=1) as executor:
        executor.submit(job(0))
        until = time.monotonic() + 60
        while not (notes := list(tmp_path.glob("worker-*"))) and time.monotonic() < until:
            time.sleep(0.05)
        worker = int(notes[0].name.partition("-")[2])
        (bridge,) = [
            int(path.name)
            for path in Path("/proc").iterdir()
            if path.name.isdecimal() and _is_bridge(path) and _parent(path) == os.getpid()
        ]
        os.kill(bridge, 9)
        with pytest.raises(StorageError, match="the connection to the Ray cluster is lost"):
            executor.next()
    assert gone(worker)


@pytest.mark.slow
def test_the_table_of_a_search_that_lost_a_node_is_the_undisturbed_one(nodes: Nodes, small: Space) -> None:
    """The last test: the cluster has one node then."""
    events: list[Event] = []

    def read(event: Event) -> None:
        events.append(event)
        if isinstance(event, TrialEnded) and event.trial.number == 3:
            nodes.kill()

    assert table(small, read, Ray(nodes.address)) == table(small)
    lost = [event for event in events if isinstance(event, Notice) and "lost its worker" in event.text]
    assert len(lost) == 1


def _is_bridge(process: Path) -> bool:
    try:
        return b"ray_bridge" in (process / "cmdline").read_bytes()
    except OSError:
        return False


def _parent(process: Path) -> int:
    try:
        return int((process / "stat").read_text().rpartition(")")[2].split()[1])
    except OSError:  # it ended meanwhile
        return 0
