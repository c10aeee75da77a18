"""Tables in Python as data sets."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nas
from nas.errors import UsageError

COUNT = 40
MAPPING: dict[str, Any] = {
    "area": np.where(np.arange(COUNT) == 3, np.nan, np.arange(COUNT) % 7),
    "town": ["ab"[place % 2] for place in range(COUNT)],
    "price": np.arange(COUNT) + 0.5,
}


def test_a_table_in_memory_is_as_one_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    rows = zip(*MAPPING.values(), strict=True)
    path.write_text("area,town,price\n" + "".join(f"{a},{t},{p}\n" for a, t, p in rows), encoding="utf-8")
    data = nas.from_table(MAPPING)
    assert data.fingerprint == nas.load_data("table", path=path).fingerprint
    assert (data.name, data.task.name, data.outputs, data.input.categories) == ("table", "regression", ("price",), (3,))


def test_settings() -> None:
    data = nas.from_table(
        MAPPING,
        target="town",
        ignore=["price"],
        kinds={"area": "category"},
        scaling="quantile",
        max_categories=2,
        classes=["b", "a"],
        name="towns",
        val_share=0.5,
        test_share=None,
        seed=3,
    )
    assert (data.name, data.outputs, data.input.categories, data.test) == ("towns", ("b", "a"), (3,), None)
    assert len(data.train) == len(data.val) == COUNT // 2


def test_what_does_not_fit() -> None:
    with pytest.raises(UsageError, match="table has no column 'prise'; did you mean 'price'"):
        nas.from_table(MAPPING, target="prise")
    with pytest.raises(UsageError, match="kinds"):
        nas.from_table(MAPPING, kinds={"area": "numeric"})  # type: ignore[dict-item]
    gaps = {**MAPPING, "price": [None, *range(1, COUNT)]}
    with pytest.raises(UsageError, match="row 0"):
        nas.from_table(gaps)
    assert len(nas.from_table(gaps, on_error="skip", skip_share=0.1, test_share=None).pool.samples) == COUNT - 1
