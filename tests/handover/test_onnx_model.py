"""Models in ONNX take extras; `test_programs.py` holds their outputs against those of networks."""

import sys

import pytest

from nas.errors import UsageError
from nas.handover.onnx_model import OnnxModel
from nas.ops import Flatten, Linear
from tests.handover.every_op import handed_network
from tests.model.layers import chain


def test_the_extra_is_named_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)  # any import of it fails
    with pytest.raises(UsageError, match=r"ONNX needs onnxruntime: pip install 'archwright\[onnx\]'"):
        OnnxModel().write(handed_network(chain((2, 3), Flatten(), Linear(3))))
