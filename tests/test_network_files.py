"""The files of an exported network are those that are named."""

from collections.abc import Mapping
from pathlib import Path

from nas.network_files import ARCHITECTURE, NETWORK, NETWORK_FILES, PREPARATION, WEIGHTS
from tests.prediction.exported import Exported


def test_a_run_and_an_export_have_all_of_them(finished: Path, exported: Mapping[str, Exported]) -> None:
    for folder in (finished / NETWORK, *(one.folder for one in exported.values())):
        assert {path.name for path in folder.iterdir()} >= set(NETWORK_FILES)
    assert {ARCHITECTURE, WEIGHTS, PREPARATION} < set(NETWORK_FILES)
