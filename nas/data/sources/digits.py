"""Handwritten digits."""

from importlib import resources

import numpy as np

from nas.arguments import Seed, checked
from nas.data.assemble import RawPart, assemble
from nas.data.dataset import Dataset
from nas.data.split import Share, Split


@checked
def digits(*, val_share: Share = 0.2, test_share: Share = 0.2, split_seed: Seed = 0) -> Dataset:
    """1,797 handwritten digits of 8×8 pixels in 0 to 16: the test part of a UCI data set, which scikit-learn has too.

    "Optical Recognition of Handwritten Digits", E. Alpaydin & C. Kaynak 1998, https://doi.org/10.24432/C50P49, licence
    CC BY 4.0. The images are stored in `digits.npz`, because loading scikit-learn takes a second.

    The data set has no predefined split. A stratified fraction `test_share` of all samples becomes the test part, and
    `val_share` of the others the validation part.
    """
    with resources.files("nas.data.sources").joinpath("digits.npz").open("rb") as file, np.load(file) as stored:
        everything = RawPart(stored["images"], stored["labels"].astype(np.int64))
    return assemble("digits", {"train": everything}, None, Split(val_share, test_share, split_seed))
