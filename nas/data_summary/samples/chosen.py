"""The training samples that are looked at."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.data import Augment, Dataset
from nas.data.preparation.images import fit_images
from nas.data.preparation.raw_images import RawImages
from nas.data.preparation.raw_sounds import RawSounds
from nas.data.preparation.sounds import fit_sounds
from nas.data_summary.blocks import spread
from nas.data_summary.duplicates import sample_of
from nas.data_summary.records import Sample


@dataclass(frozen=True, eq=False)
class Chosen:
    """Some training samples.

    Attributes:
        samples: which ones.
        before: of files, each input as it is read, `(C, H, W)` or `(1, L)`; None: it is no file, or it is gone.
        rates: of sounds, the rate of each file, samples a second.
        prepared: the inputs as networks get them, `(N, *shape)`.
        augmented: as trainings see them, `(copies, N, *shape)`; None: nothing is augmented.
    """

    samples: tuple[Sample, ...]
    before: tuple[NDArray[Any] | None, ...]
    rates: tuple[int, ...]
    prepared: NDArray[Any]
    augmented: NDArray[Any] | None


def choose_samples(data: Dataset, count: int, augment: Augment | None = None, *, copies: int = 1) -> Chosen:
    """Training samples of as many classes as possible, evenly spread.

    Args:
        data: the data set.
        count: how many at most.
        augment: the augmentation; None: there is none. Only with one is torch loaded.
        copies: how often each is augmented.

    Raises:
        UsageError: the augmentation does not suit the data.
    """
    rows = _rows(data, count)
    prepared = np.asarray(data.train.inputs[rows])
    augmented = None
    if augment is not None and augment != Augment():
        from nas.data.augmentation.preview import augmented_samples

        augmented = augmented_samples(data, augment, rows.tolist(), copies=copies)
    read = [_read(data, int(row)) for row in rows]
    return Chosen(
        tuple(sample_of(data, "train", int(row)) for row in rows),
        tuple(one for one, _ in read),
        tuple(rate for _, rate in read),
        prepared,
        augmented,
    )


def _rows(data: Dataset, count: int) -> NDArray[np.intp]:
    """The places of the samples: one of each class in turn."""
    targets = data.train.targets
    if targets.ndim != 1:
        return spread(len(targets), count)
    classes = [np.flatnonzero(targets == label) for label in np.unique(targets)]
    if len(classes) >= count:
        return np.array([classes[place][0] for place in spread(len(classes), count)], np.intp)
    of_each = -(-count // len(classes))
    picked = [places[spread(len(places), of_each)] for places in classes]
    return np.concatenate(picked)[:count].astype(np.intp)


def _read(data: Dataset, row: int) -> tuple[NDArray[Any] | None, int]:
    """A file as it is, without changes of its size, its length or its rate, and the rate of a sound."""
    origin = data.origins.get("train")
    path = None if origin is None else origin.path(row)
    if path is None or not path.is_file():
        return None, 0
    match data.input.modality:
        case "image":
            image = RawImages.of([path])
            return fit_images(image)(image)[0], 0
        case "sound":
            sound = RawSounds.of_files([path])
            fitted = fit_sounds(sound)
            return fitted(sound)[0], fitted.rate
    return None, 0
