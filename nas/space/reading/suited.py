"""Which of the spaces of Archwright suit some data: the one that `space: auto` takes, and those that an error names."""

from collections.abc import Mapping, Sequence
from functools import cache
from types import MappingProxyType

from nas.document import read_document
from nas.errors import UsageError
from nas.modality import MODALITIES
from nas.ops import Shape
from nas.ops.op import show_shape
from nas.space.reading.purpose import ANY_NUMBER, Purpose, read_purpose, size_of
from nas.space.reading.samples import DataLike
from nas.space.shipped import space_file, space_names

AUTO = "auto"
"""The name that stands for the space of Archwright that suits the data."""

DEFAULTS = (
    "digits_cnn",
    "mobilenet_like",
    "image_cnn",
    "series_cnn",
    "sound_cnn",
    "textcnn",
    "tabular_resnet",
    "tabular_mlp",
)
"""The spaces that `space: auto` chooses from: the first one that is meant for the data, by its `for`, is taken."""


@cache
def purposes() -> Mapping[str, Purpose]:
    """What each space of Archwright is meant for, by its name."""
    return MappingProxyType({name: read_purpose(read_document(space_file(name))) for name in space_names()})


def pick_space(data: DataLike, samples: int) -> tuple[str, str]:
    """The name of the space of Archwright for some data, and why.

    Args:
        data: the data set.
        samples: the number of its training samples.

    Raises:
        UsageError: no space is meant for them.
    """
    modality, shape = data.input.modality, data.input.shape
    for name in DEFAULTS:
        found = purposes()[name]
        if found.suits(modality, shape, samples):
            many = f" and there are {samples:,} training samples" if found.samples != ANY_NUMBER else ""
            return name, f"the data are {show_inputs(modality, shape)}{many}"
    raise UsageError(
        f"no space is chosen automatically for {show_inputs(modality, shape)}; name one: {listed([modality])}"
    )


def misfit(name: str, purpose: Purpose, data: DataLike) -> str:
    """Why a space is not for some data, with the spaces that are; empty: it may be for them."""
    if not purpose.modality or not data.modalities or not {*purpose.modality}.isdisjoint(data.modalities):
        return ""
    meant = " and ".join(MODALITIES[one] for one in purpose.modality)
    shown = show_inputs(data.input.modality, data.input.shape)
    return f"{name} is for {meant}, and the data are {shown}; {listed(data.modalities)}"


def listed(modalities: Sequence[str]) -> str:
    """The spaces of Archwright for kinds of inputs, in words."""
    kinds = []
    for modality in modalities:
        names = [name for name, purpose in purposes().items() if modality in purpose.modality]
        kinds.append(f"spaces for {MODALITIES[modality]}: {', '.join(names) or 'none yet'}")
    return "; ".join(kinds)


def show_inputs(modality: str, shape: Shape) -> str:
    """What inputs are, in words: `images of 3×32×32`, `a table of 14 columns`."""
    size = size_of(shape)
    match modality:
        case "table":
            return f"a table of {size:,} column{'s' * (size != 1)}"
        case "text":
            return f"texts of {size:,} tokens"
        case "sound":
            return f"sounds of {size:,} values"
        case _:
            return f"{MODALITIES[modality]} of {show_shape(shape)}"
