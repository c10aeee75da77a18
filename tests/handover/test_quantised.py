"""Quantised models compute about the same, in int8."""

import logging

import numpy as np
import onnx
import pytest

from nas.errors import UsageError
from nas.handover.agreement import outputs_of
from nas.handover.onnx_model import computed, session
from nas.handover.quantised import BATCH, quantised
from nas.ops import Embedding, GlobalMaxPool, Linear
from tests.handover.every_op import handed_network, inputs_for, wide_network
from tests.model.layers import chain


def test_outputs_are_about_the_same() -> None:
    handed = wide_network()
    samples = inputs_for(handed, 2 * BATCH + 1)
    logging_before = [*logging.getLogger().handlers], logging.root.manager.disable
    small = quantised(handed.onnx, samples)
    assert ([*logging.getLogger().handlers], logging.root.manager.disable) == logging_before
    inputs = inputs_for(handed, 8)
    expected = outputs_of(handed, inputs)
    found = computed(session(small), inputs)
    assert 0 < np.abs(found - expected).max() < 0.1 * np.abs(expected).max()
    kinds = {one.data_type for one in onnx.load_from_string(small).graph.initializer if one.name.endswith("quantized")}
    assert onnx.TensorProto.INT8 in kinds


def test_padding_whose_activations_are_infinite() -> None:
    layers = (
        Embedding(vocabulary=9, width=8, mask=True),
        GlobalMaxPool(mask=True),
        Linear(3),
    )
    handed = handed_network(chain((6,), *layers))
    padded = inputs_for(handed, 8)
    padded[:, -2:] = 0
    found = computed(session(quantised(handed.onnx, padded)), padded)
    expected = outputs_of(handed, padded)
    assert np.abs(found - expected).max() < 0.1 * np.abs(expected).max()


def test_what_cannot_be_quantised() -> None:
    with pytest.raises(UsageError, match="onnxruntime cannot quantise the network: "):
        quantised(onnx.ModelProto().SerializeToString(), np.zeros((1, 2), np.float32))
