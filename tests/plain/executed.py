"""Scripts as they are exported, executed, and what they prepare held against Archwright."""

import json
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from nas.data.intake import Intake
from nas.data.preparation import Preparation
from nas.data.reading.form import PLAIN, FileForm
from nas.errors import ArchwrightError
from nas.plain import predict_source
from tests.data.inputs.collected import collected


def intake_with(preparation: Preparation, files: FileForm = PLAIN) -> Intake:
    """An intake of a data set without a name."""
    return Intake("", preparation, files)


def script_of(intake: Intake) -> Any:
    """The module that an exported `predict.py` is."""
    return _executed(predict_source(intake))


@cache
def _executed(source: str) -> Any:
    module = ModuleType("predict")
    module.__file__ = "predict.py"
    exec(compile(source, "predict.py", "exec"), module.__dict__)
    return module


def check_alike(intake: Intake, path: Path) -> Any:
    """Checks that the script prepares the samples at a path bit for bit as Archwright does; returns them."""
    script, record = script_of(intake), json.loads(json.dumps(intake.to_dict()))
    named = collected(intake, path)
    expected = intake.preparation(named.raw)
    samples = script.read(path, record)
    found = script.prepared(samples, record)
    assert [*samples.names] == [*named.names]
    assert (found.dtype, found.shape) == (expected.dtype, expected.shape)
    assert np.array_equal(found, expected)
    parts = [script.prepared(batch, record) for batch in samples.batches(2)]
    assert np.array_equal(np.concatenate(parts), expected)
    return found


def check_refused(intake: Intake, path: Path) -> str:
    """Checks that both refuse the samples at a path for the same reason, and returns it."""
    script, record = script_of(intake), json.loads(json.dumps(intake.to_dict()))
    with pytest.raises(ArchwrightError) as expected:
        intake.preparation(collected(intake, path).raw)
    with pytest.raises(script.ArchwrightError) as found:
        script.prepared(script.read(path, record), record)
    assert str(found.value) == str(expected.value)
    assert type(found.value).__name__ == type(expected.value).__name__
    return str(found.value)
