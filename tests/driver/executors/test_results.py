"""Which jobs have begun, and which are finished."""

from collections.abc import Callable
from dataclasses import replace

from nas.driver.executors.executor import Job
from nas.driver.executors.results import Results
from nas.events import Event, TrialBegan

Jobs = Callable[..., Job]


def test_a_trial_begins_once_until_it_is_finished(job: Jobs) -> None:
    seen: list[Event] = []
    results = Results(seen.append)
    trial, final = job(3), replace(job(2), stage="train")
    for one in (trial, trial, final):
        results.begin(one)
    assert seen == [TrialBegan(3, trial.proposal, at=seen[0].at)]
    results.finish(trial, {}, 1.0)
    results.begin(trial)
    assert len(seen) == 2


def test_an_answer_takes_no_time_and_results_are_taken_once(job: Jobs) -> None:
    results = Results(lambda _: None)
    assert not results.answer(job(0))
    assert results.answer(job(1, answer={"seconds": 5.0}))
    results.finish(job(0), {"seconds": 2.0}, 3.0, "exit code 1")
    assert len(results) == 2
    known, other = results.take()
    assert (known.job.number, known.seconds, known.death) == (1, 0.0, "")
    assert (other.job.number, other.seconds, other.death) == (0, 2.0, "exit code 1")
    assert known.at <= other.at <= results.clock
    assert results.take() == []
