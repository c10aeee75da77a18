"""Layers of a network beside those of its teacher."""

from pathlib import Path

import numpy as np
import torch

from nas.data import Dataset
from nas.distillation.teacher import Teacher
from nas.final import DIAGNOSIS
from nas.final.beside_teacher import MOST_LAYERS, beside_teacher
from nas.final.diagnosed import diagnosed_of
from nas.final.look_back import look_back
from nas.final.outputs import Outputs
from nas.final.predicted import predicted
from nas.knowledge.similarity import layer_similarity
from nas.sealed import parse_record
from nas.space import Space, parse_space
from nas.training.workbench import Workbench


def test_each_pair_of_layers_is_in_the_record(stripes: Dataset, space: Space) -> None:
    bench = Workbench(stripes, device="cpu")
    network, teacher = (bench.build(arch).eval() for arch in list(space)[:2])
    with torch.no_grad():
        teacher.get_submodule("conv1").get_parameter("weight").zero_()
        teacher.get_submodule("conv1").get_parameter("bias").zero_()
    stored = look_back(bench, Outputs(bench, network, "test"), teacher=Teacher(teacher))[DIAGNOSIS]
    found = diagnosed_of(parse_record(stored, Path(DIAGNOSIS))).resemblance
    assert found is not None
    assert found.samples == 60
    assert stripes.test is not None
    expected = layer_similarity(network, teacher, stripes.test.inputs)
    assert (found.layers, found.teacher) == (expected.first, expected.second)
    assert [row[0] for row in found.cka] == [None] * len(found.layers), "all samples give the same"
    last = [row[-1] for row in found.cka]
    np.testing.assert_allclose(np.array(last, float), expected.cka[:, -1], atol=1e-4)


def test_many_layers_are_spread_over_all(stripes: Dataset) -> None:
    layers = "flatten, {linear: {units: outputs}}" + ", {linear: {units: outputs}}" * 20
    bench = Workbench(stripes, device="cpu")
    network = bench.build(parse_space(f"{{input: [1, 4, 4], outputs: 3, layers: [{layers}]}}").rebuild({})).eval()
    found = beside_teacher(bench, network, Teacher(network), predicted(Outputs(bench, network, "test"), bench.task))
    assert found is not None
    assert len(found.cka) == len(found.teacher) == len(found.layers) == MOST_LAYERS
    assert (found.layers[0], found.layers[-1]) == ("linear1", "linear21")


def test_without_a_teacher_whose_layers_are_known(stripes: Dataset, space: Space) -> None:
    bench = Workbench(stripes, device="cpu")
    network = bench.build(next(iter(space)))
    found = predicted(Outputs(bench, network, "test"), bench.task)
    assert beside_teacher(bench, network, None, found) is None
    assert beside_teacher(bench, network, Teacher(torch.nn.Flatten().eval()), found) is None
