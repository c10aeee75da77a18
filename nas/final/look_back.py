"""What is looked at of the selected network: its predictions, where they are wrong, and what it knows."""

from collections.abc import Mapping
from typing import Literal

import numpy as np

from nas.arguments import checked
from nas.data import Dataset
from nas.distillation.teacher import Teacher
from nas.errors import UsageError
from nas.final import DIAGNOSIS, PREDICTIONS
from nas.final.as_tree import as_tree
from nas.final.beside_teacher import beside_teacher
from nas.final.diagnosed import Diagnosed
from nas.final.hardest import hardest
from nas.final.outputs import Outputs
from nas.final.predicted import Predicted, predicted
from nas.model import Network
from nas.sealed import record_bytes
from nas.training.device import Device
from nas.training.workbench import Workbench


def look_back(bench: Workbench, outputs: Outputs, *, teacher: Teacher | None = None) -> Mapping[str, bytes]:
    """The content of the files `PREDICTIONS` and `DIAGNOSIS`. Afterwards, the network is on the CPU.

    Args:
        bench: its task, tuned to the network, says what outputs mean.
        outputs: of the network.
        teacher: that it learned from.
    """
    found, diagnosed = _looked_at(bench, outputs, teacher)
    return {PREDICTIONS: found.content, DIAGNOSIS: record_bytes(diagnosed.to_dict())}


@checked
def diagnose(
    network: Network, data: Dataset, *, part: Literal["val", "test"] | None = None, device: Device = "auto"
) -> Diagnosed:
    """Where a network is right and wrong, and what it knows: what the report of a run shows of the selected one.

    The diagnosis has the most-confused classes, the figures of each class and the calibration, or what another task
    has. The hardest samples come with what they look like, what in them speaks for the right answer, and the training
    samples that the network finds most like them. For tables there is a decision tree that answers as it does.

    Args:
        network: a trained network. Afterwards, it is on the CPU and in evaluation mode.
        data: a data set of its inputs. Thresholds of labels are tuned on its validation samples.
        part: whose samples are looked at; None: `test`, or `val` where there are no test samples.
        device: `auto`: CUDA, if it is available.

    Raises:
        UsageError: there are no test samples, or the network does not fit the data.
    """
    chosen = part or ("val" if data.test is None else "test")
    if chosen == "test" and data.test is None:
        raise UsageError(f"part: expected val, because {data.name} has no test samples, got test")
    if network.arch.input != data.shape or network.arch.output != (len(data.outputs),):
        raise UsageError(
            f"expected a network of inputs {data.shape} with {len(data.outputs)} outputs, got one of "
            f"{network.arch.input} with {network.arch.output}"
        )
    bench = Workbench(data, device=device)
    return _looked_at(
        Outputs(bench, network, "val").tuned(data.task.objective.metric), Outputs(bench, network, chosen)
    )[1]


def _looked_at(bench: Workbench, outputs: Outputs, teacher: Teacher | None = None) -> tuple[Predicted, Diagnosed]:
    found = predicted(outputs, bench.task)
    finite = bool(np.isfinite(found.predictions).all())
    network = outputs.network.to(bench.device)
    diagnosed = Diagnosed(
        found.part,
        len(found.places),
        bench.task.diagnose(found.predictions, found.targets) if finite else None,
        hardest(bench, network, found),
        as_tree(bench, network, found),
        beside_teacher(bench, network, teacher, found),
    )
    network.to("cpu")
    return found, diagnosed
