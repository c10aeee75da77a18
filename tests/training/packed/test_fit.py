"""Whole trainings of packed networks: their results, repeatability and failures."""

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from nas.data import Dataset, from_arrays
from nas.errors import EvaluationFailed
from nas.space import Architecture
from nas.training import Recipe
from nas.training.fit import Fitted
from nas.training.packed.fit import fit_packed
from nas.training.workbench import Workbench
from tests.training.networks import MLP, arch_of, random_states, weights_of

RECIPE = Recipe(epochs=3, lr=0.02)


def _fit(
    benches: Sequence[Workbench], arch: Architecture, told: list[tuple[int, float]] | None = None
) -> tuple[Fitted, ...]:
    def tell(epoch: int, measured: Mapping[str, float]) -> None:
        if told is not None:
            told.append((epoch, measured["train_loss"]))

    return fit_packed(benches, arch, RECIPE, seeds=range(len(benches)), epochs=3, on_epoch=tell)


def test_equal_arguments_give_equal_results(corners: Dataset) -> None:
    """Bit for bit; and the process is left as it was."""
    bench = Workbench(corners, device="cpu")
    arch = arch_of(MLP, corners)
    before = random_states()
    told: list[tuple[int, float]] = []
    first, again = (_fit([bench] * 3, arch, own) for own in (told, None))
    assert random_states() == before
    for one, other in zip(first, again, strict=True):
        assert one.curves == other.curves
        assert one.network.state_dict().keys() == other.network.state_dict().keys()
        assert (weights_of(one) == weights_of(other)).all()
        assert not one.network.training
    assert [epoch for epoch, _ in told] == list(range(1, 10))
    assert [loss for _, loss in told] == [one.curves["train_loss"][at] for at in range(3) for one in first]
    assert len({one.seconds for one in first}) == 1
    # The metrics are those of the networks that are returned.
    for one in first:
        assert bench.score(one.network, *bench.val)["val_loss"] == pytest.approx(one.curves["val_loss"][-1], rel=1e-4)


def test_a_copy_that_is_not_finite(corners: Dataset) -> None:
    data = from_arrays(*corners.train, val=(corners.val.inputs, corners.val.targets))
    data.pool.samples.inputs[100:105] = np.nan
    bench = Workbench(data, device="cpu")
    benches = [bench.view(train=np.arange(first, first + 100)) for first in (0, 100)]
    told: list[tuple[int, float]] = []
    with pytest.raises(EvaluationFailed, match=r"^NONFINITE: train_loss is nan after epoch 1$"):
        _fit(benches, arch_of(MLP, corners), told)
    assert [epoch for epoch, _ in told] == [1]


def test_a_network_that_cannot_be_built_or_trained(corners: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Workbench(corners, device="cpu")

    def refuse(_: Architecture) -> None:
        raise ValueError("no")

    with monkeypatch.context() as patch:
        patch.setattr(bench, "build", refuse)
        with pytest.raises(EvaluationFailed, match=r"^BUILD_ERROR: no$"):
            _fit([bench] * 2, arch_of(MLP, corners))
    with pytest.raises(EvaluationFailed, match=r"^CRASH: .*parameters"):
        _fit([bench] * 2, arch_of("{truncate: {width: 1}}", corners))
