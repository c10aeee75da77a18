"""Handwritten digits."""

from importlib import resources

import numpy as np

from nas.arguments import Seed, checked
from nas.data.dataset import Dataset, Share, from_arrays, split
from nas.data.samples import Samples


@checked
def digits(*, val_share: Share = 0.2, test_share: Share = 0.2, split_seed: Seed = 0) -> Dataset:
    """1,797 handwritten digits of 8×8 pixels in 0 to 16: the test part of a UCI data set, which scikit-learn has too.

    "Optical Recognition of Handwritten Digits", E. Alpaydin & C. Kaynak 1998, https://doi.org/10.24432/C50P49, licence
    CC BY 4.0. The images are stored in `digits.npz`, because loading scikit-learn takes a second.

    The data set has no predefined split. A stratified fraction `test_share` of all samples becomes the test part, and
    `val_share` of the others the validation part.
    """
    with resources.files("nas.data").joinpath("digits.npz").open("rb") as file, np.load(file) as stored:
        everything = Samples(stored["images"], stored["labels"].astype(np.int64))
    rest, test = split(everything, test_share, seed=split_seed, what="test_share")
    return from_arrays(*rest, test=test, name="digits", val_share=val_share, seed=split_seed)
