"""Quantised models are handed over where they win, and are calibrated on training samples alone."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nas.data import Dataset, from_arrays
from nas.data.samples import Samples
from nas.errors import UsageError
from nas.handover.agreement import outputs_of
from nas.handover.gain import Change
from nas.handover.handed import Handed
from nas.handover.int8_model import CALIBRATION, FILE, Int8Model, calibration_samples
from tests.handover.every_op import inputs_for, wide_network


@pytest.fixture(scope="module")
def handed() -> Handed:
    """A network that gains: wide layers, and targets that it misses by more than the rounding of int8."""
    found = wide_network()
    inputs = inputs_for(found, 80)
    noise = np.random.default_rng(0).normal(size=(80, 3))
    vars(found)["data"] = from_arrays(inputs, outputs_of(found, inputs) + noise, val_share=0.25)
    return found


def test_a_model_that_wins(handed: Handed, tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(Int8Model().write(handed)[FILE])
    found = Int8Model().check(handed, tmp_path)
    assert found.pays
    assert found.size == Change(len(handed.onnx), (tmp_path / FILE).stat().st_size)
    assert found.single == found.batch == Change(2.0, 1.0)
    data = handed.data
    assert isinstance(data, Dataset)
    errors = outputs_of(handed, data.val.inputs) - data.val.targets
    assert found.metric == "val_rmse"
    assert found.quality.before == pytest.approx(np.sqrt((errors**2).mean(axis=0)).mean(), rel=1e-3)
    assert found.quality.after == pytest.approx(found.quality.before, rel=0.01)


def test_one_that_loses_is_refused_with_the_figures(
    handed: Handed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / FILE).write_bytes(Int8Model().write(handed)[FILE])
    monkeypatch.setattr("nas.hardware.latency.measure_in_turn", lambda steps: [1.0, 2.0])
    with pytest.raises(UsageError, match=r"it does not pay: .* 2 ms instead of 1 ms .*; expected a smaller file"):
        Int8Model().check(handed, tmp_path)


def test_it_needs_the_data_of_the_run(handed: Handed) -> None:
    with pytest.raises(UsageError, match="int8 is calibrated on training samples: nowhere is not the folder of a run"):
        Int8Model().write(replace(handed))


def test_a_private_network_is_not_calibrated(handed: Handed) -> None:
    private = replace(handed)
    vars(private)["private"] = True
    with pytest.raises(UsageError, match="int8 is calibrated on training samples, of which the files of a private"):
        Int8Model().write(private)


def test_it_is_calibrated_on_training_samples() -> None:
    inputs = np.arange(4 * CALIBRATION, dtype=np.float32)[:, None]
    data = from_arrays(inputs, np.sin(inputs[:, 0]), val_share=0.25)
    found = calibration_samples(data)
    assert found.shape == (CALIBRATION, 1)
    assert set(found[:, 0].tolist()) <= set(data.train.inputs[:, 0].tolist())
    few = replace(data, train=Samples(*(values[:3] for values in data.train)))
    assert np.array_equal(calibration_samples(few), few.train.inputs)
