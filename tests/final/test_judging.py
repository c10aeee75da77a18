"""What is measured of the network that is handed over, and of those of each training."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from nas.data import Dataset, from_arrays
from nas.final.ensemble import ensemble_of
from nas.final.judging import judged
from nas.final.outputs import Outputs
from nas.model import Network
from nas.ops import Linear
from nas.training import Recipe
from nas.training.fit import fit
from nas.training.workbench import Workbench
from nas.trial import Trial
from tests.model.layers import chain


def test_the_network_of_each_training_is_tested(trials: Sequence[Trial], stripes: Dataset) -> None:
    bench, arch = Workbench(stripes, device="cpu"), trials[3].architecture
    several = [bench.build(arch).eval() for _ in range(3)]
    alone = [judged(bench, one, [one], metric="val_acc", seed=0).tested for one in several]
    found = judged(bench, several[0], several, metric="val_acc", seed=0)
    assert found.val == {}
    assert found.tested is not None
    assert alone[0] is not None
    assert found.tested.metrics == alone[0].metrics
    assert found.tested.intervals == alone[0].intervals
    assert alone[0].seeds == {}
    assert found.tested.seeds == {
        name: tuple(one.metrics[name] for one in alone if one is not None) for name in ("test_loss", "test_acc")
    }
    assert len(set(found.tested.seeds["test_loss"])) == 3


def test_without_test_data_the_outputs_are_of_validation_samples(trials: Sequence[Trial], stripes: Dataset) -> None:
    bench = Workbench(replace(stripes, test=None), device="cpu")
    first, joined = (bench.build(trials[3].architecture).eval() for _ in range(2))
    for network, validated in ((first, True), (joined, False)):
        found = judged(bench, network, [first], validated=validated, metric="val_acc", seed=0)
        assert (found.tested, found.val, found.outputs.part) == (None, {}, "val")
        assert found.outputs.network is network


@pytest.fixture(scope="module")
def labels() -> tuple[Workbench, list[Network]]:
    """Networks for two rare labels, with logits of different scales, so that no two have the same thresholds."""
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(360, 6)).astype(np.float32)
    targets = inputs[:, :2] + rng.normal(size=(360, 2)) > 1
    first, second, third = ((inputs[at : at + 120], targets[at : at + 120]) for at in (0, 120, 240))
    data = from_arrays(*first, val=second, test=third, task="multilabel")
    bench, arch = Workbench(data, device="cpu", metrics=["f1"]), chain((6,), Linear(2))
    recipe = Recipe(epochs=6, lr=0.05)
    return bench, [fit(bench, arch, replace(recipe, lr=0.01 * 4**seed), seed=seed).network for seed in range(3)]


def test_each_network_is_tested_with_its_own_thresholds(labels: tuple[Workbench, list[Network]]) -> None:
    bench, members = labels
    ensemble = ensemble_of(members, bench.task)
    own = [Outputs(bench, one, "val").tuned("val_f1") for one in (ensemble, *members)]
    assert len({one.task.tuning["thresholds"] for one in own}) == 4
    expected = [
        Outputs(bench, one, "test").measured(tuned) for one, tuned in zip((ensemble, *members), own, strict=True)
    ]
    found = judged(bench, ensemble, members, metric="val_f1", seed=0)
    assert found.bench.task == own[0].task
    assert found.val == Outputs(bench, ensemble, "val").measured(bench)
    assert found.tested is not None
    assert found.tested.metrics == expected[0]
    assert found.tested.seeds["test_f1"] == tuple(one["test_f1"] for one in expected[1:])
    # Of several trainings without an ensemble, the thresholds of the first are not those of the others.
    alone = judged(bench, members[0], members, metric="val_f1", seed=0).tested
    assert alone is not None
    assert alone.seeds == found.tested.seeds
    # A joined network has the thresholds of the one before it, as no data are left to tune its own.
    joined = judged(bench, members[1], members[:1], validated=False, metric="val_f1", seed=0)
    assert joined.bench.task == own[1].task
    assert joined.tested is not None
    assert joined.tested.metrics == Outputs(bench, members[1], "test").measured(own[1])
    assert joined.tested.seeds["test_f1"] == (expected[1]["test_f1"],)
