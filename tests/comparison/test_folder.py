"""What is written of a comparison is read again as it was, or refused."""

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from nas.comparison.compare import compare
from nas.comparison.folder import COLUMNS, attempts_of, read_results, refuse_changes
from nas.document import MAX_NAME
from nas.errors import Damaged, IntegrityError, UsageError
from nas.manifest import Manifest
from tests.comparisons import flip


def test_results_come_back(comparison_file: Callable[..., Path], tmp_path: Path) -> None:
    made = compare(comparison_file(), out=tmp_path / "out").results
    read = read_results(tmp_path / "out")
    for name in ("name", "problems", "controllers", "seeds", "budget", "workers", "recorded"):
        assert getattr(read, name) == getattr(made, name), name
    assert list(read.runs) == list(made.runs)
    for key, run in made.runs.items():
        other = read.runs[key]
        assert (run.problem, run.controller, run.seed, run.ids) == (
            other.problem,
            other.controller,
            other.seed,
            other.ids,
        )
        for name in COLUMNS[5:]:
            assert np.array_equal(getattr(run, name), getattr(other, name), equal_nan=True)


def test_the_tidy_file(folder: Path) -> None:
    with (folder / "results.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert list(rows[0]) == list(COLUMNS)
    assert len(rows) == 2 * 8 * 12
    run = read_results(folder).runs["small", "evolution", 3]
    mine = [row for row in rows if (row["controller"], row["seed"]) == ("evolution", "3")]
    assert [int(row["evaluation"]) for row in mine] == list(range(1, 13))
    assert [row["id"] for row in mine] == list(run.ids)
    for name in COLUMNS[5:]:
        written = [float(row[name] or "nan") for row in mine]
        assert np.array_equal(written, getattr(run, name), equal_nan=True), "every digit"
    assert all(row[name].isdecimal() for row in mine for name in ("row", "trained", "epochs")), "counts are counts"


def test_an_altered_table_is_not_overwritten(folder: Path, comparison_file: Callable[..., Path]) -> None:
    flip(folder / "results.csv")
    altered = (folder / "results.csv").read_bytes()
    with pytest.raises(Damaged, match=r"results\.csv was altered"):
        compare(comparison_file(), out=folder, resume=True)
    assert (folder / "results.csv").read_bytes() == altered


def test_the_notes_of_each_run_have_a_file_of_their_own(tmp_path: Path) -> None:
    """Labels may contain dots, and two of the longest do not fit into one name."""
    labels = ("a", "b", "a.b", "b.c", "c", "a b", "x" * MAX_NAME)
    runs = [(problem, controller, seed) for problem in labels for controller in labels for seed in (0, 10)]
    names = {attempts_of(tmp_path, *run).name for run in runs}
    assert len(names) == len(runs)
    assert max(map(len, names)) < 40


def test_parquet_says_the_same(folder: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    table = parquet.read_table(folder / "results.parquet").to_pydict()
    assert list(table) == list(COLUMNS)
    assert len(table["id"]) == 2 * 8 * 12


@pytest.mark.parametrize("half", [True, False])
def test_a_file_that_was_altered(half: bool, folder: Path) -> None:
    path = folder / "units" / "small" / "random" / "0.npz"
    content = bytearray(path.read_bytes())
    if half:
        content = content[: len(content) // 2]
    else:
        content[100] ^= 1
    path.write_bytes(bytes(content))
    word = "is corrupt: expected" if half else "was altered: expected SHA-256"
    with pytest.raises(IntegrityError, match=f"^{path} {word}"):
        read_results(folder)


def test_no_comparison(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=f"^{tmp_path} contains no comparison$"):
        read_results(tmp_path)


def test_runs_that_are_missing(folder: Path) -> None:
    manifest = Manifest(folder)
    manifest.forget(*(name for name in manifest if name.startswith("units/small/evolution/")))
    with pytest.raises(UsageError, match=f"^{folder}: 8 of 16 runs are missing; nas compare --resume continues$"):
        read_results(folder)


def test_changes() -> None:
    then = {
        "workers": 1,
        "budget": {"epochs": 3},
        "controllers": {"a": {"random": {}}},
        "problems": {"t": {"table": "x"}},
    }
    refuse_changes(Path("f"), then, then)
    refuse_changes(Path("f"), then, {**then, "controllers": {**then["controllers"], "b": {"random": {}}}})  # type: ignore[dict-item]
    refuse_changes(Path("f"), then, {**then, "problems": {"u": {"table": "y"}}})
    now = {
        "workers": 2,
        "budget": {"seconds": 3},
        "controllers": {"a": {"evolution": {"population": 4}}},
        "problems": {},
    }
    with pytest.raises(IntegrityError) as caught:
        refuse_changes(Path("f"), then, now)
    assert str(caught.value).splitlines() == [
        "f: the comparison was started with other settings",
        "  workers: 1 -> 2",
        "  budget.epochs: 3 -> (none)",
        "  controllers.a.random: {} -> (none)",
        "  budget.seconds: (none) -> 3",
        "  controllers.a.evolution.population: (none) -> 4",
    ]
