"""How many evaluations run at once, and what each of them may use."""

import os
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field, GetCoreSchemaHandler, GetPydanticSchema
from pydantic_core import CoreSchema

from nas.arguments import PositiveFloat, checked

GIB = 2**30

PER_DEVICE = 4
"""The workers of a CUDA device with `workers: auto`. Processes take turns on a device: one computes while the others
build networks, score them, or wait for their CPU. Each also takes memory for its context."""

_MOST = 1024


def _one_message(type_: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
    """One message for what is neither a number nor a word, rather than one for each of the two."""
    message = f"Input should be a number from 1 to {_MOST}, auto or in_process"
    return {**handler(type_), "custom_error_type": "count", "custom_error_message": message}


WorkerCount = Annotated[
    Annotated[int, Field(ge=1, le=_MOST)] | Literal["auto", "in_process"], GetPydanticSchema(_one_message)
]
"""How many worker processes evaluate. `auto`: one for each CPU core, but at most `PER_DEVICE` for each CUDA device that
they compute on. `in_process`: none, so the process of the search evaluates, one network at a time: for debugging, and
for evaluators that cannot be pickled."""


@checked
@dataclass(frozen=True)
class EvaluationLimits:
    """What an evaluation in a worker process may use. A trial that needs more fails with TIMEOUT or OOM_HOST.

    Attributes:
        seconds: the longest time without progress: for an epoch, or for a whole evaluation if the evaluator reports no
            epochs.
        memory_gib: memory of a worker, in GiB, on Linux; `null`: no limit. If the memory of the machine runs out, the
            kernel ends a worker rather than the search.
    """

    seconds: PositiveFloat = 3600.0
    memory_gib: PositiveFloat | None = None


DEFAULT_LIMITS = EvaluationLimits()


@dataclass(frozen=True)
class Resources:
    """What the evaluations of a search may use.

    Attributes:
        workers: how many of them run at once.
        window: how many jobs are submitted at once; more workers than that are of no use.
        limits: what each of them may use.
        threads: of torch, for each of them.
    """

    workers: WorkerCount
    window: int
    limits: EvaluationLimits = DEFAULT_LIMITS
    threads: int = 1

    @property
    def processes(self) -> int:
        """The number of worker processes on this machine, 0 for `in_process`; with `auto`, as many as there are CPU
        cores for them, but no more than the window."""
        if self.workers == "in_process":
            return 0
        return min(max(1, _cores() // self.threads) if self.workers == "auto" else self.workers, self.window)


def _cores() -> int:
    """The CPU cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
