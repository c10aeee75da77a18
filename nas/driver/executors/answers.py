"""What workers answer, as messages: written where a job is evaluated, and read by the driver."""

from collections.abc import Mapping
from typing import Any

from nas.driver.executors.executor import Failed, Job, Outcome
from nas.driver.executors.wire import raised
from nas.errors import ArchwrightError, FailureKind
from nas.events import EpochEnded, Notice
from nas.reported import read_metrics

Answer = EpochEnded | Notice | ArchwrightError | tuple[Outcome, float]
"""What a worker says: progress, a notice, an error that ends the search, or the outcome and its seconds."""


def message_of(answer: EpochEnded | Notice | tuple[Outcome, float]) -> Mapping[str, Any]:
    """An answer as plain data."""
    if isinstance(answer, EpochEnded):
        return {"epoch": answer.epoch, "metrics": dict(answer.metrics), "at": answer.at}
    if isinstance(answer, Notice):
        return {"notice": answer.text, "at": answer.at}
    outcome, seconds = answer
    if isinstance(outcome, Failed):
        return {"failed": outcome.kind, "text": outcome.message, "seconds": seconds}
    return {"done": dict(outcome), "seconds": seconds}


def answer_of(job: Job | None, message: Mapping[str, Any]) -> Answer:
    """What a message says.

    Raises:
        ValueError, KeyError, TypeError, AttributeError, MetricsError: it is no answer.
    """
    if job is None:
        raise ValueError("there is no job")
    if "epoch" in message:
        metrics = {str(name): float(value) for name, value in message["metrics"].items()}
        return EpochEnded(job.number, int(message["epoch"]), metrics, at=float(message["at"]))
    if "notice" in message:
        return Notice(str(message["notice"]), at=float(message["at"]))
    if "raised" in message:
        return raised(message)
    seconds = float(message["seconds"])
    if "done" in message:
        return read_metrics(message["done"]), seconds
    kind = message["failed"]
    return Failed(None if kind is None else FailureKind(kind), str(message["text"])), seconds
