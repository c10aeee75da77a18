"""What run files and comparison files say of the evaluation of architectures, and the parts that are made from it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any

from nas.arguments import Threads, checked
from nas.data import DATASETS, Dataset
from nas.document import Node
from nas.errors import Diagnostic, UsageError
from nas.evaluate import EVALUATORS, Evaluator
from nas.evaluate.cached import cached
from nas.evaluate.evaluator import known_to
from nas.evaluate.on_hardware import with_hardware
from nas.evaluate.space_of import SpaceFile, SpaceName
from nas.hardware import HARDWARE_METRICS, Hardware
from nas.hardware.settings import DEFAULT_HARDWARE
from nas.settings import IDENTITY, IDENTITY_IF_SET, Code, Keyed, Named, Registry, Setting
from nas.settings.reader import join
from nas.space import Space
from nas.space.reading.aliases import nearest
from nas.tasks import AUTO, TASKS
from nas.tasks.metrics import SD
from nas.training.device import Device, Precision
from nas.trial import Objective

NOTHING: Mapping[str, Any] = MappingProxyType({})

PARTS: tuple[Registry[Any], ...] = (DATASETS, EVALUATORS)
"""What it can name."""


@checked
@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """How architectures are evaluated.

    Attributes:
        space: the space: path of a space file, relative to this file; a space of Archwright by its name, as in
            `nas list spaces`; `auto`: the one of these that suits the data.
        data: the data set: a name, or `{name: settings}`.
        evaluator: the evaluator, which measures architectures: a name, or `{name: settings}`.
        task: the task of the networks, `classification`, `multilabel` (any number of labels for each sample) or
            `regression`; `auto`: follows from the targets of the data.
        objectives: the objectives, the main one first. `{}`: that of the task, `{val_acc: maximize}` for
            classification, `{val_average_precision: maximize}` for several labels, `{val_rmse: minimize}` for
            regression.
        hardware: how metrics of hardware, such as `latency_ms`, are measured.
        device: the device for training: `auto`, `cpu` or `cuda`; `auto`: CUDA if it is available.
        precision: number format of forward passes: `auto`, `float32`, `bfloat16` or `float16`.
        threads: number of CPU threads of torch; `null`: one for an evaluation in a search and for the training of a
            finalist, and torch's default otherwise. Results are reproducible for the same number.
    """

    space: Annotated[SpaceName, SpaceFile()]
    data: Setting[Dataset]
    evaluator: Annotated[Setting[Evaluator], IDENTITY] = Setting.of(EVALUATORS, "train")
    task: Annotated[str, Named((AUTO, *TASKS))] = AUTO
    objectives: Annotated[tuple[Objective, ...], Keyed("metric", short="direction", optional=True), IDENTITY] = ()
    hardware: Annotated[Hardware, IDENTITY_IF_SET] = DEFAULT_HARDWARE
    device: Device = "auto"
    precision: Precision = "auto"
    threads: Annotated[Threads | None, IDENTITY] = None

    def misfits(self, node: Node, path: str = "") -> Iterator[Diagnostic]:
        """Objectives that the evaluator does not report; `path` is the key of the mapping `node`."""
        known = metrics_of(self.evaluator)
        if known and not self.objectives:
            defaults = [task.objective.metric for task in TASKS.values()]
            if not set(defaults) & set(known):
                message = f"the evaluator {self.evaluator.name} measures no {' and no '.join(defaults)}"
                yield Diagnostic(node.mark, join(path, "objectives"), message, f"one of {', '.join(known)}", "none")
        if self.task in TASKS:
            having = {f"val_{name}" for name in TASKS[self.task].metrics}
            known = [name for name in known if name.removesuffix(SD) in having or not name.startswith("val_")]
        known = [*known, *(name for name in HARDWARE_METRICS if name not in known)] if known else known
        for one in self.objectives if known else ():
            if one.metric not in known:
                message = f"the evaluator reports no {one.metric!r}"
                mark = node.at(("objectives",)).keys.get(one.metric, node.mark)
                where = join(path, "objectives", one.metric)
                shown = ", ".join(name for name in known if not name.endswith(SD))
                yield Diagnostic(mark, where, message, shown, "", nearest(one.metric, known))


def metrics_of(evaluator: Setting[Evaluator]) -> Sequence[str]:
    """The metrics that an evaluator says it reports; none where it does not say."""
    if isinstance(evaluator.maker, Code) and not evaluator.maker.trusted:
        return ()
    found: Sequence[str] = getattr(evaluator.factory, "metrics", ())
    return found


def make_data(evaluation: Evaluation, path: str = "") -> Dataset:
    """The data set. Raises UsageError, StorageError or IntegrityError; `path` is the key of the evaluation."""
    data = evaluation.data.make({"task": evaluation.task}, join(path, "data"))
    if evaluation.task not in (AUTO, data.task.name):
        raise UsageError(f"the data set is for {data.task.name}, and the task is {evaluation.task}")
    return data


def make_evaluator(
    evaluation: Evaluation,
    data: Dataset,
    space: Space,
    supplied: Mapping[str, Any] = NOTHING,
    path: str = "",
    *,
    cache: Path | None = None,
) -> Evaluator:
    """The evaluator. Raises UsageError if its settings do not fit the data or the space.

    Args:
        evaluation: names it.
        data, space: the data set and the space.
        supplied: further arguments, if the evaluator takes them: `checkpoints`, `on_epoch`; and `on_notice`.
        cache: the folder of results that searches share; None: there is none.
        path: the key of the evaluation.
    """
    own = {
        "data": data,
        "space": space,
        "device": evaluation.device,
        "precision": evaluation.precision,
        "objectives": evaluation.objectives,
    }
    made = evaluation.evaluator.make({**own, **supplied}, join(path, "evaluator"))
    sources = [code.sha256 for code in evaluation.evaluator.codes()]
    # Metrics of hardware are measured each time.
    return with_hardware(
        cached(made, cache, sources=sources, on_notice=supplied.get("on_notice")),
        data,
        hardware=evaluation.hardware,
        objectives=evaluation.objectives,
        device=evaluation.device,
    )


def objectives_for(evaluation: Evaluation, data: Dataset) -> tuple[Objective, ...]:
    """The objectives; that of the task of the data set where none are given."""
    return evaluation.objectives or (data.task.objective,)


def full_epochs_of(evaluator: Evaluator) -> int | None:
    """The length of an evaluator's full training, `full_epochs`; None if it has none."""
    found: int | None = known_to(evaluator, "full_epochs")
    return found
