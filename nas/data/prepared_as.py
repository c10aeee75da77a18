"""Data sets for networks that were trained on other data: prepared as those were."""

from dataclasses import replace

from nas.data.dataset import Dataset
from nas.data.preparation import Preparation
from nas.data.preparation.arrays import Arrays
from nas.data.prepared import prepare
from nas.data.samples import Samples
from nas.data.storage import Storage
from nas.errors import UsageError
from nas.modality import MODALITIES


def prepared_as(data: Dataset, preparation: Preparation) -> Dataset:
    """A data set whose inputs are what a network takes.

    Samples of the kind of the preparation are prepared anew by it: with its vocabulary, columns, size or rate. Others,
    such as files of images for a network of arrays, stay as they are prepared, if the network takes them so.

    Args:
        data: the data set.
        preparation: that of the network.

    Raises:
        UsageError: the samples are of another modality, shape or type, or cannot be prepared.
    """
    own, wanted = data.intake.preparation, preparation.input
    if own == preparation:
        return data
    if wanted.modality not in data.modalities:
        raise UsageError(
            f"{data.name}: the network takes {MODALITIES[wanted.modality]}, got {MODALITIES[own.input.modality]}"
        )
    raws = {part: samples.inputs for part, samples in data.parts.items()} if isinstance(own, Arrays) else data.raws
    if type(own) is type(preparation) and raws:
        try:
            found = prepare(raws, lambda _: preparation, Storage())
        except UsageError as error:
            raise UsageError(f"{data.name} cannot be prepared for the network: {error}") from error
        parts = {part: Samples(found.inputs[part], samples.targets) for part, samples in data.parts.items()}
        return replace(data, **parts, preparation=preparation)  # type: ignore[arg-type]  # parts of it by name
    for what, expected, got in (
        ("samples of shape", wanted.shape, own.input.shape),
        ("inputs of type", preparation.dtype, own.dtype),
        ("a vocabulary of", wanted.tokens, own.input.tokens),
        ("codes of categories", wanted.categories, own.input.categories),
    ):
        if expected != got:
            raise UsageError(f"{data.name}: the network takes {what} {expected}, got {got}")
    return data
