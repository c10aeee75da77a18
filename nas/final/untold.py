"""What is written beside the weights of a private network, without what it tells of the training samples."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from nas.data.intake import Intake
from nas.data.preparation import Preparation
from nas.data.preparation.images import Images
from nas.data.preparation.sounds import Sounds
from nas.data.preparation.tables import Tables
from nas.data.preparation.texts import Texts
from nas.tasks import Task
from nas.tasks.classification import Classification
from nas.tasks.multilabel import Multilabel


def untold_task(task: Task) -> Task:
    """A task without the numbers of training samples of its classes or labels."""
    match task:
        case Classification():
            return replace(task, counts=())
        case Multilabel():
            return replace(task, counts=())
    return task


def untold_intake(intake: Intake, mean: NDArray[np.float32]) -> Intake:
    """How samples are taken in, without what is known of the training samples beside the shape of inputs.

    Args:
        intake: as it was in the training, of a preparation that is not fitted to the training samples.
        mean: what a network is centred at, per channel; it stands for missing values.
    """
    return replace(intake, preparation=_untold(intake.preparation, mean))


def _untold(preparation: Preparation, mean: NDArray[np.float32]) -> Preparation:
    match preparation:
        case Images(size=(height, width)):
            return replace(preparation, heights=(height, height), widths=(width, width))
        case Sounds(rate=rate, length=length):
            return replace(preparation, rates=(rate, rate), seconds=(length / rate, length / rate))
        case Texts():
            return replace(preparation, truncated=0.0)
        case Tables(numbers=numbers):
            filled = zip(numbers, mean.ravel().tolist(), strict=False)  # what follows them are marks and codes
            return replace(preparation, numbers=tuple(replace(one, fill=fill) for one, fill in filled))
    return preparation
