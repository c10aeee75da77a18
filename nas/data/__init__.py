"""Data sets in memory, and augmentation of batches."""

from nas.data.augment import Augment
from nas.data.dataset import Dataset, from_arrays, split
from nas.data.samples import Samples
from nas.data.sources import DATASETS, load_data

__all__ = ["DATASETS", "Augment", "Dataset", "Samples", "from_arrays", "load_data", "split"]
