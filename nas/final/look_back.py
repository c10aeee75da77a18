"""What is looked at of the selected network: its predictions, where they are wrong, and on which samples."""

from collections.abc import Mapping

import numpy as np

from nas.final import DIAGNOSIS, PREDICTIONS
from nas.final.diagnosed import Diagnosed
from nas.final.hardest import hardest
from nas.final.predicted import predicted
from nas.model import Network
from nas.sealed import record_bytes
from nas.training.workbench import Workbench


def look_back(bench: Workbench, network: Network) -> Mapping[str, bytes]:
    """The content of the files `PREDICTIONS` and `DIAGNOSIS`. Afterwards, the network is on the CPU."""
    network.to(bench.device)
    found = predicted(bench, network)
    finite = bool(np.isfinite(found.predictions).all())
    diagnosed = Diagnosed(
        found.part,
        len(found.places),
        bench.task.diagnose(found.predictions, found.targets) if finite else None,
        hardest(bench, network, found),
    )
    network.to("cpu")
    return {PREDICTIONS: found.content, DIAGNOSIS: record_bytes(diagnosed.to_dict())}
