"""Which layers of a student are compared with which ones of a teacher: by name, by depth, or the last features of both.

Features of images are `(C, H, W)` for each sample, those of sequences `(C, L)`, channels first as in all layers of
`Network`. Importing this does not load torch.
"""

import math
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import Field

from nas.distillation.kind import INPUT, Anatomy, Kind, Layers
from nas.errors import UsageError, few, nearest

Depth = Annotated[float, Field(gt=0, le=1)]
"""A fraction of the depth of a network; 1: its last layer."""


@dataclass(frozen=True)
class Paired(Kind):
    """A kind that compares features of layers.

    Attributes:
        layers: which layer of the teacher is compared with a layer of the student, as `{conv2: layer1.0}`: what it puts
            out, or, as `linear1:input`, what it reads. Empty: layers are chosen.
    """

    layers: Mapping[str, str] = field(default_factory=dict, hash=False)

    def pairs(self, student: Anatomy, teacher: Anatomy) -> Layers:
        """The layers that are named, or else chosen. Raises UsageError."""
        key = f"distill.by.{self.name}.layers"
        if not teacher:
            raise UsageError(f"{key}: the teacher has no layers whose features can be read, as a `.pt2` has none")
        try:
            found = _named(self.layers, student, teacher) if self.layers else self.chosen(student, teacher)
            for own, theirs in found:
                self.suited(own, student[own], theirs, teacher[theirs])
        except UsageError as error:
            raise UsageError(f"{key}: {error}") from error
        return found

    @abstractmethod
    def chosen(self, student: Anatomy, teacher: Anatomy) -> Layers:
        """The pairs if none are named. Raises UsageError if there are none."""

    def suited(self, own: str, ours: tuple[int, ...], theirs: str, given: tuple[int, ...]) -> None:
        """Raises UsageError if a layer of the student and one of the teacher cannot be compared, given the shapes of
        their features."""


def last_features(student: Anatomy, teacher: Anatomy) -> Layers:
    """What the last linear layers of both read. Raises UsageError if there is not one such layer."""
    own, theirs = (_last(whose, anatomy) for whose, anatomy in (("student", student), ("teacher", teacher)))
    return [(own, theirs)]


def by_depth(at: Sequence[float], student: Anatomy, teacher: Anatomy) -> Layers:
    """The layers at fractions of the depth: of the layers that have features with as many dimensions as both networks
    have, and at most. Raises UsageError if there are none."""
    own, theirs = comparable(student, teacher)
    return [tuple(names[math.ceil(one * len(names)) - 1] for names in (own, theirs)) for one in at]  # type: ignore[misc]


def comparable(student: Anatomy, teacher: Anatomy) -> tuple[Sequence[str], Sequence[str]]:
    """The layers of both with features of the most dimensions that both have. Raises UsageError if there are none."""
    counts = [{len(anatomy[name]) for name in anatomy.outer} for anatomy in (student, teacher)]
    most = max(counts[0] & counts[1], default=0)
    if not most:
        raise UsageError("the networks have no layers with features of as many dimensions")
    own, theirs = ([name for name in one.outer if len(one[name]) == most] for one in (student, teacher))
    return own, theirs


def as_many_dimensions(own: str, ours: tuple[int, ...], theirs: str, given: tuple[int, ...]) -> None:
    """Raises UsageError if the shapes of two features differ in their number of dimensions."""
    if len(ours) != len(given):
        raise UsageError(
            f"expected features with as many dimensions, got {ours} of {own!r} of the student and {given} of "
            f"{theirs!r} of the teacher"
        )


def _named(layers: Mapping[str, str], student: Anatomy, teacher: Anatomy) -> Layers:
    for whose, anatomy, names in (("student", student, layers), ("teacher", teacher, layers.values())):
        for name in names:
            if name not in anatomy:
                meant = nearest(name, anatomy)
                hint = f"; did you mean {meant!r}?" if meant else f", expected one of {few(anatomy.outer)}"
                raise UsageError(f"the {whose} has no features {name!r}{hint}")
    return list(layers.items())


def _last(whose: str, anatomy: Anatomy) -> str:
    names = [name + INPUT for name in anatomy.heads if name + INPUT in anatomy]
    if len(names) != 1:
        ends = f"ends in {len(names)} of them" if names else "has none"
        raise UsageError(f"expected networks that end in one linear layer, but the {whose} {ends}; name the layers")
    return names[0]
