"""Data sets as a space sees them."""

from dataclasses import dataclass

from nas.data.input_spec import InputSpec
from nas.modality import Modality
from nas.ops import Shape


@dataclass(frozen=True)
class Given:
    """What a space needs of a data set."""

    input: InputSpec
    modalities: tuple[Modality, ...]
    outputs: tuple[str, ...] = ("cat", "dog")


def given(
    modality: Modality,
    shape: Shape,
    *,
    tokens: int | None = None,
    categories: tuple[int, ...] = (),
    rate: int | None = None,
) -> Given:
    """Data of one kind of inputs."""
    return Given(InputSpec(modality, shape, tokens, categories, rate), (modality,))
