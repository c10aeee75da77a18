"""Programs in ONNX: what PyTorch's exporter does not know is written by other operators, and what cannot be is said."""

import numpy as np
import pytest
import torch
from torch import nn

from nas.errors import UsageError
from nas.handover.onnx_model import computed, session
from nas.handover.translated import translated


def test_windows_of_an_adaptive_pool_that_differ_in_size() -> None:
    pool = nn.AdaptiveMaxPool2d((3, 2)).eval()
    inputs = torch.from_numpy(np.random.default_rng(0).normal(size=(4, 2, 7, 5)).astype(np.float32))
    dynamic = {"input": {0: torch.export.Dim("batch")}}
    program = torch.export.export(pool, (inputs,), dynamic_shapes=dynamic)
    found = computed(session(translated(program)), inputs[:3].numpy())
    assert np.array_equal(found, pool(inputs[:3]).numpy())


def test_what_cannot_be_translated() -> None:
    class Exponential(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            found: torch.Tensor = torch.linalg.matrix_exp(x)
            return found

    program = torch.export.export(Exponential().eval(), (torch.zeros(2, 3, 3),))
    with pytest.raises(UsageError, match=r"^the network cannot be written in ONNX: .*matrix_exp"):
        translated(program)
