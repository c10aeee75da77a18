"""Training and validation samples as one, and the statistics of some of them."""

from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from numpy.typing import NDArray

from nas.data import Dataset, Samples, Tokenizing, from_arrays, from_table, from_texts, pool
from nas.data.columns import Columns
from nas.data.folds import make_folds
from nas.data.pool import check_joins
from nas.data.raw import RawInputs, joined
from nas.data.streamed import Streamed
from nas.errors import UsageError
from nas.tasks import Regression
from tests.data.counting import Numbered


def test_the_training_samples_come_first(corners: Dataset) -> None:
    inputs, targets = corners.pool.samples
    assert len(targets) == len(corners.train) + len(corners.val)
    for part, place in ((corners.train, slice(0, 300)), (corners.val, slice(300, 400))):
        assert np.array_equal(inputs[place], part.inputs)
        assert np.array_equal(targets[place], part.targets)
    assert inputs.dtype == np.float32
    assert targets.dtype == np.int64
    assert corners.pool is corners.pool


def test_statistics_are_of_the_rows_alone() -> None:
    inputs = np.arange(10, dtype=np.float32)[:, None]
    data = from_arrays(inputs[:6], inputs[:6, 0] + 0.5, val=(inputs[6:], inputs[6:, 0] + 0.5))
    rows = np.array([0, 2, 7, 9])
    found = data.pool.statistics(rows)
    assert found.mean.tolist() == [4.5]
    assert found.std[0] == np.float32(np.std([0, 2, 7, 9]))
    assert isinstance(found.task, Regression)
    assert found.task.mean == (5.0,)
    assert found.task.std == (float(np.std([0, 2, 7, 9])),)
    assert found.task.outputs == data.outputs
    assert data.pool.statistics(rows.copy()) is found
    whole = data.pool.statistics(np.arange(6))
    assert np.array_equal(whole.mean, data.mean)
    assert np.array_equal(whole.std, data.std)


def test_inputs_are_prepared_once_for_the_same_rows_while_there_is_room(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ["a a b", "b c", "c d", "d d e"]
    data = from_texts(texts[:3], [0, 1, 0], val=(texts[3:], [1]), tokenizing=Tokenizing(min_count=1, length=3))
    rows, others = np.array([0, 3]), np.array([1, 3])
    found = data.pool.inputs(rows)
    assert found.tolist() == [[2, 2, 4], [4, 1, 0], [1, 3, 0], [3, 3, 5]]
    assert data.pool.inputs(rows.copy()) is found
    monkeypatch.setattr(pool, "KEPT", found.nbytes)
    assert data.pool.inputs(others).tolist() != found.tolist()
    assert data.pool.inputs(others) is not data.pool.inputs(others)
    assert data.pool.inputs(rows) is found


WORDS = [*"abcdefgh"]


def _texts(rng: np.random.Generator, count: int) -> NDArray[np.object_]:
    return np.array([" ".join([*WORDS, *rng.choice(WORDS, 5)]) for _ in range(count)], object)


def _table(rng: np.random.Generator, count: int) -> dict[str, NDArray[Any]]:
    number = np.where(rng.random(count) < 0.3, np.nan, rng.normal(rng.normal(), 10.0, count))
    return {"number": number, "kind": rng.choice([*"uvw"], count).astype(object), "y": np.resize([0, 1], count)}


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("scaling", ["standard", "quantile"])
def test_rows_that_a_fold_of_a_table_validates_on_say_nothing_of_how_the_others_are_prepared(
    seed: int, scaling: Literal["standard", "quantile"]
) -> None:
    rng = np.random.default_rng(seed)
    held, others = _table(rng, 40), _table(rng, 40)
    data = from_table(held, target="y", scaling=scaling, test_share=None)
    (fold, *_) = make_folds(data, folds=2, seed=seed)
    raw = joined(data.raws["train"], data.raws["val"])
    assert isinstance(raw, Columns)
    changed = replace(
        raw,
        arrays={
            name: np.where(np.isin(np.arange(40), fold.val), others[name], column)
            for name, column in raw.arrays.items()
        },
    )
    other = _with_raws(data, changed)
    assert np.array_equal(data.pool.inputs(fold.train)[fold.train], other.pool.inputs(fold.train)[fold.train])
    assert not np.array_equal(data.pool.inputs(fold.train)[fold.val], other.pool.inputs(fold.train)[fold.val])


def _with_raws(data: Dataset, raw: RawInputs) -> Dataset:
    """The data set with other raw inputs of its pool."""
    places = np.arange(len(raw))
    return replace(data, raws={"train": raw[places[: len(data.train)]], "val": raw[places[len(data.train) :]]})


@pytest.mark.parametrize("seed", range(5))
def test_texts_that_a_fold_validates_on_say_nothing_of_how_the_others_are_prepared(seed: int) -> None:
    rng = np.random.default_rng(seed)
    data = from_texts(_texts(rng, 40), np.resize([0, 1], 40))
    (fold, *_) = make_folds(data, folds=2, seed=seed)
    changed = np.concatenate([np.asarray(data.raws[part]) for part in ("train", "val")])
    changed[fold.val] = _texts(rng, len(fold.val))
    other = _with_raws(data, changed)
    assert np.array_equal(data.pool.inputs(fold.train)[fold.train], other.pool.inputs(fold.train)[fold.train])
    assert not np.array_equal(data.pool.inputs(fold.train)[fold.val], other.pool.inputs(fold.train)[fold.val])


def test_streamed_samples_cannot_be_joined(tmp_path: Path) -> None:
    check_joins(Samples(np.zeros((4, 2)), np.zeros(4)))
    streamed = Streamed(np.arange(4), Numbered(str(tmp_path / "log")))
    with pytest.raises(
        UsageError, match="these data are streamed, so parts cannot be joined; it takes `storage` memory"
    ):
        check_joins(Samples(streamed, np.zeros(4)))
