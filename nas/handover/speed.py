"""How long a network takes for one sample where it is exported."""

from functools import partial
from typing import TYPE_CHECKING

from nas.data.input_spec import InputSpec
from nas.handover.inputs import random_inputs
from nas.hardware.latency import measure_latency
from nas.training.device import threads
from nas.training.numerics import processor

if TYPE_CHECKING:
    from nas.model import Network


def speed(network: "Network", spec: InputSpec) -> str:
    """The latency of a network for one sample in PyTorch, on one thread of this machine, in a sentence with all that
    it depends on."""
    import torch

    sample = torch.from_numpy(random_inputs(network, spec, 1))
    with threads(1), torch.inference_mode():
        found = measure_latency(partial(network, sample), torch.device("cpu"))
    return (
        f"{found.median:.3g} ms for one sample, measured at the export: the median of {len(found.milliseconds):,} "
        f"repetitions (interquartile range {found.spread:.2g} ms) in PyTorch {torch.__version__} on one thread of "
        f"{processor()}."
    )
