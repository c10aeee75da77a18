"""A latency is told with all that it depends on."""

import torch

from nas.handover.speed import speed
from nas.ops import Linear
from nas.training.numerics import processor
from tests.handover.every_op import handed_network
from tests.model.layers import chain


def test_a_sentence() -> None:
    handed = handed_network(chain((4,), Linear(3)))
    assert speed(handed.network, handed.predictor.intake.preparation.input) == (
        "0.5 ms for one sample, measured at the export: the median of 3 repetitions (interquartile range 0.25 ms) in "
        f"PyTorch {torch.__version__} on one thread of {processor()}."
    )
