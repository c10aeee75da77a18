"""The files with what the selected network predicts, and where it is wrong."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from nas.data import Dataset
from nas.errors import UsageError
from nas.final import DIAGNOSIS, PREDICTIONS
from nas.final.diagnosed import diagnosed_of
from nas.final.look_back import diagnose, look_back
from nas.final.outputs import Outputs
from nas.sealed import parse_record
from nas.space import Space
from nas.tasks.diagnosis import ClassificationDiagnosis
from nas.training.workbench import Workbench


def test_the_diagnosis_is_that_of_the_task(stripes: Dataset, space: Space) -> None:
    bench = Workbench(stripes, device="cpu")
    network = bench.build(next(iter(space)))
    files = look_back(bench, Outputs(bench, network, "test"))
    assert set(files) == {PREDICTIONS, DIAGNOSIS}
    found = diagnosed_of(parse_record(files[DIAGNOSIS], Path(DIAGNOSIS)))
    assert isinstance(found.diagnosis, ClassificationDiagnosis)
    assert found.samples == found.diagnosis.samples == 60
    assert found.diagnosis.confusion is not None
    assert sum(map(sum, found.diagnosis.confusion)) == 60


def test_a_network_whose_outputs_are_not_finite_has_no_diagnosis(stripes: Dataset, space: Space) -> None:
    bench = Workbench(stripes, device="cpu")
    network = bench.build(next(iter(space)))
    with torch.no_grad():
        next(network.parameters()).fill_(torch.nan)
    found = diagnosed_of(parse_record(look_back(bench, Outputs(bench, network, "test"))[DIAGNOSIS], Path(DIAGNOSIS)))
    assert found.diagnosis is None
    assert found.hardest[0].loss is None
    assert (found.hardest[0].saliency, found.hardest[0].near) == (None, ())


def test_from_python(stripes: Dataset, space: Space, corners: Dataset) -> None:
    network = Workbench(stripes, device="cpu").build(next(iter(space)))
    found = diagnose(network, stripes, device="cpu")
    bench = Workbench(stripes, device="cpu")
    stored = look_back(bench, Outputs(bench, network, "test"))[DIAGNOSIS]
    assert diagnosed_of(parse_record(stored, Path(DIAGNOSIS))) == found
    assert diagnose(network, stripes, part="val", device="cpu").part == "val"
    with pytest.raises(UsageError, match=r"expected a network of inputs \(2,\) with 4 outputs, got one of \(1, 4, 4\)"):
        diagnose(network, corners)
    with pytest.raises(UsageError, match="part: expected val, because corners has no test samples"):
        diagnose(network, replace(corners, test=None), part="test")
