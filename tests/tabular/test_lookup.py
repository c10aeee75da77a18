"""The evaluator of tables: its metrics, and which of the recorded runs it returns."""

import time
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nas.controllers import RandomSearch
from nas.driver.search import search
from nas.errors import UsageError
from nas.space import Space
from nas.tabular.lookup import Tabular, mix
from nas.tabular.table import Table
from nas.testing import check_evaluator
from nas.trial import Objective

Make = Callable[..., Table]


def test_metrics(make: Make, space: Space) -> None:
    seconds = np.arange(24, dtype=np.float32).reshape(4, 2, 3)
    extra = {"latency_ms": np.array([1, 2, np.nan, 4], dtype=np.float32)}
    hidden = {"test_acc_200": np.ones(4, dtype=np.float32)}
    table = make(seconds=seconds, extra=extra, hidden=hidden, test_acc=np.full((4, 1, 3), 0.5, dtype=np.float32))
    evaluate = Tabular(table)
    arches = list(space)
    check_evaluator(evaluate, arches[0], epochs=2, seed=5)
    check_evaluator(evaluate, arches[0], epochs=None)
    found = evaluate(arches[1], epochs=2, seed=0)
    run = [table.val_acc[1, k, 1] for k in (0, 1)].index(found["val_acc"])
    assert found == {
        "val_acc": table.val_acc[1, run, 1],
        "seconds": seconds[1, run, 1],
        "params": float(arches[1].params),
        "macs": float(arches[1].macs),
        "latency_ms": 2.0,
        "val_acc_curve": tuple(table.val_acc[1, run, :2].tolist()),
    }
    assert "latency_ms" not in evaluate(arches[2], seed=0), "it is not recorded there"
    assert evaluate.metrics == ("val_acc", "seconds", "params", "macs", "latency_ms")
    assert table.test(arches[0]) == 0.5


def test_no_metric_of_the_test_set_comes_out(make: Make, space: Space) -> None:
    table = make(
        test_acc=np.full((4, 2, 3), 0.75, dtype=np.float32), hidden={"test_acc_200": np.ones(4, dtype=np.float32)}
    )
    for arch in space:
        for seed in range(20):
            found = Tabular(table)(arch, seed=seed)
            assert not any(name.startswith("test") for name in found)
            assert 0.75 not in found.values()
    with pytest.raises(UsageError, match="'test_acc_200' cannot be an extra metric"):
        make(extra={"test_acc_200": np.ones(4, dtype=np.float32)})


def test_the_mean_over_seeds_is_the_truth(make: Make, space: Space) -> None:
    """Each of the recorded runs comes equally often, so that the error of the mean shrinks as it should."""
    val_acc = np.random.default_rng(0).random((4, 3, 1), dtype=np.float32)
    val_acc[1, 2] = np.nan  # two runs of three
    table = make(epochs=(200,), val_acc=val_acc)
    evaluate, count = Tabular(table), 4000
    assert table.runs.tolist() == [3, 2, 3, 3]
    for row, arch in enumerate(space):
        found = np.array([evaluate(arch, seed=seed)["val_acc"] for seed in range(count)])
        recorded = [value for value in val_acc[row, :, 0].tolist() if value == value]
        assert set(found.tolist()) == set(recorded)
        error = np.std(recorded) / np.sqrt(count)
        assert abs(found.mean() - table.truth(arch)) < 4 * error


def test_runs_of_rows_are_independent(make: Make, space: Space) -> None:
    """One seed for all architectures does not mean one run for all."""
    evaluate, arches = Tabular(make()), list(space)
    picked = [
        [float(evaluate.table.val_acc[row, 0, 2]) == evaluate(arch, seed=seed)["val_acc"] for seed in range(200)]
        for row, arch in enumerate(arches)
    ]
    assert np.abs(np.asarray(np.corrcoef(picked))[np.triu_indices(4, 1)]).max() < 0.3


def test_one_seed_is_one_run_at_all_budgets(make: Make, space: Space) -> None:
    evaluate = Tabular(make())
    for arch in space:
        for seed in range(10):
            curve = evaluate(arch, seed=seed)["val_acc_curve"]
            assert isinstance(curve, tuple)
            assert curve == tuple(evaluate(arch, epochs=epochs, seed=seed)["val_acc"] for epochs in (1, 2, 3))


@given(st.integers(-(2**70), 2**70))
def test_mix_takes_any_integer(number: int) -> None:
    assert 0 <= mix(number) < 2**64
    assert mix(number) == mix(number)


def test_budgets(make: Make, space: Space) -> None:
    arch = next(iter(space))
    with pytest.raises(UsageError, match=r"no results at 7 epochs; recorded are 1, 2, 3"):
        Tabular(make())(arch, epochs=7, seed=0)
    table = make(epochs=(4, 12, 108), curves=False)
    assert not table.has_curves
    assert "val_acc_curve" not in Tabular(table)(arch, seed=0)
    assert not make(epochs=(4, 12, 108)).has_curves, "a curve has one number an epoch"


def test_a_search_on_a_table(make: Make, space: Space) -> None:
    study = search(RandomSearch(space), Tabular(make()), trials=10, seed=0)
    assert all(trial.score is not None for trial in study)
    with pytest.raises(UsageError, match="test data"):
        Objective("test_acc")


@pytest.mark.slow
def test_a_look_up_is_quick(make: Make, space: Space) -> None:
    """A tenth of this on a quiet machine; benchmarks measure it."""
    evaluate, arches = Tabular(make()), [*space] * 500
    for arch in arches[:4]:
        evaluate(arch, seed=0)
    began = time.perf_counter()
    for seed, arch in enumerate(arches):
        evaluate(arch, seed=seed)
    assert (time.perf_counter() - began) / len(arches) < 100e-6
