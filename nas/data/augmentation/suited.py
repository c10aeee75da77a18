"""Whether augmentation suits the inputs of a data set."""

from nas.data.input_spec import InputSpec
from nas.errors import UsageError
from nas.modality import MODALITIES, listed
from nas.ops import Augment
from nas.ops.augment import CHANNELS


def check_augment(augment: Augment, input: InputSpec) -> None:
    """Raises UsageError if augmentation does not suit the inputs of a data set, naming each setting that does not."""
    wrong = [
        f"augment.{name}: for {listed(kinds)}, but the data are {MODALITIES[input.modality]}"
        for name, kinds in augment.unsuited([input.modality]).items()
    ]
    if augment.saturation and input.modality == "image" and input.shape[0] != CHANNELS:
        wrong.append(f"augment.saturation: for images of {CHANNELS} channels, but the data have {input.shape[0]}")
    if augment.mixup and input.categories:
        wrong.append("augment.mixup: for numbers, but the data have categories, which have no mean")
    if wrong:
        raise UsageError("; ".join(wrong))
