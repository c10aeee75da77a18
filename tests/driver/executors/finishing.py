"""What executors make of jobs."""

from nas.driver.executors.executor import Executor, Failed, Finished, Job
from nas.errors import FailureKind


def finish(executor: Executor, *jobs: Job) -> dict[int, Finished]:
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
