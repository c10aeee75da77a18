"""Data sets from raw samples."""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray

from nas.data import Dataset, InputSpec
from nas.data.assemble import RawPart, assemble
from nas.data.split import Split


@dataclass(frozen=True)
class Centred:
    """Numbers less the mean of the samples that it was fitted to."""

    name: ClassVar[str] = "centred"
    fits: ClassVar[bool] = True
    note: ClassVar[str] = ""
    dtype: ClassVar[Literal["float32"]] = "float32"
    mean: float

    @property
    def input(self) -> InputSpec:
        return InputSpec("table", (1,))

    @classmethod
    def of(cls, raw: NDArray[Any]) -> Self:
        return cls(float(raw.mean()))

    def __call__(self, raw: NDArray[Any], out: NDArray[Any] | None = None) -> NDArray[Any]:
        found = np.empty((len(raw), 1), np.float32) if out is None else out
        found[:, 0] = raw - self.mean
        return found

    def refitted(self, raw: NDArray[Any]) -> Self:
        return self.of(raw)


def numbers(count: int, **known: Any) -> RawPart:
    return RawPart(np.arange(float(count)), np.arange(count) % 2, **known)


def values_of(data: Dataset) -> list[NDArray[Any]]:
    """The numbers in each part."""
    assert isinstance(data.preparation, Centred)
    assert data.test is not None
    return [np.round(part.inputs[:, 0] + data.preparation.mean) for part in (data.train, data.val, data.test)]


def test_a_test_part_then_a_validation_part_are_split_off_and_the_rest_alone_is_fitted_to() -> None:
    data = assemble("some", {"train": numbers(100)}, Centred.of, Split(0.25, 0.2, 3))
    assert data.test is not None
    assert (len(data.train), len(data.val), len(data.test)) == (60, 20, 20)
    assert isinstance(data.preparation, Centred)
    values = values_of(data)
    assert sorted(np.concatenate(values)) == list(range(100))
    assert data.preparation.mean == values[0].mean()
    assert [part.targets.mean() for part in (data.train, data.val, data.test)] == [0.5] * 3


def test_given_parts_are_taken_as_they_are() -> None:
    parts = {"train": numbers(10), "val": numbers(4), "test": numbers(6)}
    data = assemble("some", parts, Centred.of, Split())
    assert data.test is not None
    assert (len(data.train), len(data.val), len(data.test)) == (10, 4, 6)
    assert assemble("some", {"train": numbers(10)}, Centred.of, Split(0.2, None)).test is None


def test_a_fold_prepares_its_samples_by_its_own_training_rows() -> None:
    data = assemble("some", {"train": numbers(8), "val": numbers(4)}, Centred.of, Split(0.2, None))
    rows = np.array([0, 1, 8])  # 0, 1, and the 0 of the validation part
    found = data.pool.inputs(rows)[:, 0]
    assert np.allclose(found, np.array([*range(8), *range(4)]) - 1 / 3)
    assert data.pool.refits
    rows_of_tables = {"train": RawPart(np.zeros((4, 1)), [0, 1, 0, 1])}
    assert not assemble("some", rows_of_tables, None, Split(0.5, None)).pool.refits


def test_groups_stay_on_one_side_of_each_split_and_follow_their_samples() -> None:
    groups = np.arange(60) // 6
    data = assemble("some", {"train": numbers(60, groups=groups)}, Centred.of, Split(0.2, 0.2))
    assert data.test is not None
    assert isinstance(data.preparation, Centred)
    first, second, third = (set(values // 6) for values in values_of(data))
    assert not first & second
    assert not first & third
    assert not second & third
    assert data.groups is not None
    pool = np.concatenate([data.train.inputs, data.val.inputs])[:, 0] + data.preparation.mean
    assert np.array_equal(data.groups, np.round(pool) // 6)


def test_by_time_the_test_part_is_the_last_and_validation_comes_before_it() -> None:
    data = assemble("some", {"train": numbers(100, times=np.arange(100.0))}, Centred.of, Split(0.25, 0.2))
    assert data.test is not None
    assert [values[[0, -1]].tolist() for values in values_of(data)] == [[0, 59], [60, 79], [80, 99]]
    assert data.times is not None
    assert data.times.tolist() == [*range(80)]


def test_the_fingerprint_depends_on_the_preparation() -> None:
    parts = {"train": numbers(8), "val": numbers(4)}
    first = assemble("some", parts, lambda _: Centred(0.0), Split(0.2, None))
    second = assemble("some", parts, lambda _: Centred(1e-320), Split(0.2, None))
    assert np.array_equal(first.train.inputs, second.train.inputs)
    assert first.fingerprint != second.fingerprint
