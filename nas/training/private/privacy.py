"""What a recipe says of privacy. Importing this does not load torch."""

from dataclasses import dataclass
from typing import Literal

from nas.arguments import Chance, Finite, PositiveFloat, checked
from nas.errors import UsageError

Noise = Literal["secret", "seeded"]


@checked
@dataclass(frozen=True)
class Privacy:
    """A bound on what a network tells of each sample that it is trained on: (ε, δ)-differential privacy.

    Trainings are those of DP-SGD (Abadi et al. 2016), with any optimizer. `batch_size` is the expected size of a batch,
    and `clip_norm` the maximal norm of the gradient of each sample (C in the paper, `max_grad_norm` of Opacus).

    Attributes:
        epsilon: the greatest ε. How much noise it takes follows from all epochs, before anything is trained.
        delta: δ, less than 1 / N for N training samples.
        noise: `secret`: the batches and the noise follow from the operating system alone, so that no one can take them
            away; a training that is repeated has another result. `seeded`: they follow from the seed of the training,
            so that it can be repeated; the bound holds only against those who do not know the seed.
        input_range: the least and the greatest value of inputs, which must be public, since networks normalise by it in
            place of what the training samples are like. `null`: 0 and 255 of bytes; other inputs are taken as they are.
    """

    epsilon: PositiveFloat
    delta: Chance = 1e-5
    noise: Noise = "secret"
    input_range: tuple[Finite, Finite] | None = None

    def __post_init__(self) -> None:
        if self.input_range is not None and self.input_range[0] >= self.input_range[1]:
            raise UsageError(f"privacy.input_range: expected the lesser number first, got {self.input_range}")
