"""Worker processes: whatever a candidate does, it costs one trial, and nothing is left of it."""

import gc
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from nas.driver.executors.executor import Failed, Job, Outcome
from nas.driver.executors.resources import EvaluationLimits
from nas.driver.executors.serial import Serial
from nas.driver.executors.workers import Workers
from nas.errors import FailureKind
from nas.events import Event, TrialBegan
from nas.interrupt import SIGNALS, Stopped, orderly, stoppable
from tests.driver.executors.faulty import Faulty
from tests.driver.executors.finishing import failure, finish
from tests.driver.executors.processes import exists, gone

Jobs = Callable[..., Job]


def test_what_workers_do_is_what_this_process_does(job: Jobs, tmp_path: Path) -> None:
    faults = {2: "key_error", 3: "system_exit", 4: "python_exit", 5: "not_a_number"}
    jobs = [job(number) for number in range(7)]
    events: list[Event] = []
    with Workers(Faulty(tmp_path, faults), 2, on_event=events.append) as workers:
        found = finish(workers, *jobs)
        running = workers.processes
        pids = {
            one.outcome["pid"] for one in found.values() if not isinstance(one.outcome, Failed) and "pid" in one.outcome
        }
        assert workers.slots == 2
        assert pids <= set(running[1:])
        assert len(running) == 3
    assert gone(*running)
    assert {event.number for event in events if isinstance(event, TrialBegan)} == set(range(7))
    assert len(events) == 7
    here = finish(Serial(Faulty(tmp_path, faults)), *jobs)

    def comparable(outcome: Outcome) -> object:
        shown = outcome if isinstance(outcome, Failed) else {name: v for name, v in outcome.items() if name != "pid"}
        return repr(shown)

    assert {n: comparable(one.outcome) for n, one in found.items()} == {
        n: comparable(one.outcome) for n, one in here.items()
    }
    assert failure(found[4])[0] is FailureKind.CRASH
    assert all(one.death == "" and one.at > 0 for one in found.values())


def test_a_candidate_that_ends_its_process_fails_its_trial(job: Jobs, tmp_path: Path) -> None:
    faults = {0: "segfault", 1: "abort", 2: "leave", 3: "scribble", 4: "kill_always"}
    with Workers(Faulty(tmp_path, faults), 2) as workers:
        found = finish(workers, *(job(number) for number in range(6)))
    assert [failure(found[n])[0] for n in range(5)] == [FailureKind.CRASH] * 5
    assert failure(found[0])[1].startswith("the process died of SIGSEGV: Segmentation fault (")
    assert failure(found[1])[1].startswith("the process died of SIGABRT: Aborted (faulty.py:")
    assert failure(found[2])[1] == "the process ended with exit code 7"
    assert failure(found[3])[1].startswith("its answer cannot be read")
    assert failure(found[4])[1] == "3 workers were killed in it (SIGKILL)"
    assert [found[n].death for n in range(6)] == ["SIGSEGV", "SIGABRT", "exit code 7", "answer", "SIGKILL", ""]
    assert found[5].outcome["val_acc"] == 5 / 1000  # type: ignore[index]


def test_a_worker_that_is_killed_or_stopped_by_others_changes_nothing(job: Jobs, tmp_path: Path) -> None:
    faults = {0: "kill", 1: "terminate", 2: "stop", 3: "kill_server"}
    events: list[Event] = []
    with Workers(Faulty(tmp_path, faults), 2, on_event=events.append) as workers:
        found = finish(workers, *(job(number) for number in range(4)))
    assert [one.outcome for one in found.values()] == [{"val_acc": 0.5}] * 4
    assert {note.name for note in tmp_path.iterdir()} == {"SIGKILL", "SIGTERM", "server"}
    assert [event.number for event in events if isinstance(event, TrialBegan)] == [0, 1, 2, 3], "each begins once"


def test_no_progress_is_a_timeout_and_ends_grandchildren(job: Jobs, tmp_path: Path) -> None:
    with Workers(Faulty(tmp_path, {0: "loop"}), 1, limits=EvaluationLimits(seconds=0.5)) as workers:
        found = finish(workers, job(0), job(1))
        assert gone(int((tmp_path / "grandchild").read_text()))
    assert failure(found[0]) == (FailureKind.TIMEOUT, "no progress for 0.5 s (limits.seconds)")
    assert found[1].outcome["val_acc"] == 1 / 1000  # type: ignore[index]


@pytest.fixture
def small_group() -> Iterator[Path]:
    """A group of processes that may have 64 MiB of memory, in whichever version of cgroups the machine has."""
    root = Path("/sys/fs/cgroup")
    kinds = ((root / "memory", "memory.limit_in_bytes"), (root, "memory.max"))
    for parent, limit in kinds:
        group = parent / f"archwright-{os.getpid()}"
        try:
            group.mkdir()
        except OSError:
            continue
        if not (group / limit).exists():
            group.rmdir()
            continue
        (group / limit).write_text(str(2**26))
        if (group / "memory.swap.max").exists():
            (group / "memory.swap.max").write_text("0")
        yield group
        group.rmdir()
        return
    pytest.skip("no control group for memory can be made here: that needs root, and cgroups that are writable")


def test_the_kernel_ends_a_worker_when_memory_runs_out(job: Jobs, tmp_path: Path, small_group: Path) -> None:
    (tmp_path / "group").write_text(str(small_group))
    with Workers(Faulty(tmp_path, {0: "exhaust"}), 1) as workers:
        found = finish(workers, job(0), job(1))
    assert failure(found[0]) == (
        FailureKind.OOM_HOST,
        "the kernel ended the process: the memory of the machine ran out",
    )
    assert found[0].death == "OOM_HOST"
    assert found[1].outcome["val_acc"] == 1 / 1000  # type: ignore[index]


def test_known_answers_need_no_process(job: Jobs, tmp_path: Path) -> None:
    events: list[Event] = []
    with Workers(Faulty(tmp_path), 2, on_event=events.append) as workers:
        found = finish(workers, job(0, answer={"val_acc": 0.25}))
        assert workers.processes == []
    assert found[0].outcome == {"val_acc": 0.25}
    assert found[0].seconds == 0
    assert len(events) == 1


@pytest.mark.parametrize("signum", SIGNALS)
def test_a_signal_to_the_driver_leaves_no_process(job: Jobs, tmp_path: Path, signum: signal.Signals) -> None:
    workers, running = Workers(Faulty(tmp_path, {1: "forever"}), 2), list[int]()

    def search() -> None:
        with stoppable(), orderly(), workers:
            finish(workers, job(0))
            running.extend(workers.processes)
            os.kill(os.getpid(), signum)
            finish(workers, job(1))

    with pytest.raises(Stopped):
        search()
    assert gone(*running)
    assert workers.processes == []


@contextmanager
def driver(folder: Path) -> Iterator[tuple[int, int]]:
    """Another process that searches: its id, and that of a worker whose candidate goes on for ever."""
    pid = os.fork()
    if not pid:
        try:
            from nas.space import parse_space
            from nas.trial import Proposal

            space = parse_space("{input: [4], layers: [{linear: {units: 1}}]}")
            with Workers(Faulty(folder, {0: "forever"}), 1) as workers:
                finish(workers, Job(0, Proposal(next(iter(space))), seed=0))
        finally:
            os._exit(1)
    try:
        until = time.monotonic() + 60
        while not (notes := list(folder.glob("worker-*"))) and time.monotonic() < until:
            time.sleep(0.01)
        yield pid, int(notes[0].name.partition("-")[2])
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def test_workers_end_with_a_driver_that_is_killed(tmp_path: Path) -> None:
    with driver(tmp_path) as (_, worker):
        server = int(Path(f"/proc/{worker}/stat").read_text().rpartition(")")[2].split()[1])
        assert exists(worker)
    assert gone(worker, server)


def test_many_trials_leave_memory_and_descriptors_as_they_were(job: Jobs, tmp_path: Path) -> None:
    def resident() -> int:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def descriptors() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    gc.collect()  # else what other tests have left is closed in between
    before = descriptors()
    with Workers(Faulty(tmp_path, {1: "leave"}), 2) as workers:
        finish(workers, *(job(n, arch=n % 8) for n in range(10)))
        gc.collect()
        memory = resident()
        for start in range(10, 210, 20):
            finish(workers, *(job(n, arch=n % 8) for n in range(start, start + 20)))
            assert descriptors() <= before + 2 + 2 * workers.slots
        gc.collect()
        assert resident() - memory < 20 * 2**20
    assert descriptors() <= before
