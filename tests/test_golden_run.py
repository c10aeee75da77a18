"""A run that an earlier version wrote, `tests/golden/run`: read as it was, and resumed. `golden/make.py` wrote it."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from nas.errors import UsageError
from nas.manifest import Manifest
from nas.network_files import NETWORK_FILES, PREDICT, PREPARATION
from nas.prediction import predict
from nas.runs.config import load_config
from nas.runs.network import network_contents
from nas.runs.report import write_report
from nas.runs.run import run
from nas.runs.summary import explain
from tests.golden.make import FOLDER, TRIALS, described

SPECIFIED = json.loads(TRIALS.read_text(encoding="utf-8"))


@pytest.fixture
def golden(tmp_path: Path) -> Path:
    """A copy of the run."""
    return Path(shutil.copytree(FOLDER, tmp_path / "run"))


def test_it_is_small() -> None:
    assert sum(path.stat().st_size for path in FOLDER.rglob("*")) < 250_000


def test_it_is_read_as_it_was(golden: Path, tmp_path: Path) -> None:
    Manifest(golden).verify()
    assert described(golden) == SPECIFIED
    assert [trial["number"] for trial in SPECIFIED] == list(range(6))
    assert explain(golden).trials
    # It was written before the preparation and the script were, and not in a folder of its own.
    assert set(network_contents(golden)) == set(NETWORK_FILES) - {PREPARATION, PREDICT}
    with pytest.raises(UsageError, match="an earlier version wrote the network"):
        predict(golden, np.zeros((1, 1, 8, 8)))
    assert write_report(golden).stat().st_size


def test_it_goes_on(golden: Path) -> None:
    result = run(load_config(golden / "config.yaml", ["budget.trials=8"]), out=golden, resume=True)
    assert result.trials == 8
    found = described(golden)
    assert found[:6] == SPECIFIED
    assert [trial["number"] for trial in found[6:]] == [6, 7]
    assert len(predict(golden, np.zeros((2, 1, 8, 8)))) == 2
