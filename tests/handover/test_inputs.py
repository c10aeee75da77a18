"""Random inputs are of the network's kind."""

import numpy as np
import pytest

from nas.data.input_spec import InputSpec
from nas.handover.inputs import random_inputs
from nas.model import Network
from nas.ops import Flatten, Linear
from tests.model.layers import chain


def test_numbers_are_distributed_as_the_training_samples() -> None:
    mean, std = np.array([3.0, -1.0]).reshape(2, 1), np.array([0.5, 4.0]).reshape(2, 1)
    network = Network(chain((2, 3), Flatten(), Linear(3)), mean=mean, std=std)
    spec = InputSpec("series", (2, 3))
    found = random_inputs(network, spec, 4000)
    assert found.shape == (4000, 2, 3)
    assert found.mean(axis=(0, 2)) == pytest.approx([3, -1], abs=0.2)
    assert found.std(axis=(0, 2)) == pytest.approx([0.5, 4], rel=0.05)
    assert np.array_equal(found, random_inputs(network, spec, 4000))
    assert not np.array_equal(found, random_inputs(network, spec, 4000, seed=1))


def test_tokens_and_codes_are_whole_numbers_that_there_are() -> None:
    network = Network(chain((3,), Linear(2)), mean=np.zeros(3), std=np.ones(3))
    tokens = random_inputs(network, InputSpec("text", (3,), tokens=5), 400)
    assert set(np.unique(tokens)) == set(range(5))
    rows = random_inputs(network, InputSpec("table", (3,), categories=(2, 4)), 400)
    assert set(np.unique(rows[:, 1])) == {0, 1}
    assert set(np.unique(rows[:, 2])) == {0, 1, 2, 3}
    assert len(np.unique(rows[:, 0])) > 390
