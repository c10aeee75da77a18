"""What `config.yaml` records of the data of a run."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nas.data import Dataset, InputSpec
from nas.data.input_spec import spec_of_arrays


@dataclass(frozen=True)
class RecordedData:
    """A recorded data set as a space sees it, which was loaded for it before.

    Attributes:
        input: what the inputs are.
        outputs: the names of the outputs.
        modalities: empty: the space has been found to be for the data.
    """

    input: InputSpec
    outputs: tuple[str, ...]
    modalities: tuple[str, ...] = ()


def record_of(data: Dataset) -> dict[str, Any]:
    """What is recorded of a data set."""
    spec = data.input
    words = {"tokens": spec.tokens, "categories": list(spec.categories), "rate": spec.rate}
    return {
        "name": data.name,
        "shape": list(data.shape),
        "input": {"modality": spec.modality, **{word: value for word, value in words.items() if value}},
        "task": data.task.name,
        "outputs": list(data.outputs),
        "train": len(data.train),
        "val": len(data.val),
        "test": len(data.test) if data.test else None,
        "notes": list(data.notes),
        "sha256": data.fingerprint,
    }


def recorded_data(recorded: Mapping[str, Any]) -> RecordedData | None:
    """What a space has to know of the data that a run recorded; None: there is no record of them.

    Runs that record no modality were of arrays.
    """
    found = recorded.get("data", {})
    if "shape" not in found or "outputs" not in found:
        return None
    shape, words = tuple(found["shape"]), dict(found.get("input", {}))
    words["categories"] = tuple(words.get("categories", ()))
    spec = InputSpec(shape=shape, **words) if "modality" in words else spec_of_arrays(shape)
    return RecordedData(spec, tuple(found["outputs"]))
