"""A damaged folder of a comparison is repaired, and its runs are repeated."""

from collections.abc import Callable
from pathlib import Path

import pytest

from nas.comparison.compare import compare
from nas.comparison.folder import read_results
from nas.errors import Damaged, UsageError
from nas.repairs import repair
from tests.comparisons import flip

pytestmark = pytest.mark.usefixtures("no_drawing")


def untimed(table: bytes) -> list[str]:
    """Lines of `results.csv` without the last column, the controller's own seconds."""
    return [line.rpartition(",")[0] for line in table.decode().splitlines()]


UNITS = ("units/small/evolution/0.npz", "units/small/random/0.npz")


@pytest.mark.parametrize(
    ("damage", "said", "lost"),
    [
        (lambda folder: flip(folder / "units/small/random/0.npz"), "0.npz was altered", {"units/small/random/0.npz"}),
        (lambda folder: (folder / "units/small/random/0.npz").unlink(), "is missing", {"units/small/random/0.npz"}),
        (lambda folder: flip(folder / "manifest.json"), "manifest.json is corrupt", {"manifest.json", "results.csv"}),
        (lambda folder: (folder / "manifest.json").unlink(), "is missing", {"manifest.json", "results.csv"}),
        (lambda folder: flip(folder / "comparison.json"), "comparison.json was altered", {"comparison.json", *UNITS}),
        (
            lambda folder: (folder / "comparison.json").unlink(),
            "comparison.json is missing",
            {"comparison.json", *UNITS},
        ),
    ],
    ids=range(6),
)
def test_a_damaged_comparison_is_repaired(
    damage: Callable[[Path], None], said: str, lost: set[str], comparison_file: Callable[..., Path], folder: Path
) -> None:
    """Runs are made again; without the comparison that they belong to, all of them."""
    whole = (folder / "results.csv").read_bytes()
    damage(folder)
    for act in (lambda: compare(comparison_file(), out=folder, resume=True), lambda: read_results(folder)):
        with pytest.raises(Damaged, match=said) as caught:
            act()
        assert f"nas repair {folder} moves damaged files aside" in caught.value.__notes__[0]
    with pytest.raises(UsageError, match="holds a comparison already"):
        compare(comparison_file(), out=folder)
    found = repair(folder)
    assert found.damaged.keys() == lost
    assert found.command == f"nas compare COMPARISON_FILE --out {folder} --resume"
    assert repair(folder).damaged == {}
    compare(comparison_file(), out=folder, resume=True)
    assert untimed((folder / "results.csv").read_bytes()) == untimed(whole)
