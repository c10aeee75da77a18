"""Trees that answer as the networks of tables."""

import numpy as np
import pytest
import torch

from nas.data import Dataset, from_arrays
from nas.final.as_tree import as_tree
from nas.final.outputs import Outputs
from nas.final.predicted import predicted
from nas.knowledge.tree import Tree
from nas.space import parse_space
from nas.training.workbench import Workbench

ROWS = np.random.default_rng(0).uniform(-1, 1, (300, 3)).astype(np.float32)


def tree_of(data: Dataset, weight: float) -> Tree | None:
    """The tree of a linear network whose last output is 0.2 less than feature 1, by a weight; the others are 0."""
    space = f"{{input: [3], outputs: {len(data.outputs)}, layers: [{{linear: {{units: outputs}}}}]}}"
    arch = parse_space(space).rebuild({})
    bench = Workbench(data, device="cpu")
    network = bench.build(arch)
    with torch.no_grad():
        layer = network.get_submodule("linear1")
        assert isinstance(layer, torch.nn.Linear)
        layer.weight.zero_()
        layer.bias.zero_()
        layer.weight[-1, 1] = weight * float(data.std[1])
        layer.bias[-1] = weight * (float(data.mean[1]) - 0.2)
    found = predicted(Outputs(bench, network, "val"), bench.task)
    return as_tree(bench, network, found)


def test_the_answers_are_those_of_the_network_not_the_right_ones() -> None:
    found = tree_of(from_arrays(ROWS, (ROWS[:, 0] > 0).astype(int), classes=("no", "yes")), 1.0)
    assert found is not None
    assert (found.depth, found.fitted, found.held_out) == (1, 240, 60)
    assert found.fidelity > 0.95
    low, high = found.rules
    assert (low.answer, high.answer) == ("no", "yes")
    (condition,) = high.conditions
    assert condition.startswith("feature 1 > ")
    assert float(condition.removeprefix("feature 1 > ")) == pytest.approx(0.2, abs=0.03)


def test_values() -> None:
    found = tree_of(from_arrays(ROWS, ROWS[:, :1] * 50, task="regression"), 3.0)
    assert found is not None
    assert found.fidelity > 0.8
    assert all(condition.count("feature 1") == 1 for rule in found.rules for condition in rule.conditions)


def test_data_that_have_none() -> None:
    labels = np.stack([ROWS[:, 0] > 0, ROWS[:, 1] > 0], 1).astype(int)
    assert tree_of(from_arrays(ROWS, labels, task="multilabel"), 1.0) is None
    assert tree_of(from_arrays(ROWS[:20], np.arange(20) % 2), 1.0) is None, "too few"
    assert tree_of(from_arrays(ROWS, np.arange(300) % 2), np.nan) is None


def test_images_have_none(stripes: Dataset) -> None:
    bench = Workbench(stripes, device="cpu")
    space = "{input: [1, 4, 4], outputs: 3, layers: [flatten, {linear: {units: outputs}}]}"
    network = bench.build(parse_space(space).rebuild({}))
    assert as_tree(bench, network, predicted(Outputs(bench, network, "test"), bench.task)) is None
