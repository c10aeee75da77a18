"""CIFAR as it is downloaded."""

from pathlib import Path

import numpy as np
import pytest

from nas.data import load_data
from nas.data.reading.cifar_files import FORMS
from nas.errors import UsageError
from tests.data.reading.test_cifar_files import IMAGES, cifar_files, write_archive, write_folder


def test_cifar_10(tmp_path: Path) -> None:
    prints = set()
    for form, kind in ((FORMS[0], "python"), (FORMS[1], "binary")):
        inside = {f"{form.folder}/{name}": content for name, content in cifar_files(form).items()}
        archive = write_archive(tmp_path / f"cifar-10-{kind}.tar.gz", inside)
        folder = write_folder(tmp_path / form.folder, cifar_files(form))
        for path in (archive, folder):
            data = load_data("auto", path=path)
            assert data.notes[0].startswith(f"{path.name} is read as `cifar`, because ")
            assert data.test is not None
            assert (data.name, data.outputs, data.shape) == ("cifar10", ("cat", "dog"), (3, 32, 32))
            assert (len(data.train), len(data.val), len(data.test)) == (32, 8, 8)
            assert np.array_equal(data.test.inputs, IMAGES.reshape(8, 3, 32, 32))
            assert all(part.inputs.flags.writeable for part in (data.train, data.val, data.test))
            prints.add(data.fingerprint)
    assert len(prints) == 1
    with pytest.raises(UsageError, match="CIFAR-10 has no coarse labels"):
        load_data("cifar", path=folder, labels="coarse")


def test_cifar_100(tmp_path: Path) -> None:
    for form in FORMS[2:]:
        folder = write_folder(tmp_path / form.folder, cifar_files(form))
        assert load_data("auto", path=folder).outputs == ("cat", "rose")
        data = load_data("cifar", path=folder, labels="coarse", val_share=0.5)
        assert (data.name, data.outputs, len(data.val)) == ("cifar100", ("pets", "plants"), 4)
