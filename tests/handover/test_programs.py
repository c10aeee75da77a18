"""Programs are traced once, compute what the networks compute, for every op and task and in each format, and a layer
that cannot be traced is named."""

import logging
import warnings
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from torch import nn

from nas.errors import UsageError
from nas.handover import onnx_model, torch_program
from nas.handover.agreement import outputs_of
from nas.handover.handed import Handed
from nas.handover.onnx_model import OnnxModel, computed, session
from nas.handover.programs import first_line, unwarned
from nas.handover.torch_program import TorchProgram
from nas.handover.translated import INPUT, OPSET, OUTPUT
from nas.ops import OPS, Flatten, Linear
from nas.tasks import Multilabel, Regression, Task
from tests.handover.every_op import INPUTS, every_op, handed_network, inputs_for, ops_of
from tests.model.layers import chain

TASKS: dict[str, Task | None] = {
    "image": Regression(("x", "y", "z"), (5.0, -2.0, 0.0), (30.0, 1.0, 0.1)),
    "sequence": Multilabel(("x", "y", "z"), (0.2, 0.5, 0.7)),
}


def test_every_op_is_in_one_of_the_networks() -> None:
    assert set().union(*(ops_of(every_op(kind)) for kind in INPUTS)) >= set(OPS)


@pytest.fixture(scope="module", params=INPUTS)
def handed(request: pytest.FixtureRequest) -> Handed:
    """A network with every op of a kind, traced once."""
    return handed_network(every_op(request.param), TASKS.get(request.param))


def test_outputs_of_programs(handed: Handed, tmp_path: Path) -> None:
    (tmp_path / torch_program.FILE).write_bytes(TorchProgram().write(handed)[torch_program.FILE])
    assert TorchProgram().check(handed, tmp_path).random > 0


@pytest.mark.slow
def test_outputs_in_onnx(handed: Handed, tmp_path: Path) -> None:
    written = OnnxModel().write(handed)
    assert list(written) == [onnx_model.FILE]
    (tmp_path / onnx_model.FILE).write_bytes(written[onnx_model.FILE])
    found = OnnxModel().check(handed, tmp_path)
    assert found.random > 0
    opened = session(written[onnx_model.FILE])
    # One sample and many, in float32 with the names that are documented.
    for count in (1, 5):
        inputs = inputs_for(handed, count)
        assert computed(opened, inputs) == pytest.approx(outputs_of(handed, inputs), rel=1e-3, abs=1e-3)
    model = onnx.load_from_string(written[onnx_model.FILE])
    assert model.ir_version <= 10  # what the lowest version of onnxruntime reads
    assert [(one.domain, one.version) for one in model.opset_import if one.domain == ""] == [("", OPSET)]
    (given,), (result,) = model.graph.input, model.graph.output
    assert (given.name, result.name) == (INPUT, OUTPUT)
    sizes = [one.dim_value for one in given.type.tensor_type.shape.dim]
    assert sizes == [0, *handed.network.arch.input]  # 0: it has a name instead, and may be any
    assert given.type.tensor_type.elem_type == onnx.TensorProto.FLOAT
    assert np.isfinite(found.difference)


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
