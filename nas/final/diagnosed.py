"""Where the selected network is right and wrong, and what it knows, as plain data.

Importing this does not load torch.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from pydantic import TypeAdapter, ValidationError

from nas.data.shown import Picture, Shown
from nas.errors import IntegrityError, UsageError
from nas.knowledge.tree import Tree
from nas.tasks.diagnosis import Diagnosis, diagnosis_of, plain_diagnosis


@dataclass(frozen=True)
class Near:
    """A training sample that the network finds like another one.

    Attributes:
        name: of the training sample, see `nas.data.Dataset.name_of`.
        similarity: the cosine of their features, in [-1, 1].
        truth: its target, as text.
        shown: its input, small; None: it is a row of a table.
    """

    name: str
    similarity: float
    truth: str
    shown: Shown | None


@dataclass(frozen=True)
class Hard:
    """A sample with a high loss.

    Attributes:
        place: in its part of the data.
        loss: its loss; None: it is not finite.
        truth: what is right, as text.
        answer: what was predicted.
        shown: its input.
        saliency: of a picture or a spectrogram, what in it speaks for the right answer and against it (integrated
            gradients of minus the loss); None: it is another input, or an earlier version looked at it.
        near: the training samples that the network finds most alike, nearest first; empty: no linear layer ends the
            network, or an earlier version looked at it.
    """

    place: int
    loss: float | None
    truth: str
    answer: str
    shown: Shown
    saliency: Picture | None = None
    near: tuple[Near, ...] = ()


@dataclass(frozen=True)
class Resemblance:
    """How much the layers of a network resemble those of its teacher.

    Attributes:
        samples: the number of samples that they were compared by.
        layers: the names of layers of the network.
        teacher: those of the teacher.
        cka: the similarity of each pair, a row for each layer of the network, see `nas.knowledge.similarity`; None: it
            is not defined.
    """

    samples: int
    layers: tuple[str, ...]
    teacher: tuple[str, ...]
    cka: tuple[tuple[float | None, ...], ...]


@dataclass(frozen=True)
class Diagnosed:
    """Where a network is right and wrong.

    Attributes:
        part: the part of the data, `test` or `val`.
        samples: the number of samples that were looked at.
        diagnosis: of the predictions; None: some are not finite.
        hardest: the samples with the highest loss, descending.
        tree: a decision tree that answers as the network does; None: there is none for such data (`nas.final.as_tree`),
            or an earlier version looked at it.
        resemblance: of its layers and those of its teacher; None: it learned from none (`nas.final.beside_teacher`), or
            an earlier version looked at it.
    """

    part: str
    samples: int
    diagnosis: Diagnosis | None
    hardest: tuple[Hard, ...]
    tree: Tree | None = None
    resemblance: Resemblance | None = None

    def to_dict(self) -> dict[str, Any]:
        """As plain data."""
        diagnosis = None if self.diagnosis is None else plain_diagnosis(self.diagnosis)
        return {**asdict(self), "diagnosis": diagnosis}


_HARDEST: TypeAdapter[tuple[Hard, ...]] = TypeAdapter(tuple[Hard, ...])
_TREE: TypeAdapter[Tree | None] = TypeAdapter(Tree | None)
_RESEMBLANCE: TypeAdapter[Resemblance | None] = TypeAdapter(Resemblance | None)


def diagnosed_of(record: Mapping[str, Any]) -> Diagnosed:
    """What `Diagnosed.to_dict` returned, also after JSON. Raises IntegrityError if the record is of another form."""
    try:
        diagnosis = None if record["diagnosis"] is None else diagnosis_of(record["diagnosis"])
        hardest = _HARDEST.validate_python(record["hardest"])
        tree = _TREE.validate_python(record.get("tree"))
        resemblance = _RESEMBLANCE.validate_python(record.get("resemblance"))
        return Diagnosed(str(record["part"]), int(record["samples"]), diagnosis, hardest, tree, resemblance)
    except (KeyError, TypeError, ValueError, ValidationError, UsageError) as error:
        raise IntegrityError(f"the diagnosis of the selected network has another form: {error}") from error
