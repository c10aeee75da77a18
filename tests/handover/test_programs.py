"""Programs are traced once, and a layer that cannot be traced is named."""

import logging
import warnings

import pytest
import torch
from torch import nn

from nas.errors import UsageError
from nas.handover.programs import first_line, unwarned
from nas.ops import Flatten, Linear
from tests.handover.every_op import handed_network
from tests.model.layers import chain


class _OnValues(nn.Module):
    """What it computes depends on the values of its input, which no program can say."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x if x.sum().item() > 0 else -x


def test_a_layer_that_cannot_be_traced_is_named() -> None:
    handed = handed_network(chain((2, 3), Flatten(), Linear(3)))
    handed.network.linear1 = _OnValues()
    with pytest.raises(UsageError, match=r"torch\.export cannot trace the network, because of the layer linear1: "):
        _ = handed.program


def test_a_network_is_traced_once_for_all_formats() -> None:
    handed = handed_network(chain((2, 3), Flatten(), Linear(3)))
    assert handed.program is handed.program


def test_what_pytorch_says_of_itself_is_not_heard(caplog: pytest.LogCaptureFixture) -> None:
    before = logging.getLogger("torch.onnx").level
    with unwarned():
        warnings.warn("of its internals", FutureWarning, stacklevel=1)
        logging.getLogger("torch.onnx").warning("not installed")
    assert not caplog.records
    assert logging.getLogger("torch.onnx").level == before


def test_the_first_line_that_says_something() -> None:
    assert first_line(ValueError("\n  \n a reason\nand more")) == "a reason"
    assert first_line(ValueError("")) == "ValueError"
