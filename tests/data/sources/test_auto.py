"""Data at a path."""

from pathlib import Path

import numpy as np
import pytest

from nas.data import load_data
from nas.errors import UsageError


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "some.npz"
    np.savez(path, train_inputs=np.arange(20.0)[:, None], train_labels=np.arange(20) % 2)
    return path


def test_it_says_what_it_took_a_path_for_and_why(archive: Path) -> None:
    data = load_data("auto", path=archive, val_share=0.5)
    assert data.notes == ("some.npz is read as `npz`, because its name ends in .npz",)
    assert data.fingerprint == load_data("npz", path=archive, val_share=0.5).fingerprint


def test_a_setting_that_the_source_lacks(archive: Path) -> None:
    message = "is read as npz, because its name ends in .npz; npz has no setting 'target'"
    with pytest.raises(UsageError, match=message):
        load_data("auto", path=archive, target="price")


def test_paths_that_nothing_recognises(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"there is no file or folder .*none"):
        load_data("auto", path=tmp_path / "none")
    (tmp_path / "some.xyz").write_bytes(b"")
    with pytest.raises(UsageError, match=r"some\.xyz: no source recognises it; name one of .*npz"):
        load_data("auto", path=tmp_path / "some.xyz")
    (tmp_path / "flat").mkdir()
    (tmp_path / "flat" / "a.png").write_bytes(b"")
    with pytest.raises(UsageError, match="flat: no source recognises it; a folder of images, sounds"):
        load_data("auto", path=tmp_path / "flat")
