"""A model in ONNX that computes in int8, where it is smaller and faster and loses little."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from nas.data import Dataset
from nas.data.intake import Intake
from nas.errors import UsageError
from nas.files import read_bytes
from nas.handover.gain import BATCH, RULE, Change, Gain
from nas.handover.handed import Handed
from nas.handover.onnx_model import computed, runtime, session
from nas.handover.quantised import quantised
from nas.interrupt import stop_if_asked
from nas.tasks import METRICS, Task
from nas.tasks.metrics import measure

FILE = "model.int8.onnx"

CALIBRATION = 512
"""The most training samples that the ranges of activations are read from."""


class Int8Model:
    """`model.int8.onnx`: as `model.onnx`, quantised on training samples. It is refused where it does not pay."""

    name: ClassVar[str] = "int8"
    about: ClassVar[str] = "ONNX in int8, if it is smaller and faster and loses little (extra `onnx`)"

    def write(self, handed: Handed) -> Mapping[str, bytes]:
        """The quantised model. Raises UsageError also if the data of the run cannot be read, or were private."""
        runtime()
        if handed.private:
            raise UsageError(
                "int8 is calibrated on training samples, of which the files of a private network must not tell"
            )
        samples = calibration_samples(_data(handed))
        return {FILE: quantised(handed.onnx, samples)}

    def requires(self, intake: Intake) -> Sequence[str]:
        return ("onnxruntime",)

    def check(self, handed: Handed, folder: Path) -> Gain:
        """The quantised model held against the model. Raises UsageError with the figures where it does not pay."""
        found = gain(handed, read_bytes(folder / FILE))
        if not found.pays:
            raise UsageError(f"it does not pay: {found.text}; expected {RULE}")
        return found


def calibration_samples(data: Dataset) -> NDArray[np.float32]:
    """Random training samples, prepared; all of them if there are few."""
    count = len(data.train)
    places = np.random.default_rng(0).permutation(count)[:CALIBRATION]
    return np.asarray(data.train.inputs[np.sort(places)], np.float32)


def gain(handed: Handed, small: bytes) -> Gain:
    """A smaller form of the model in ONNX, measured against it on the validation data."""
    from nas.hardware.latency import measure_in_turn  # loads torch

    data, objective = _data(handed), handed.predictor.task.objective
    inputs, targets = data.val.inputs, data.val.targets
    opened = [session(content) for content in (handed.onnx, small)]
    sizes = 1, BATCH
    timed = [np.asarray(inputs[np.arange(size) % len(inputs)], np.float32) for size in sizes]
    single, batch = (Change(*measure_in_turn([partial(computed, one, x) for one in opened])) for x in timed)
    quality = Change(*(_quality(handed.predictor.task, _outputs(one, inputs), targets) for one in opened))
    size = Change(len(handed.onnx), len(small))
    return Gain(size, single, batch, objective.metric, objective.direction, quality)


def _data(handed: Handed) -> Dataset:
    data = handed.data
    if isinstance(data, UsageError):
        raise UsageError(f"int8 is calibrated on training samples: {data}")
    return data


def _outputs(opened: Any, inputs: NDArray[Any]) -> NDArray[np.float32]:
    found = []
    for start in range(0, len(inputs), BATCH):
        stop_if_asked()
        found.append(computed(opened, inputs[start : start + BATCH]))
    return np.concatenate(found)


def _quality(task: Task, outputs: NDArray[np.float32], targets: NDArray[Any]) -> float:
    """The objective of a task for outputs `(N, K)`."""
    import torch

    metric = METRICS[task.objective.metric.removeprefix("val_")]
    decoded = {metric.needs: task.decode(torch.from_numpy(outputs), metric.needs).numpy()}
    return measure([metric.name], decoded, targets, len(task.outputs))[metric.name]
