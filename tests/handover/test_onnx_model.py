"""Models in ONNX compute what the networks compute, for every op and task."""

import sys
from pathlib import Path

import numpy as np
import onnx
import pytest

from nas.errors import UsageError
from nas.handover.agreement import agreement, outputs_of
from nas.handover.onnx_model import FILE, INPUT, OPSET, OUTPUT, OnnxModel
from nas.ops import OPS
from nas.tasks import Multilabel, Regression, Task
from tests.handover.every_op import INPUTS, every_op, handed_network, inputs_for, ops_of

TASKS: dict[str, Task | None] = {
    "image": Regression(("x", "y", "z"), (5.0, -2.0, 0.0), (30.0, 1.0, 0.1)),
    "sequence": Multilabel(("x", "y", "z"), (0.2, 0.5, 0.7)),
}


def test_every_op_is_in_one_of_the_networks() -> None:
    assert set().union(*(ops_of(every_op(kind)) for kind in INPUTS)) >= set(OPS)


@pytest.mark.parametrize("kind", INPUTS)
def test_outputs_of_every_op(kind: str, tmp_path: Path) -> None:
    handed = handed_network(every_op(kind), TASKS.get(kind))
    written = OnnxModel().write(handed)
    assert list(written) == [FILE]
    (tmp_path / FILE).write_bytes(written[FILE])
    found = agreement(handed, lambda inputs: OnnxModel().compute(tmp_path, inputs), 1e-4)
    assert found.random > 0
    # One sample and many, in float32 with the names that are documented.
    for count in (1, 5):
        inputs = inputs_for(handed, count)
        assert OnnxModel().compute(tmp_path, inputs) == pytest.approx(outputs_of(handed, inputs), rel=1e-3, abs=1e-3)
    model = onnx.load_from_string(written[FILE])
    assert [(one.domain, one.version) for one in model.opset_import if one.domain == ""] == [("", OPSET)]
    (given,), (result,) = model.graph.input, model.graph.output
    assert (given.name, result.name) == (INPUT, OUTPUT)
    sizes = [one.dim_value for one in given.type.tensor_type.shape.dim]
    assert sizes == [0, *INPUTS[kind]]  # 0: it has a name instead, and may be any
    assert given.type.tensor_type.elem_type == onnx.TensorProto.FLOAT
    assert np.isfinite(found.difference)


def test_the_extra_is_named_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)  # any import of it fails
    with pytest.raises(UsageError, match=r"ONNX needs onnxruntime: pip install 'archwright\[onnx\]'"):
        OnnxModel().write(handed_network(every_op("flat")))
