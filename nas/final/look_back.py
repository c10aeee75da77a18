"""What is looked at of the selected network: its predictions, where they are wrong, and on which samples."""

from collections.abc import Mapping

import numpy as np

from nas.final import DIAGNOSIS, PREDICTIONS
from nas.final.diagnosed import Diagnosed
from nas.final.hardest import hardest
from nas.final.outputs import Outputs
from nas.final.predicted import predicted
from nas.sealed import record_bytes
from nas.training.workbench import Workbench


def look_back(bench: Workbench, outputs: Outputs) -> Mapping[str, bytes]:
    """The content of the files `PREDICTIONS` and `DIAGNOSIS`. Afterwards, the network is on the CPU.

    Args:
        bench: its task, tuned to the network, says what outputs mean.
        outputs: of the network.
    """
    found = predicted(outputs, bench.task)
    finite = bool(np.isfinite(found.predictions).all())
    diagnosed = Diagnosed(
        found.part,
        len(found.places),
        bench.task.diagnose(found.predictions, found.targets) if finite else None,
        hardest(bench, outputs.network.to(bench.device), found),
    )
    outputs.network.to("cpu")
    return {PREDICTIONS: found.content, DIAGNOSIS: record_bytes(diagnosed.to_dict())}
