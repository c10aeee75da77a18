"""Data sets in memory, and augmentation of batches."""

from nas.data.augmentation import Augment
from nas.data.dataset import Dataset
from nas.data.input_spec import InputSpec
from nas.data.preparation.texts import Tokenizing
from nas.data.samples import Samples
from nas.data.sources import DATASETS, load_data
from nas.data.sources.arrays import from_arrays
from nas.data.sources.image_lists import from_images
from nas.data.sources.sounds import from_sounds
from nas.data.sources.table_in_memory import from_table
from nas.data.sources.texts_in_memory import from_texts
from nas.data.sources.torch_datasets import from_dataset

__all__ = [
    "DATASETS",
    "Augment",
    "Dataset",
    "InputSpec",
    "Samples",
    "Tokenizing",
    "from_arrays",
    "from_dataset",
    "from_images",
    "from_sounds",
    "from_table",
    "from_texts",
    "load_data",
]
