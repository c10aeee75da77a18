"""The command `nas transfer`."""

import json
from pathlib import Path

import numpy as np
import pytest

from tests.cli.conftest import Command
from tests.prediction import exported
from tests.prediction.exported import Exported


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Exported:
    """A network for arrays of three numbers, and a file with some and their classes."""
    return exported.arrays(tmp_path_factory.mktemp("arrays"))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    inputs = np.random.default_rng(0).normal(size=(60, 3))
    np.savez(tmp_path / "new.npz", train_inputs=inputs, train_labels=np.where(inputs[:, 0] > 0, "up", "down"))
    return tmp_path / "new.npz"


def test_transfer(given: Exported, data: Path, tmp_path: Path, nas: Command) -> None:
    out = tmp_path / "network"
    options = ("transfer", given.folder, "--data", data, "--device", "cpu", "--no-scratch")
    done = nas(*options, "--out", out, "val_share=0.5")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("new: 30 training samples, 30 to validate on, 0 to test\nfeatures: 3 numbers of input\n")
    assert done.out.endswith(f"\n\nThe network is in {out}.\n")
    assert all(len(line) <= 80 for line in done.out.splitlines()[:-1])
    np.save(tmp_path / "one.npy", [[5.0, 0.0, 0.0]])
    assert nas("predict", out, tmp_path / "one.npy").out.splitlines()[1].split()[2] == "up"
    found = json.loads(nas(*options, "--method", "knn", "--samples", 40, "--json").out)
    assert (found["train"], found["val"], found["method"], found["scratch"]) == (32, 8, "knn", None)
    assert list(found["chosen"]) == ["neighbours"]


def test_what_cannot_be(given: Exported, data: Path, tmp_path: Path, nas: Command) -> None:
    for options, message in (
        (("--method", "copy"), "--method is 'copy', expected probe, knn, tune"),
        (("--recipe", "slow"), "--recipe is 'slow', expected quick, standard, thorough"),
        (("--trunk-rate", "2"), "--trunk-rate is 2, expected more than 0, and 1 at most"),
        (("--method", "knn", "--out", tmp_path / "out"), "k-NN keeps all training samples and is no network"),
        (("--layer", "conv1"), "the network has no layer 'conv1', expected one of"),
        (("--data", "digits"), "digits: the network takes tables, got images"),
    ):
        done = nas("transfer", given.folder, "--data", data, *options)
        assert (done.code, done.out) == (2, "")
        assert message in done.err
    assert not (tmp_path / "out").exists()
