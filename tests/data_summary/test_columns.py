"""The columns of a table."""

from pathlib import Path

import numpy as np

import nas
from nas.data_summary.columns import summarize_columns

TABLE = """size,kind,when,part,y
1,a,2024-01-01,train,no
2,a,2024-01-02,train,yes
,b,2024-01-04,train,no
4,,2024-01-03,train,yes
5,c,2024-01-05,val,no
6,a,2024-01-05,val,yes
"""


def test_columns_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(TABLE, encoding="utf-8")
    data = nas.load_data("table", path=tmp_path / "t.csv", test_share=None, kinds={"kind": "category"})
    found = {one.name: one for one in summarize_columns(data)}
    size, kind = found["size"], found["kind"]
    assert (size.kind, size.missing, size.values["max"], size.distinct) == ("number", 1, 4, 3)
    assert (kind.kind, kind.missing, kind.unknown, kind.distinct, kind.most_frequent) == ("category", 1, 1, 2, "a")
    assert {one.kind for name, one in found.items() if name.startswith("when: ")} == {"date"}


def test_columns_of_an_array() -> None:
    rows = np.arange(12, dtype=np.float32).reshape(6, 2)
    found = summarize_columns(nas.from_arrays(rows, [0, 1, 0, 1, 0, 1], val=(rows, [0, 1, 0, 1, 0, 1])))
    assert [(one.name, one.values["min"], one.distinct) for one in found] == [("feature 0", 0, 6), ("feature 1", 1, 6)]
