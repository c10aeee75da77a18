"""The weights of a policy in a safetensors file, with the decisions of the space that they belong to."""

import json
from collections.abc import Mapping
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from nas.controllers.backends.sequence_policy import Policy
from nas.controllers.backends.vocabulary import Vocabulary
from nas.errors import IntegrityError
from nas.files import read_bytes, write_bytes

ENTRY = "archwright"
"""The only entry of the file's metadata: safetensors writes several entries in varying order."""


def save_policy(policy: Policy, shape: Mapping[str, int], path: str | Path) -> None:
    """Writes the weights, the shape of the model, and the decisions of the space. Raises StorageError."""
    record = {"shape": dict(shape), "decisions": _decisions(policy.vocabulary)}
    write_bytes(path, save(dict(policy.model.state_dict()), metadata={ENTRY: json.dumps(record)}))


def read_policy(path: str | Path, vocabulary: Vocabulary) -> tuple[dict[str, int], dict[str, Tensor]]:
    """The shape of the model and its weights.

    Raises:
        StorageError: the file cannot be read.
        IntegrityError: it is corrupt, no such file, or made for a space with other decisions; says what differs.
    """
    data = read_bytes(path)
    try:
        weights = load(data)
        header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
        record = json.loads(header["__metadata__"][ENTRY])
        shape = {name: int(record["shape"][name]) for name in ("width", "layers", "heads")}
        if min(shape.values()) < 1 or shape["width"] % shape["heads"]:
            raise ValueError(f"no model has the shape {shape}")
        decisions = {str(name): list(options) for name, options in record["decisions"]}
    except (SafetensorError, ValueError, TypeError, KeyError) as error:
        raise IntegrityError(f"{path} does not contain the weights of a policy: {error!r}") from error
    difference = _difference(decisions, vocabulary)
    if difference:
        raise IntegrityError(f"{path} contains the weights of a policy for another space: {difference}")
    return shape, weights


def _decisions(vocabulary: Vocabulary) -> list[tuple[str, list[object]]]:
    return [(name, list(options)) for name, options in vocabulary.universe.items()]


def _difference(decisions: Mapping[str, list[object]], vocabulary: Vocabulary) -> str:
    """The first difference, in words; empty if there is none."""
    here = dict(_decisions(vocabulary))
    for name, options in here.items():
        if name not in decisions:
            return f"it lacks the decision {name}"
        if repr(decisions[name]) != repr(options):
            return f"expected the options {options} of {name}, got {decisions[name]}"
    for name in decisions:
        if name not in here:
            return f"it has a decision that is not in this space: {name}"
    return "" if list(decisions) == list(here) else "its decisions are in another order"
