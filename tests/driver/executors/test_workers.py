"""Worker processes: whatever a candidate does, it costs one trial, and nothing is left of it."""

import gc
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from nas.driver.executors.executor import Failed, Finished, Job, Outcome
from nas.driver.executors.limits import EvaluationLimits
from nas.driver.executors.serial import Serial
from nas.driver.executors.workers import Workers
from nas.errors import FailureKind, StorageError, UsageError
from nas.evaluate.evaluator import Evaluator
from nas.events import EpochEnded, Epochs, Event, Events, TrialBegan
from nas.interrupt import SIGNALS, Stopped, orderly, stoppable
from nas.settings.code import Code
from nas.space import Architecture
from nas.trial import Metrics
from tests.driver.executors.faulty import Faulty, Reporting

Jobs = Callable[..., Job]


def finish(executor: Workers | Serial, *jobs: Job) -> dict[int, Finished]:
    """What comes of jobs, by their numbers."""
    for one in jobs:
        executor.submit(one)
    found: dict[int, Finished] = {}
    while len(found) < len(jobs):
        found.update((one.job.number, one) for one in executor.next())
    return found


def failure(one: Finished) -> tuple[FailureKind | None, str]:
    assert isinstance(one.outcome, Failed), one.outcome
    return one.outcome.kind, one.outcome.message


def exists(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def gone(*pids: int) -> bool:
    """Whether processes end, now or within seconds: the kernel and their new parent take a moment."""
    until = time.monotonic() + 20
    while any(map(exists, pids)) and time.monotonic() < until:
        time.sleep(0.01)
    return not any(map(exists, pids))


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


def test_epochs_are_progress_and_reach_the_queue_of_the_driver(job: Jobs) -> None:
    """Three epochs of 0.3 seconds are longer together than the limit."""
    queue, events = Events(), list[Event]()
    queue.readers.append(events.append)
    with Workers(Reporting(Epochs(queue)), 1, limits=EvaluationLimits(seconds=0.8), on_event=queue.post) as workers:
        found = finish(workers, job(5))
    assert found[5].outcome == {"val_acc": 1.0}
    epochs = [event for event in events if isinstance(event, EpochEnded)]
    assert [(event.number, event.epoch) for event in epochs] == [(5, 1), (5, 2), (5, 3)]
    assert [dict(event.metrics) for event in epochs] == [
        {"val_acc": n / 3, "val_loss": float("inf")} for n in (1, 2, 3)
    ]
    assert sorted(event.at for event in events) == [event.at for event in events]


def test_a_limit_on_memory_fails_the_trial_and_not_the_worker(job: Jobs, tmp_path: Path) -> None:
    with Workers(Faulty(tmp_path, {1: "allocate"}), 1, limits=EvaluationLimits(memory_gib=1)) as workers:
        found = finish(workers, job(0), job(1), job(2))
    assert failure(found[1])[0] is FailureKind.OOM_HOST
    assert found[0].outcome["pid"] == found[2].outcome["pid"]  # type: ignore[index]


def test_a_limit_below_an_idle_worker_is_an_error(job: Jobs, tmp_path: Path) -> None:
    with (
        Workers(Faulty(tmp_path), 1, limits=EvaluationLimits(memory_gib=0.001)) as workers,
        pytest.raises(UsageError, match=r"limits.memory_gib is 0.001, and a worker uses 0\.\d+ GiB before its first"),
    ):
        finish(workers, job(0))


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
    assert descriptors() == before


def test_an_evaluator_that_cannot_be_pickled_is_an_error_that_says_what_to_do(job: Jobs) -> None:
    def local(arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        return {}

    with Workers(local, 1) as workers, pytest.raises(UsageError, match=r"cannot be sent .*local.*workers: in_process"):
        workers.submit(job(0))


class Unreadable:
    """Can be pickled, and not read."""

    def __call__(self, arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        raise AssertionError("never evaluated")

    def __reduce__(self) -> tuple[Callable[..., object], tuple[str]]:
        return int, ("no number",)


class Careless:
    """Raises what concerns the whole search."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def __call__(self, arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        raise self.error


def test_the_users_own_code_is_found_in_its_file(job: Jobs, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(
        "class Own:\n    def __call__(self, arch, *, epochs, seed):\n        return {'val_acc': 0.75}\n"
    )
    with Workers(Code.named("mine.py:Own", tmp_path).load()(), 1) as workers:
        assert finish(workers, job(0))[0].outcome == {"val_acc": 0.75}


SCRIPT = """
import nas

class Own:
    def __call__(self, arch, *, epochs, seed):
        return {"val_acc": 0.75}

def main():
    space = nas.parse_space("{input: [4], layers: [{linear: {units: 1}}]}")
    print([trial.score for trial in nas.search("random", Own(), space=space, trials=2, workers=1)])

"""


@pytest.mark.parametrize("guarded", [True, False])
def test_an_evaluator_of_a_script(tmp_path: Path, guarded: bool) -> None:
    path = tmp_path / "script.py"
    path.write_text(SCRIPT + ('if __name__ == "__main__":\n    main()\n' if guarded else "main()\n"))
    ended = subprocess.run([sys.executable, str(path)], capture_output=True, text=True, check=False)
    if guarded:
        assert (ended.stdout, ended.stderr, ended.returncode) == ("[0.75, 0.75]\n", "", 0)
    else:
        assert ended.returncode == 1
        assert 'put its calls under `if __name__ == "__main__":`' in ended.stderr


def test_an_evaluator_that_cannot_be_read_in_a_worker_is_an_error(job: Jobs) -> None:
    with Workers(Unreadable(), 1) as workers, pytest.raises(UsageError, match=r"cannot be sent .*: invalid literal"):
        finish(workers, job(0))


@pytest.mark.parametrize("error", [UsageError("no such device"), StorageError("disk full")])
def test_errors_of_the_run_end_the_search(job: Jobs, error: Exception) -> None:
    evaluator: Evaluator = Careless(error)
    with Workers(evaluator, 1) as workers, pytest.raises(type(error), match=str(error)):
        finish(workers, job(0))
