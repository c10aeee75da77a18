"""Tables in a few lines."""

import dataclasses
import json
from collections.abc import Callable

import numpy as np
import pytest

from nas.tabular import TABLES
from nas.tabular.show import facts, list_tables, show_table
from nas.tabular.table import Table


def test_facts(make: Callable[..., Table]) -> None:
    val_acc = make().val_acc.copy()
    val_acc[0, 1] = np.nan
    found = facts(make(val_acc=val_acc))
    assert json.loads(json.dumps(found)) == found
    assert (found["rows"], found["runs"], found["epochs"]) == (4, [1, 2], [1, 2, 3])
    assert found["best_test_acc"] is found["mean_seconds"] is None
    text = show_table(found)
    assert "runs          1 to 2" in text
    assert "best          act=gelu, fc" in text


def test_facts_of_everything(make: Callable[..., Table]) -> None:
    ones = np.ones((4, 2, 3), dtype=np.float32)
    text = show_table(facts(make(test_acc=ones / 2, seconds=1000 * ones)))
    assert "test_acc      50.00 % of the best" in text
    assert "seconds       1,000 on average" in text


def test_whether_neighbours_are_rows(make: Callable[..., Table]) -> None:
    table = make()
    assert facts(table)["lone_mutations"] is None, "all of the space is there"
    # Of these two, which differ in both decisions, each is all that the other can become.
    rows = [0, 3]
    part = make(members=table.members.take(rows), val_acc=table.val_acc[rows])
    apart = dataclasses.replace(part, space=table.space.keep(part.members))
    assert facts(apart)["lone_mutations"] == 0
    assert "neighbours    0 % of mutations change a single decision" in show_table(facts(apart))
    rows = [0, 1, 3]
    part = make(members=table.members.take(rows), val_acc=table.val_acc[rows])
    near = dataclasses.replace(part, space=table.space.keep(part.members))
    assert 0.5 < facts(near)["lone_mutations"] < 1


@pytest.mark.usefixtures("nowhere")
def test_tables_that_are_not_here() -> None:
    found = list_tables(TABLES)
    assert [one["name"] for one in found] == list(TABLES)
    assert all("error" in one for one in found)
