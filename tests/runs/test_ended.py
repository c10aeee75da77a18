"""Why a search ended, as a record in the folder of a run."""

from pathlib import Path

import pytest

from nas.driver.accounts import End
from nas.errors import Damaged
from nas.manifest import Manifest
from nas.runs.ended import Ended, keep_ended, kept_ended


def test_an_end_comes_back_for_the_trials_that_it_ended(tmp_path: Path) -> None:
    manifest = Manifest(tmp_path)
    assert kept_ended(manifest, 9) is None
    ended = Ended(End("patience", "3 trials in a row brought no improvement"), 9, 8)
    keep_ended(manifest, ended)
    assert kept_ended(Manifest(tmp_path), 9) == ended
    assert kept_ended(Manifest(tmp_path), 10) is None, "the search went on"


def test_an_end_that_was_altered(tmp_path: Path) -> None:
    keep_ended(Manifest(tmp_path), Ended(End("target", "trial 1 reached the target, val_acc 0.9"), 3, 3))
    file = tmp_path / "search.json"
    file.write_text(file.read_text().replace("0.9", "0.8"))
    with pytest.raises(Damaged, match=r"search\.json"):
        kept_ended(Manifest(tmp_path), 3)
