"""The command `nas compare`."""

import json
from collections.abc import Callable
from pathlib import Path

from tests.cli.conftest import Command
from tests.comparisons import comparison as comparison
from tests.comparisons import comparison_file as comparison_file
from tests.comparisons import space as space
from tests.comparisons import table as table


def test_compare(comparison_file: Callable[..., Path], tmp_path: Path, nas: Command) -> None:
    out = tmp_path / "out"
    done = nas("compare", comparison_file(), "--seeds", 6, "--jobs", 1, "--out", out, "--quiet")
    assert (done.code, done.err) == (0, "")
    assert done.out.endswith(f"12 runs. The results and the report are in {out}\n")
    assert (out / "report.html").read_text().startswith("<!doctype html>")

    again = nas("compare", comparison_file(), "--seeds", 6, "--out", out, "--resume", "--json")
    assert again.code == 0
    assert json.loads(again.out)["folder"] == str(out)

    refused = nas("compare", comparison_file(), "--seeds", 5)
    assert refused.code == 2
    assert "option '--seeds 5'" in refused.err
    assert "too few seeds for the tests" in refused.err
