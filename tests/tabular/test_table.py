"""Tables: their values, and what is refused."""

from collections.abc import Callable

import numpy as np
import pytest

from nas.errors import UsageError
from nas.space import Space, load_space
from nas.tabular.lookup import Tabular
from nas.tabular.members import Members
from nas.tabular.table import Table

Make = Callable[..., Table]


def test_look_up(make: Make, space: Space) -> None:
    table = make()
    for row, arch in enumerate(space):
        assert table.row(arch) == row
        assert arch in table
        assert table.architecture(row).choices == arch.choices
        assert table.truth(arch) == pytest.approx(float(table.val_acc[row, :, 2].mean()))
        assert table.test(arch) is None
    assert len(table) == 4
    assert table.best == 3
    assert table.optimum == table.truths.max() == table.truth(table.architecture(3))
    table.check_members()


def test_an_architecture_that_is_not_there(make: Make, space: Space) -> None:
    table = make()
    part = make(members=table.members.take([0, 2]), val_acc=table.val_acc[[0, 2]])
    assert list(space)[1] not in part
    with pytest.raises(UsageError, match=r"table four-toy \(2 architectures\) lacks [0-9a-f]{16}: act=relu, fc.*=8"):
        part.row(list(space)[1])
    other = load_space({"input": [3], "layers": [{"name": "act", "choice": ["relu", "gelu"]}]})
    with pytest.raises(UsageError, match="lacks"):
        Tabular(table)(next(iter(other)), seed=0)


def test_values_that_do_not_fit(make: Make) -> None:
    good = make().val_acc

    def broken(place: tuple[int, ...], value: float) -> np.ndarray:
        array = good.copy()
        array[place] = value
        return array

    for changes, message in (
        ({"val_acc": broken((1, 0, 0), np.nan)}, "row 1, run 0: val_acc is NaN at some epochs"),
        ({"val_acc": broken((2,), np.nan)}, "row 2: val_acc is NaN in every run"),
        ({"val_acc": broken((3, 1, 2), 91.6)}, r"row 3, run 1: val_acc is 91.6, expected a fraction in \[0, 1\]"),
        ({"val_acc": broken((0, 0, 0), np.inf)}, "val_acc is inf"),
        ({"seconds": -good}, "seconds is -0.1, expected 0 or more"),
        ({"val_acc": good[:3]}, r"val_acc has shape \(3, 2, 3\), expected \(4, runs, 3\)"),
        ({"seconds": good[:, :1]}, "seconds has shape"),
        ({"test_acc": good[:, :, :1]}, "test_acc has shape"),
        ({"extra": {"latency": good}}, "latency has shape"),
        ({"extra": {"val_acc": good[:, 0, 0]}}, "cannot be an extra"),
        ({"epochs": (3, 2, 1)}, "must be positive and ascend"),
        ({"epochs": (), "val_acc": good[:, :, :0]}, "must be positive and ascend"),
        ({"keys": ["a"]}, "1 keys for 4 rows"),
    ):
        with pytest.raises(UsageError, match=message):
            make(**changes)


def test_duplicate_rows(make: Make) -> None:
    table = make()
    with pytest.raises(UsageError, match=r"rows 1 and 3 are the same architecture: act=relu, fc"):
        make(members=table.members.take([0, 1, 2, 1]))
    with pytest.raises(UsageError, match="there are no rows"):
        make(members=table.members.take([]), val_acc=table.val_acc[:0])


def test_members_of_another_space(make: Make, space: Space) -> None:
    codes = np.zeros((1, 1), dtype=np.int16)
    table = make(members=Members(("act",), (("tanh",),), codes), val_acc=make().val_acc[:1])
    with pytest.raises(UsageError, match="row 0 is not a member of four: act: 'tanh' is not an option"):
        table.check_members()
