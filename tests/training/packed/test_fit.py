"""Whole trainings of packed networks: repeatable, and each copy with its own fate."""

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from nas.data import Dataset, from_arrays
from nas.errors import EvaluationFailed, FailureKind
from nas.space import Architecture
from nas.training import Recipe
from nas.training.fit import Fitted
from nas.training.packed.fit import fit_packed
from nas.training.workbench import Workbench
from tests.training.networks import MLP, arch_of, random_states, weights_of

RECIPE = Recipe(epochs=3, lr=0.02)


def _fit(
    benches: Sequence[Workbench], arch: Architecture, told: list[tuple[int, float]] | None = None
) -> tuple[Fitted | EvaluationFailed, ...]:
    def tell(epoch: int, measured: Mapping[str, float]) -> None:
        if told is not None:
            told.append((epoch, measured["train_loss"]))

    return fit_packed(
        benches,
        arch,
        RECIPE,
        seeds=range(len(benches)),
        epochs=3,
        on_epoch=tell,
        on_failure=lambda *_: None,
    )


def _fitted(found: Fitted | EvaluationFailed) -> Fitted:
    assert isinstance(found, Fitted)
    return found


def test_equal_arguments_give_equal_results(corners: Dataset) -> None:
    """Bit for bit; and the process is left as it was."""
    bench = Workbench(corners, device="cpu")
    arch = arch_of(MLP, corners)
    before = random_states()
    told: list[tuple[int, float]] = []
    first, again = (list(map(_fitted, _fit([bench] * 3, arch, own))) for own in (told, None))
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


def test_a_copy_that_is_not_finite_leaves_the_others_as_they_are(corners: Dataset) -> None:
    """Bit for bit, with batch norm, dropout and clipping."""
    arch = arch_of("{linear: {units: 8}}, batch_norm, relu, {dropout: {p: 0.1}}, {linear: {units: outputs}}", corners)
    data = from_arrays(*corners.train, val=(corners.val.inputs, corners.val.targets))
    own = [np.arange(0, 100), np.arange(100, 200), np.arange(200, 300)]
    benches = [Workbench(one, device="cpu") for one in (corners, data)]
    data.pool.samples.inputs[own[1][:5]] = np.nan
    whole, broken = (_fit([bench.view(train=rows, val=np.arange(300, 400)) for rows in own], arch) for bench in benches)
    failure = broken[1]
    assert isinstance(failure, EvaluationFailed)
    assert failure.kind is FailureKind.NONFINITE
    assert failure.message == "train_loss is nan after epoch 1"
    for copy in (0, 2):
        assert _fitted(broken[copy]).curves == _fitted(whole[copy]).curves
        assert (weights_of(_fitted(broken[copy])) == weights_of(_fitted(whole[copy]))).all()
    data.pool.samples.inputs[:] = np.nan
    everything = _fit([benches[1].view(train=rows) for rows in own], arch)
    assert all(isinstance(one, EvaluationFailed) for one in everything)


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
