"""How data sets take in samples, as plain data."""

import json
from pathlib import Path

import numpy as np
import pytest

from nas.data import Dataset, from_arrays, from_images, from_table, from_texts, load_data
from nas.data.intake import intake_of
from nas.data.preparation.arrays import Arrays
from nas.data.reading.dialect import Dialect
from nas.data.reading.form import PLAIN, FileForm
from nas.errors import IntegrityError

LABELS = ["a", "b"] * 6


def _made() -> list[Dataset]:
    return [
        from_arrays(np.zeros((12, 3)), LABELS),
        from_images([np.zeros((3, 3), np.uint8)] * 12, LABELS),
        from_texts(["one two", "drei vier é"] * 6, LABELS),
        from_table({"x": [1.0, None, 3.0] * 4, "c": ["p", "q", "r"] * 4, "y": LABELS}, scaling="quantile"),
    ]


@pytest.mark.parametrize("place", range(4))
def test_it_returns_from_json(place: int) -> None:
    intake = _made()[place].intake
    assert intake.files == PLAIN
    assert intake_of(json.loads(json.dumps(intake.to_dict()))) == intake


def test_arrays_are_described() -> None:
    """Their data sets have no preparation, and keep their fingerprints."""
    data = from_arrays(np.zeros((12, 1, 4), np.uint8), LABELS)
    assert data.preparation is None
    assert data.intake.preparation == Arrays("series", (1, 4), "uint8")


def test_how_files_are_written_is_kept(tmp_path: Path) -> None:
    rows = "\n".join(f"some words {place}\t{place / 4}\t{place % 2}" for place in range(20))
    (tmp_path / "a.csv").write_text(f"body\tn\ty\n{rows}\n", encoding="utf-8")
    dialect = Dialect(missing=("none",), encoding="utf-8")
    settings = {"path": tmp_path / "a.csv", "missing": ["none"], "encoding": "utf-8", "target": "y"}
    texts, table = (load_data(name, **settings) for name in ("texts", "table"))
    assert texts.intake.files == FileForm(dialect, "body")
    assert table.intake.files == FileForm(dialect)
    again = load_data("table", **{**settings, "missing": ["other"]})
    assert again.fingerprint == table.fingerprint, "it changes no sample"


@pytest.mark.parametrize("change", [{"name": None}, {"preparation": {}}, {"files": 1}, {"files": {"text": 1}}])
def test_what_is_none_is_refused(change: dict[str, object]) -> None:
    record = {**_made()[0].intake.to_dict(), **change}
    with pytest.raises(IntegrityError):
        intake_of({key: value for key, value in record.items() if value is not None})
