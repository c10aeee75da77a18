"""scikit-learn's digits."""

import numpy as np
from sklearn.datasets import load_digits

from nas.data import load_data
from nas.data.sources.digits import digits


def test_digits() -> None:
    data = load_data("digits")
    assert (data.name, data.shape, data.outputs) == ("digits", (1, 8, 8), tuple("0123456789"))
    assert data.test is not None
    assert (len(data.train), len(data.val), len(data.test)) == (1149, 288, 360)
    assert data.train.inputs.dtype == np.uint8
    assert (data.train.inputs.min(), data.train.inputs.max()) == (0, 16)
    # Finished runs know their data by this value: see the golden one of `test_dataset.py`.
    assert data.fingerprint == "8762dccd493d8e29949aa52b132808cac5d790cdfcf94a6fadf3ccf0905e5722"
    for samples in (data.train, data.val, data.test):
        shares = np.bincount(samples.targets, minlength=10) / len(samples)
        assert (abs(shares - 0.1) < 0.01).all()


def test_digits_options() -> None:
    data = digits(val_share=0.5, test_share=0.1, split_seed=1)
    assert data.test is not None
    assert (len(data.train), len(data.val), len(data.test)) == (808, 809, 180)
    prints = {digits().fingerprint, data.fingerprint, digits(split_seed=1).fingerprint}
    assert len(prints) == 3
    assert digits().fingerprint == digits().fingerprint


def test_the_images_are_those_of_scikit_learn() -> None:
    data, loaded = digits(), load_digits()
    assert data.test is not None
    parts = (data.train, data.val, data.test)
    ours = sorted((label, image.tobytes()) for part in parts for image, label in zip(*part, strict=True))
    theirs = zip(loaded.target, loaded.images.astype(np.uint8), strict=True)
    assert ours == sorted((label, image.tobytes()) for label, image in theirs)
