"""What a worker writes is what the driver reads, and nothing else is."""

import json
import math
from collections.abc import Callable
from typing import Any

import pytest

from nas.driver.executors.answers import Answer, answer_of, message_of
from nas.driver.executors.executor import Failed, Job
from nas.driver.executors.wire import Lines, line, written
from nas.errors import FailureKind, MetricsError, StorageError
from nas.events import EpochEnded


@pytest.mark.parametrize(
    "answer",
    [
        ({"val_acc": 0.1 + 0.2, "val_curve": (math.inf, 1 / 3), "params": 12}, 0.25),
        (Failed(FailureKind.OOM_HOST, "no memory"), 1.5),
        (Failed(None, "reports no numbers"), 0.0),
        EpochEnded(3, 2, {"val_acc": 0.5}, at=7.25),
    ],
)
def test_an_answer_comes_back(job: Callable[..., Job], answer: Any) -> None:
    (message,) = Lines().add(line(**message_of(answer)))
    found: Answer = answer_of(job(3), message)
    assert found == answer


def test_an_error_of_the_run_comes_back(job: Callable[..., Job]) -> None:
    error = answer_of(job(0), written(StorageError("disk full")))
    assert isinstance(error, StorageError)
    assert str(error) == "disk full"


@pytest.mark.parametrize("text", ["{}", '{"seconds": "x"}', '{"done": {"a": "b"}, "seconds": 1}', '{"epoch": 1}'])
def test_what_is_no_answer(job: Callable[..., Job], text: str) -> None:
    with pytest.raises((ValueError, KeyError, TypeError, AttributeError, MetricsError)):
        answer_of(job(0), json.loads(text))
    with pytest.raises(ValueError, match="no job"):
        answer_of(None, {"done": {}, "seconds": 0})
