"""Networks at work."""

from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from nas.data.streamed import Streamed
from nas.errors import UsageError
from nas.knowledge.running import BATCH, batches, device_of, evaluating, inputs_on, spread
from tests.data.counting import Numbered


def test_each_part_returns_to_its_mode() -> None:
    module = nn.Sequential(nn.Dropout(), nn.Dropout())
    module[1].eval()
    with suppress(KeyError), evaluating(module):
        assert not any(part.training for part in module.modules())
        raise KeyError
    assert [part.training for part in module.modules()] == [True, True, False]


def test_inputs_are_floats_and_batches_are_in_order() -> None:
    layer = nn.Linear(2, 1)
    assert inputs_on(layer, [[1, 2]]).dtype == torch.float32
    assert device_of(nn.ReLU()) == torch.device("cpu")
    with pytest.raises(UsageError, match=r"one sample or more, got \(2,\)"):
        inputs_on(layer, [1, 2])
    inputs = np.arange(2 * BATCH + 20.0).reshape(-1, 2)
    rows = np.arange(1, BATCH + 10, 2)
    assert np.array_equal(torch.cat([*batches(layer, inputs, rows)]).numpy(), inputs[rows])


def test_batches_of_inputs_that_are_prepared_when_they_are_read(tmp_path: Path) -> None:
    """Their memory is used again, so each is read before the next one comes."""
    streamed = Streamed(np.arange(3 * BATCH), Numbered(str(tmp_path / "log")))
    rows = np.arange(2, 3 * BATCH, 2)
    found = [int(batch[-1, 0, 0, 0]) for batch in batches(nn.Conv2d(1, 1, 1), streamed, rows)]
    assert found == streamed[rows[[BATCH - 1, -1]]][:, 0, 0, 0].tolist()


def test_samples_spread_over_all() -> None:
    assert spread(5, 9).tolist() == [0, 1, 2, 3, 4]
    assert spread(101, 3).tolist() == [0, 50, 100]
