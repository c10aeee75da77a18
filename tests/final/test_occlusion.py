"""Which tokens count for a network."""

from dataclasses import replace

import numpy as np
import torch

from nas.data import from_arrays
from nas.data.input_spec import InputSpec
from nas.final.occlusion import MOST_TOKENS, occlusion
from nas.space import parse_space
from nas.training.workbench import Workbench
from tests.data.shown.test_display import Given

SPACE = """
name: words
input: [6]
outputs: 2
layers:
  - embedding: {vocabulary: 9, width: 4}
  - global_avg_pool
  - linear: {units: outputs}
"""


def test_a_word_that_speaks_for_a_class_counts_for_it() -> None:
    """Token 5 alone has a weight, for class 1: it counts where this is right, and misleads elsewhere."""
    tokens = np.random.default_rng(0).integers(1, 9, size=(20, 6)).astype(np.float32)
    data = replace(from_arrays(tokens, np.arange(20) % 2), preparation=Given(InputSpec("text", (6,), tokens=9)))
    bench = Workbench(data, device="cpu")
    network = bench.build(next(iter(parse_space(SPACE)))).eval()
    with torch.no_grad():
        for weights in network.parameters():
            weights.zero_()
            if weights.shape == (9, 4):
                weights[5] = 6.0
            elif weights.shape == (2, 4):
                weights[1] = 1.0
    text = np.array([5, 2, 0, 3, 5, 0], np.float32)
    right, wrong = (occlusion(bench, network, text, np.array(target)) for target in (1, 0))
    assert (right[[0, 4]] > 0.01).all()
    assert (wrong[[0, 4]] < -0.01).all()
    assert np.allclose(right[[1, 2, 3, 5]], 0)
    assert len(text) < MOST_TOKENS
