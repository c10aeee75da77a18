"""Several trainings of one network."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
import torch

from nas.data import Augment, Dataset, from_arrays
from nas.errors import EvaluationFailed, FailureKind, UsageError
from nas.training import Recipe, several
from nas.training.fit import Fitted, fit
from nas.training.packed.fit import fit_packed
from nas.training.several import Member, fit_several, packs
from nas.training.workbench import Workbench
from tests.training.networks import MLP, arch_of, random_states, weights_of

RECIPE = Recipe(epochs=2, lr=0.02)


def _halves(data: Dataset) -> tuple[Member, Member]:
    even, odd = np.arange(0, 400, 2), np.arange(1, 400, 2)
    return Member(5, even, odd), Member(5, odd, even)


def _same(one: Fitted, other: Fitted) -> bool:
    return one.curves == other.curves and torch.equal(weights_of(one), weights_of(other))


def test_members_on_the_parts_of_the_data_are_plain_trainings(bench: Workbench, corners: Dataset) -> None:
    arch = arch_of(MLP, corners)
    before = random_states()
    found = fit_several(bench, arch, RECIPE, [Member(seed) for seed in (3, 4)], epochs=1, packed=False)
    assert random_states() == before
    for seed, one in zip((3, 4), found, strict=True):
        assert _same(one, fit(bench, arch, RECIPE, seed=seed, epochs=1))


def test_a_member_does_not_depend_on_the_others(bench: Workbench, corners: Dataset) -> None:
    arch = arch_of(MLP, corners)
    first, second = _halves(corners)
    both = fit_several(bench, arch, RECIPE, [first, second], packed=False)
    assert _same(both[1], fit_several(bench, arch, RECIPE, [second])[0])
    assert not _same(both[0], both[1])


def test_a_member_on_rows_equals_a_training_on_these_samples(corners: Dataset) -> None:
    """Bitwise: with the statistics of these samples, for classes and for values."""
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(60, 3))
    values = from_arrays(inputs, 1e3 * inputs @ [1.0, 2.0, 3.0] + 5e3, val_share=0.25)
    for data in (corners, values):
        arch = arch_of(MLP, data)
        pool = data.pool.samples
        count = len(pool)
        assert np.array_equal(pool.inputs, np.concatenate([data.train.inputs, data.val.inputs]))
        assert np.array_equal(pool.targets, np.concatenate([data.train.targets, data.val.targets]))
        rows = rng.permutation(count)
        val, train = np.sort(rows[: count // 3]), np.sort(rows[count // 3 :])
        parts = [(pool.inputs[part], pool.targets[part]) for part in (train, val)]
        alone = from_arrays(*parts[0], val=parts[1], task=data.task.name)
        (found,) = fit_several(Workbench(data, device="cpu"), arch, RECIPE, [Member(7, train, val)])
        assert _same(found, fit(Workbench(alone, device="cpu"), arch, RECIPE, seed=7))


def test_only_the_rows_of_a_member_are_seen(corners: Dataset) -> None:
    """With values that are not finite in all other samples, a training would not be finite."""
    first, _ = _halves(corners)
    assert first.train is not None
    assert first.val is not None
    used, judged = first.train[:150], first.val[:20]
    arch = arch_of(MLP, corners)
    clean = fit_several(Workbench(corners, device="cpu"), arch, RECIPE, [Member(1, used, judged)])[0]
    data = from_arrays(*corners.train, val=(corners.val.inputs, corners.val.targets))
    others = np.setdiff1d(np.arange(400), [*used, *judged])
    data.pool.samples.inputs[others] = np.nan
    assert _same(fit_several(Workbench(data, device="cpu"), arch, RECIPE, [Member(1, used, judged)])[0], clean)


def test_members_see_as_many_samples_as_the_smallest_has(bench: Workbench, corners: Dataset) -> None:
    arch = arch_of(MLP, corners)
    first, second = _halves(corners)
    assert second.train is not None
    fewer = Member(5, second.train[:150], second.val)
    both = fit_several(bench, arch, RECIPE, [first, fewer], packed=False)
    assert _same(both[0], fit_several(bench, arch, RECIPE, [first], samples=150)[0])
    assert _same(both[1], fit_several(bench, arch, RECIPE, [fewer])[0])
    assert not _same(both[0], fit_several(bench, arch, RECIPE, [first])[0])
    with pytest.raises(UsageError, match=r"^an epoch has from 2 to 150 samples, got 151$"):
        fit_several(bench, arch, RECIPE, [fewer], samples=151)


def test_each_epoch_draws_anew_from_all_rows(bench: Workbench) -> None:
    view = bench.view(train=np.arange(10, 60), samples=20)
    generator = torch.Generator().manual_seed(0)
    epochs = [view.order(generator).tolist() for _ in range(20)]
    assert {len(set(rows)) for rows in epochs} == {20}
    assert set().union(*epochs) == set(range(10, 60))
    assert view.val is bench.val


def test_views_share_the_samples_on_the_device(bench: Workbench, corners: Dataset) -> None:
    first, second = (bench.view(train=member.train, val=member.val) for member in _halves(corners))
    places = [view.train[0][:].data_ptr() for view in (first, second)]
    assert places == [corners.pool.samples.inputs.ctypes.data] * 2
    assert first.part != second.part
    assert bench.part == ()


@pytest.mark.parametrize("packed", [True, False])
def test_epochs_are_counted_over_all_members(bench: Workbench, corners: Dataset, packed: bool) -> None:
    seen: list[tuple[int, Mapping[str, float]]] = []
    recipe = Recipe(epochs=5, augment=Augment())
    found = fit_several(
        bench,
        arch_of(MLP, corners),
        recipe,
        [Member(0), Member(1)],
        epochs=3,
        packed=packed,
        on_epoch=lambda *told: seen.append(told),
    )
    assert [epoch for epoch, _ in seen] == [1, 2, 3, 4, 5, 6]
    of_each = [one.curves["train_loss"] for one in found]
    in_turns = [loss for losses in zip(*of_each, strict=True) for loss in losses]
    losses = in_turns if packed else [loss for losses in of_each for loss in losses]
    assert [metrics["train_loss"] for _, metrics in seen] == losses


def test_members_are_packed_where_that_pays(bench: Workbench, corners: Dataset) -> None:
    arch = arch_of(MLP, corners)
    members = [Member(seed) for seed in (3, 4, 5)]
    assert packs(bench, arch, RECIPE, 3)
    found = fit_several(bench, arch, RECIPE, members)
    assert len({one.seconds for one in found}) == 1
    for one, alone in zip(found, fit_several(bench, arch, RECIPE, members, packed=False), strict=True):
        assert one.curves["train_loss"] == pytest.approx(alone.curves["train_loss"], rel=1e-4)
    assert all(map(_same, found, fit_several(bench, arch, RECIPE, members))), "equal arguments, equal results"
    assert not packs(bench, arch, RECIPE, 1)
    assert not packs(bench, arch_of("{linear: {units: 20000}}, {linear: {units: outputs}}", corners), RECIPE, 3)
    layers = "{embedding: {vocabulary: 2, width: 2}}, {gru: {units: 2, output: last}}, {linear: {units: outputs}}"
    assert not packs(bench, arch_of(layers, corners), RECIPE, 3)
    assert not packs(Workbench(corners, device="cpu", precision="bfloat16"), arch, RECIPE, 3)


def test_members_that_fail_together_are_trained_alone(
    bench: Workbench, corners: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether memory runs out at the beginning or later; an epoch is told once."""
    original = fit_packed

    def failing(*args: Any, on_epoch: Any, **kwargs: Any) -> Any:
        def tell(epoch: int, measured: Mapping[str, float]) -> None:
            on_epoch(epoch, measured)
            if epoch == 3:
                raise EvaluationFailed(FailureKind.OOM_HOST, "not enough memory")

        return original(*args, on_epoch=tell, **kwargs)

    monkeypatch.setattr(several, "fit_packed", failing)
    seen: list[int] = []
    arch, members = arch_of(MLP, corners), [Member(1), Member(2)]
    found = fit_several(bench, arch, RECIPE, members, on_epoch=lambda epoch, _: seen.append(epoch))
    assert seen == [1, 2, 3, 4]
    assert all(map(_same, found, fit_several(bench, arch, RECIPE, members, packed=False)))


@pytest.mark.parametrize("packed", [True, False])
def test_a_member_that_is_not_finite(corners: Dataset, packed: bool) -> None:
    first, second = _halves(corners)
    data = from_arrays(*corners.train, val=(corners.val.inputs, corners.val.targets))
    assert second.train is not None
    data.pool.samples.inputs[second.train[:3]] = np.nan
    bench, arch = Workbench(data, device="cpu"), arch_of(MLP, corners)
    members = [Member(1, first.train, first.train), second, Member(2, first.train, first.train)]
    with pytest.raises(EvaluationFailed, match=r"^NONFINITE: train_loss is nan after epoch 1$"):
        fit_several(bench, arch, RECIPE, members, packed=packed)


def test_no_members(bench: Workbench, corners: Dataset) -> None:
    with pytest.raises(UsageError, match=r"^several trainings need at least one member$"):
        fit_several(bench, arch_of(MLP, corners), RECIPE, [])


def test_a_metric_that_is_undefined_for_a_fold(corners: Dataset) -> None:
    bench = Workbench(corners, device="cpu", metrics=["roc_auc"])
    alone = np.flatnonzero(corners.pool.samples.targets == 1)
    with pytest.raises(
        UsageError, match=r"^roc_auc is undefined for the samples of a fold: it has no sample of 3 of 4"
    ):
        fit_several(bench, arch_of(MLP, corners), RECIPE, [Member(0, np.arange(100), alone)])
