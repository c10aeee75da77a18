"""Static quantisation of models in ONNX after their training, by onnxruntime (Jacob et al. 2018, Quantization and
Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference)."""

import logging
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.errors import UsageError
from nas.extras import package
from nas.files import read_bytes
from nas.handover.programs import first_line
from nas.handover.translated import INPUT

BATCH = 64
"""The samples that ranges are read from at once."""


def quantised(model: bytes, samples: NDArray[np.float32]) -> bytes:
    """A model whose layers compute in int8 where onnxruntime can (the form QDQ): activations of 8 bits, and weights of
    7 with a scale for each channel, so that sums of products do not overflow on processors without VNNI.

    Args:
        model: in float32.
        samples: inputs `(N, *shape)`, whose smallest and largest activations are the ends of the ranges.

    Raises:
        UsageError: onnxruntime cannot quantise the model, or the extra is not installed.
    """
    onnx = package("onnx", "int8")
    library = package("onnxruntime.quantization", "int8")
    with tempfile.TemporaryDirectory() as folder, _silent():
        path = Path(folder) / "model.onnx"
        try:
            library.quantize_static(
                onnx.load_from_string(model),
                path,
                _Batches(samples),
                quant_format=library.QuantFormat.QDQ,
                per_channel=True,
                reduce_range=True,
                activation_type=library.QuantType.QUInt8,
                weight_type=library.QuantType.QInt8,
            )
        except Exception as error:
            # Of any kind, where it meets what it does not expect.
            raise UsageError(f"onnxruntime cannot quantise the network: {first_line(error)}") from error
        return read_bytes(path)


class _Batches:
    """Inputs as onnxruntime reads them for calibration."""

    def __init__(self, samples: NDArray[np.float32]) -> None:
        starts = range(0, len(samples), BATCH)
        self._left: Iterator[NDArray[np.float32]] = (samples[start : start + BATCH] for start in starts)

    def get_next(self) -> Mapping[str, Any] | None:
        batch = next(self._left, None)
        return None if batch is None else {INPUT: batch}


@contextmanager
def _silent() -> Iterator[None]:
    """onnxruntime warns of layers that it leaves as they are, by functions that set up logging where there is none; and
    NumPy warns in it of masked activations, whose range is infinite."""
    root, none, before = logging.getLogger(), logging.NullHandler(), logging.root.manager.disable
    root.addHandler(none)
    logging.disable(logging.WARNING)
    try:
        with np.errstate(all="ignore"):
            yield
    finally:
        logging.disable(before)
        root.removeHandler(none)
