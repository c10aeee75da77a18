"""How inputs are made from a teacher. Importing this does not load torch."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from nas.arguments import Fraction, NotNegativeFloat, Positive, PositiveFloat, Seed


@dataclass(frozen=True)
class Inverting:
    """The settings of an inversion (`nas.distillation.inversion`).

    Attributes:
        count: how many inputs.
        seed: of their random numbers.
        steps: of Adam, with a learning rate that falls to 0 along half a cosine.
        batch_size: the most inputs that are made together: their statistics are those of so many.
        lr: the first learning rate, in standard deviations of the inputs.
        statistics: the weight of the statistics before each batch norm.
        total_variation: the weight of the differences of neighbours.
        l2: the weight of the size of the inputs, as deviations from the mean.
        shift: the greatest shift of images in each step, as a fraction of their sides.
        flip: whether half of all steps see images in a mirror.
    """

    count: Positive
    seed: Seed = 0
    steps: Positive = 500
    batch_size: Annotated[int, Field(ge=2)] = 256
    lr: PositiveFloat = 0.1
    statistics: NotNegativeFloat = 1.0
    total_variation: NotNegativeFloat = 0.01
    l2: NotNegativeFloat = 0.001
    shift: Fraction = 0.1
    flip: bool = False
