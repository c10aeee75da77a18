"""Handwritten digits."""

import numpy as np

from nas.arguments import Seed, checked
from nas.data.dataset import Dataset, Samples, Share, from_arrays, split


@checked
def digits(*, val_share: Share = 0.2, test_share: Share = 0.2, split_seed: Seed = 0) -> Dataset:
    """1,797 handwritten digits of 8×8 pixels in 0 to 16, included in scikit-learn (UCI, Alpaydin & Kaynak 1998).

    The data set has no predefined split. A stratified fraction `test_share` of all samples becomes the test part, and
    `val_share` of the others the validation part.
    """
    from sklearn.datasets import load_digits

    loaded = load_digits()
    images, labels = loaded.images, loaded.target
    everything = Samples(images[:, None].astype(np.uint8), labels.astype(np.int64))
    rest, test = split(everything, test_share, seed=split_seed, what="test_share")
    return from_arrays(*rest, test=test, name="digits", val_share=val_share, seed=split_seed)
