"""The outputs of exported files are compared on inputs of the network's kind."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nas.errors import UsageError
from nas.handover.agreement import Agreement, agreement, outputs_of, real_inputs
from nas.handover.handed import Handed, handed_of
from tests.handover.every_op import inputs_for


@pytest.fixture(scope="module")
def handed(finished: Path) -> Handed:
    return handed_of(finished)


def test_rounding_is_told_from_something_else(handed: Handed) -> None:
    scale = max(float(np.abs(outputs_of(handed, inputs_for(handed, 64))).max()), 1.0)

    def off(by: float) -> Any:
        return lambda inputs: outputs_of(handed, inputs) + np.float32(by)

    assert agreement(handed, off(0), 0.0) == Agreement(0.0, 64, 64)
    found = agreement(handed, off(0.01), 0.1)
    assert 0 < found.difference <= 0.0101
    assert found.text.startswith("outputs within ")
    for by in (0.5 * scale + 1, float("nan")):
        with pytest.raises(UsageError, match="computes something else: expected outputs within 1e-01 of the"):
            agreement(handed, off(by), 0.1)
    random = inputs_for(handed, 64)
    for undefined in (random, real_inputs(handed, 64)):  # of one kind of inputs alone

        def partly(inputs: Any, undefined: Any = undefined) -> Any:
            return outputs_of(handed, inputs) * np.float32("nan" if np.array_equal(inputs, undefined) else 1)

        with pytest.raises(UsageError, match="relative to the largest, got nan"):
            agreement(handed, partly, 0.1)
    with pytest.raises(UsageError, match=r"outputs of shape \(64,\), expected \(64, "):
        agreement(handed, lambda inputs: outputs_of(handed, inputs)[:, 0], 0.1)


def test_real_inputs_are_those_of_the_run(handed: Handed, copied: Path) -> None:
    found = real_inputs(handed, 10)
    assert found.shape == (10, *handed.network.arch.input)
    moved = replace(handed, folder=copied)
    data = moved.data
    assert not isinstance(data, UsageError)
    assert np.array_equal(found, data.val.inputs[:10])
