"""Results of trials after a damaged one come back; those of failed trials do not."""

from dataclasses import replace
from pathlib import Path

from nas.driver.log import read_log
from nas.manifest import Manifest
from nas.runs.salvaged import keep_salvaged, salvaged


def test_results_come_back(finished: Path, tmp_path: Path) -> None:
    assert salvaged(Manifest(tmp_path)) == ()
    first, second, *_ = read_log(finished / "study.db").trials
    failed = replace(second, record={**second.record, "error": "CRASH: it fell"})
    keep_salvaged(Manifest(tmp_path), [first, failed])
    (found,) = salvaged(Manifest(tmp_path))
    assert found.choices == first.choices
    assert (found.epochs, found.seed) == (first.record["epochs"], first.record["seed"])
    assert found.metrics["val_acc"] == first.record["metrics"]["val_acc"]
